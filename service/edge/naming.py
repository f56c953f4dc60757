"""Names of the schemas in the OpenAPI document, which generators make classes of.

The law: no two have one name, and none has a name that generated clients need.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

LAYERS: Final = frozenset(
    {"presenting", "rules", "schemas", "stages", "tables", "hr", "form"}
)
"""Modules that tell a reader of the API nothing."""
TAKEN: Final[Mapping[str, str]] = {"Response": "FeedbackFormIn"}
"""What openapi-python-client calls something of its own, and what stands for it."""
REFERENCE: Final = "#/components/schemas/"


def name_schemas(drawn: dict[str, Any]) -> None:
    """Give each schema a short name of its own, as its title too."""
    schemas = drawn["components"]["schemas"]
    called = _names(schemas)
    drawn["components"]["schemas"] = {
        called[name]: {**schema, "title": called[name]}
        for name, schema in schemas.items()
    }
    _refer(drawn, called)


def _names(schemas: Mapping[str, Any]) -> dict[str, str]:
    """Return what each is called: of those of one name, by the room it is from too."""
    short = {name: TAKEN.get(name, _short(name)) for name in schemas}
    times = Counter(short.values())
    return {
        name: called if times[called] == 1 else _joined(name.split("_"))
        for name, called in short.items()
    }


def _short(name: str) -> str:
    """Turn `scores_deciding_rules_Capacity` into ScoresDecidingCapacity."""
    return _joined([part for part in name.split("_") if part not in LAYERS])


def _joined(parts: list[str]) -> str:
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _refer(value: object, called: Mapping[str, str]) -> None:
    """Have every reference say the new name."""
    if isinstance(value, dict):
        name = str(value.get("$ref", "")).removeprefix(REFERENCE)
        if name in called:
            value["$ref"] = f"{REFERENCE}{called[name]}"
        for each in value.values():
            _refer(each, called)
    elif isinstance(value, list):
        for each in value:
            _refer(each, called)
