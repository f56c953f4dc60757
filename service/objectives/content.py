"""What an objective says: one statement that people agree to, and how two differ.

The law: a version is its whole content in one canonical form; what changed is worked
out from two versions, and never stated by whoever changed it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from service.objectives.rules import ContributionRole, Kind, OwnershipModel

IMMATERIAL: Final = frozenset({"priority", "parent"})
"""Links to what others publish or own: no one agrees to them."""
NAMED_BY: Final = {
    "contributions": ("organisation", "person"),
    "value_map": ("organisation",),
}
"""Parts that are compared one by one, by what names each."""


@dataclass(frozen=True, slots=True)
class Contributed:
    """What one organisation's person contributes."""

    organisation: str
    person: UUID
    role: ContributionRole
    share: int
    """Whole percent of the objective."""
    commitment: str


@dataclass(frozen=True, slots=True)
class Valued:
    """What one organisation puts in, and what it gains."""

    organisation: str
    puts_in: str = ""
    money_in: Decimal | None = None
    """Pounds."""
    people_in: Decimal | None = None
    """Full-time equivalents."""
    days_in: int | None = None
    """Working days."""
    gains: str = ""
    money_out: Decimal | None = None
    """Pounds; below zero is a loss."""


@dataclass(frozen=True, slots=True)
class Priority:
    """One entry of a published scheme of priorities."""

    scheme: str
    code: str


@dataclass(frozen=True, slots=True)
class Content:
    """What an objective says, whole."""

    title: str
    outcome: str
    measures: str
    ownership_model: OwnershipModel
    kind: Kind
    owners: tuple[tuple[UUID, ...], ...]
    """Accountable owners: two people who share a job are one."""
    contributions: tuple[Contributed, ...]
    value_map: tuple[Valued, ...] = ()
    element: str | None = None
    """Of the framework, which weighs it."""
    weight: int | None = None
    """Whole percent of the record."""
    standard: str | None = None
    """Of the framework, when it is a minimum standard."""
    priority: Priority | None = None
    parent: UUID | None = None
    ends_on: date | None = None

    @property
    def organisations(self) -> frozenset[str]:
        """Return whose people contribute."""
        return frozenset(part.organisation for part in self.contributions)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in two versions."""

    field: str
    organisation: str | None
    """Of the contribution or the value that differs."""
    person: UUID | None
    before: Any
    """None: it was not there."""
    after: Any
    """None: it is not there any more."""


def plain(content: Content) -> dict[str, Any]:
    """Return it in its canonical form: JSON values, parts in order of their names.

    It is the same for what was stated and for what was stored of it.
    """
    values: dict[str, Any] = json.loads(json.dumps(asdict(content), default=_text))
    values["owners"] = sorted(sorted(owner) for owner in values["owners"])
    for field, names in NAMED_BY.items():
        values[field] = sorted(
            values[field], key=lambda part: [part[name] for name in names]
        )
    return values


def _text(value: object) -> str:
    # Amounts are stored to two places; `+ 0` makes minus nought nought.
    return f"{value + 0:.2f}" if isinstance(value, Decimal) else str(value)


def digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of a canonical form: UTF-8, keys in order."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Return what differs between two canonical forms, part by part."""
    found: list[Difference] = []
    for field in sorted({*before, *after}):
        old, new = before.get(field), after.get(field)
        if field in NAMED_BY:
            found += _parts(field, old or [], new or [])
        elif old != new:
            found.append(Difference(field, None, None, old, new))
    return found


def _parts(
    field: str, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[Difference]:
    names = NAMED_BY[field]
    old = {tuple(part[name] for name in names): part for part in before}
    new = {tuple(part[name] for name in names): part for part in after}
    return [
        Difference(
            field,
            name[0],
            UUID(name[1]) if len(name) > 1 else None,
            old.get(name),
            new.get(name),
        )
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def is_material(found: list[Difference]) -> bool:
    """Say whether anything changed that others agree to."""
    return any(difference.field not in IMMATERIAL for difference in found)
