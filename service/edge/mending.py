"""What Litestar draws in the OpenAPI document and should not, taken out again."""

from typing import Any


def mend_items(drawn: object) -> None:
    """Say what a tuple of any length holds: Litestar adds that it may hold anything."""
    if isinstance(drawn, dict):
        items = drawn.get("items")
        if isinstance(items, dict) and "oneOf" in items:
            drawn["items"] = _once(items)
        for value in drawn.values():
            mend_items(value)
    elif isinstance(drawn, list):
        for value in drawn:
            mend_items(value)


def _once(items: dict[str, Any]) -> dict[str, Any]:
    """Return alternatives without what is empty, and without what is there already."""
    kept: list[dict[str, Any]] = []
    for each in items["oneOf"]:
        if each and each not in kept:
            kept.append(each)
    return kept[0] if len(kept) == 1 else {**items, "oneOf": kept}


def drop_unused_schemes(drawn: dict[str, Any]) -> None:
    """Describe only the ways to authenticate that some operation takes."""
    used = {
        name
        for item in drawn["paths"].values()
        for operation in item.values()
        for each in operation.get("security", ())
        for name in each
    }
    schemes = drawn["components"]["securitySchemes"]
    for name in set(schemes) - used:
        del schemes[name]
