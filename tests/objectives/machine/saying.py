"""What an objective of the machine says: in the model, and as it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any, Final
from uuid import UUID

from tests.objectives.machine.departments import CODES, Departments

Key = tuple[str, UUID]
"""An organisation and its person: what names a contribution."""
SCHEME: Final = "un-sdg-2030"
MODELS: Final = (
    "shared_responsibility",
    "voluntary_coordination",
    "collective_accountability",
    "structural",
)
CHOICES: Final[Mapping[str, Sequence[Any]]] = {
    "title": ["One front door", "No door"],
    "model": MODELS,
    "money": [None, Decimal(10), Decimal("2.5")],
    "priority": [None, "13", "3"],
}
DIFFERENT: Final = ("shares", "partners", "owners", "parent")
SHARES: Final[Mapping[int, Sequence[tuple[int, ...]]]] = {
    1: [(100,)],
    2: [(60, 40), (1, 99), (50, 51)],
    3: [(40, 30, 30), (98, 1, 1), (33, 33, 33)],
}
"""The last of each, where there is more than one contribution, is not whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation's person is asked to contribute."""

    organisation: str
    person: UUID
    role: str
    share: int

    @property
    def key(self) -> Key:
        return self.organisation, self.person


@dataclass(frozen=True, slots=True)
class Said:
    """What an objective says."""

    title: str
    model: str
    owners: tuple[frozenset[UUID], ...]
    parts: tuple[Part, ...]
    money: Decimal | None
    """What the lead organisation puts in."""
    priority: str | None
    parent: UUID | None

    @property
    def organisations(self) -> set[str]:
        return {part.organisation for part in self.parts}

    @property
    def keys(self) -> dict[Key, Part]:
        return {part.key: part for part in self.parts}

    @property
    def agreed_to(self) -> object:
        """What others agree to: all but the links."""
        rest = replace(self, parts=(), owners=(), priority=None, parent=None)
        return rest, frozenset(self.parts), frozenset(self.owners)

    @property
    def links(self) -> tuple[str | None, UUID | None]:
        """What nobody agrees to."""
        return self.priority, self.parent


def first_said(subject: UUID, lead: str, partner: UUID, other: str) -> Said:
    return Said(
        title="One front door",
        model="shared_responsibility",
        owners=(frozenset({subject}),),
        parts=(Part(lead, subject, "lead", 60), Part(other, partner, "major", 40)),
        money=None,
        priority=None,
        parent=None,
    )


def altered(
    chance: Random, said: Said, others: Sequence[UUID], departments: Departments
) -> Said:
    """Draw what it might say instead, most often whole; `others` may stand above it."""
    what = chance.choice([*CHOICES, *DIFFERENT])
    if what in CHOICES:
        return replace(said, **{what: chance.choice(CHOICES[what])})
    match what:
        case "shares":
            partners = [part.person for part in said.parts[1:]]
            return _shared_out(chance, said, partners, departments)
        case "partners":
            partners = _partners(chance, said, departments)
            return _shared_out(chance, said, partners, departments)
        case "owners":
            return replace(said, owners=_owners(chance, said, departments))
        case _:
            return replace(said, parent=chance.choice([None, *others]))


def _partners(chance: Random, said: Said, departments: Departments) -> list[UUID]:
    names = [
        f"{code}.{post}"
        for code in CODES
        for post in ("lead", "analyst", "head")
        if departments.person(f"{code}.{post}") != said.parts[0].person
    ]
    drawn = chance.sample(names, chance.choice([1, 1, 2, 2, 0]))
    return [departments.person(name) for name in drawn]


def _shared_out(
    chance: Random, said: Said, partners: Sequence[UUID], departments: Departments
) -> Said:
    lead = said.parts[0]
    shares = chance.choice(SHARES[1 + len(partners)])
    return replace(
        said,
        parts=(
            replace(lead, share=shares[0]),
            *(
                Part(departments.organisations[person], person, "major", share)
                for person, share in zip(partners, shares[1:], strict=True)
            ),
        ),
    )


def _owners(
    chance: Random, said: Said, departments: Departments
) -> tuple[frozenset[UUID], ...]:
    subject = said.parts[0]
    partner = said.parts[-1].person
    pair = [
        departments.person(f"{subject.organisation}.{post}")
        for post in ("deputy", "analyst")
    ]
    stranger = next(iter({*CODES} - said.organisations), CODES[0])
    choices: list[list[list[UUID]]] = [
        [[subject.person]],
        [pair],
        [[partner]],
        [[subject.person], [partner]],
        [[departments.person(f"{stranger}.lead")]],
        [pair, [departments.person(f"{stranger}.lead")]],
    ]
    return tuple(frozenset(owner) for owner in chance.choice(choices))


def body(said: Said, departments: Departments) -> dict[str, Any]:
    """Write it as a caller sends it."""

    def named(person: UUID) -> dict[str, str]:
        external = departments.external[person]
        return {"source_system": "workday", "external_id": external}

    return {
        "title": said.title,
        "outcome": "People tell government once.",
        "measures": "Forms asked for twice.",
        "ownership_model": said.model,
        "accountable_owners": [
            {
                "organisation": departments.organisations[min(owner)],
                "people": [named(person) for person in sorted(owner)],
            }
            for owner in said.owners
        ],
        "contributions": [
            {
                "organisation": part.organisation,
                "person": named(part.person),
                "role": part.role,
                "share": part.share,
                "commitment": "Two analysts.",
            }
            for part in said.parts
        ],
        "value_map": (
            []
            if said.money is None
            else [
                {
                    "organisation": said.parts[0].organisation,
                    "money_in": str(said.money),
                }
            ]
        ),
        "priority": said.priority and {"scheme": SCHEME, "code": said.priority},
        "parent": said.parent and str(said.parent),
    }


def read(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Take what a version says, in a form that two writings of the same share."""
    return {
        **shown,
        "owners": {frozenset(owner) for owner in shown["owners"]},
        "value_map": [
            {
                name: Decimal(value) if name.startswith("money") and value else value
                for name, value in entry.items()
            }
            for entry in shown["value_map"]
        ],
    }


def stated(said: Said) -> dict[str, Any]:
    """Write what a version of it is to say, in the same form."""
    return {
        "title": said.title,
        "outcome": "People tell government once.",
        "measures": "Forms asked for twice.",
        "ownership_model": said.model,
        "kind": "delivery_objective",
        "owners": {frozenset(map(str, owner)) for owner in said.owners},
        "contributions": [
            {
                "organisation": part.organisation,
                "person": str(part.person),
                "role": part.role,
                "share": part.share,
                "commitment": "Two analysts.",
            }
            for part in sorted(
                said.parts, key=lambda p: (p.organisation, str(p.person))
            )
        ],
        "value_map": (
            []
            if said.money is None
            else [
                {
                    "organisation": said.parts[0].organisation,
                    "puts_in": "",
                    "money_in": said.money,
                    "people_in": None,
                    "days_in": None,
                    "gains": "",
                    "money_out": None,
                }
            ]
        ),
        "element": None,
        "weight": None,
        "standard": None,
        "priority": said.priority and {"scheme": SCHEME, "code": said.priority},
        "parent": said.parent and str(said.parent),
        "ends_on": None,
    }
