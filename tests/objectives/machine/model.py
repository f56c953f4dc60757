"""The model: what objectives are and who has to do with them, in the plainest terms."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final
from uuid import UUID

from tests.objectives.machine.departments import CODES, Caller
from tests.objectives.machine.saying import Key, Said

Part = tuple[str, Key | None]
"""As what somebody agrees, and for which contribution."""
CAPACITIES: Final = (
    "subject",
    "line_manager",
    "contributor_manager",
    "functional_manager",
)
MATRIX: Final = {"structural"}
WHOLE_IN: Final = {"proposed", "disputed", "agreed", "assessed", "closed"}


@dataclass(slots=True)
class Dispute:
    """What somebody does not agree to."""

    part: Part
    version: int
    person: UUID
    had_agreed: bool
    outcome: str | None = None
    id: UUID | None = None
    """Known once it has been read."""


@dataclass(slots=True)
class Objective:
    """One objective, as it should be."""

    id: UUID
    lead: str
    subject: UUID
    history: list[Said]
    stage: str = "draft"
    terms: int = 1
    revision: int = 1
    states: dict[Key, str] = field(default_factory=dict)
    """Of every contribution that there ever was."""
    ids: dict[Key, UUID] = field(default_factory=dict)
    """Of contributions, as far as they have been read."""
    put: int = 0
    """The first version that was put to others."""
    given: set[Part] = field(default_factory=set)
    disputes: list[Dispute] = field(default_factory=list)
    feed: dict[str, list[tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The revisions that each organisation was told of, and whether it is there."""

    @property
    def said(self) -> Said:
        """What its last version says."""
        return self.history[-1]

    @property
    def says(self) -> Said:
        """What it says now: without those who have gone since."""
        live = self.live
        parts = tuple(part for part in self.said.parts if part.key in live)
        return replace(self.said, parts=parts)

    @property
    def version(self) -> int:
        return len(self.history)

    @property
    def live(self) -> list[Key]:
        return [k for k, at in self.states.items() if at not in {"declined", "left"}]

    @property
    def open(self) -> list[Dispute]:
        return [dispute for dispute in self.disputes if dispute.outcome is None]

    @property
    def present(self) -> set[str]:
        """The organisations that are in it."""
        return {self.lead, *(key[0] for key in self.live)}

    @property
    def shared(self) -> bool:
        """Whether it was ever put to others."""
        return self.put > 0


@dataclass(slots=True)
class Model:
    """All that there is."""

    managers: dict[UUID, UUID | None]
    functional: Mapping[UUID, UUID]
    organisations: Mapping[UUID, str]
    """Where each person works."""
    sharing: set[frozenset[str]] = field(
        default_factory=lambda: {frozenset(pair) for pair in combinations(CODES, 2)}
    )
    objectives: dict[UUID, Objective] = field(default_factory=dict)

    def may_share(self, organisations: set[str]) -> bool:
        return all(self.shares(*pair) for pair in combinations(organisations, 2))

    def manages(self, person: UUID) -> set[UUID]:
        """Those who answer for a person, of either kind."""
        both = {self.managers.get(person), self.functional.get(person)}
        return {manager for manager in both if manager is not None}

    def there(self, objective: Objective) -> set[str]:
        """For whom it is there: who has left sees on while they share with all."""
        if not objective.shared:
            return {objective.lead}
        present = objective.present
        left = {key[0] for key, state in objective.states.items() if state == "left"}
        return present | {
            code for code in left if all(self.shares(code, other) for other in present)
        }

    def shares(self, one: str, other: str) -> bool:
        return one == other or frozenset({one, other}) in self.sharing

    def involved(self, objective: Objective) -> set[UUID]:
        there = self.there(objective)
        people = {
            objective.subject,
            *(person for owner in objective.said.owners for person in owner),
            *(
                key[1]
                for key, state in objective.states.items()
                if state != "declined" and (state != "left" or key[0] in there)
            ),
        }
        return people | {m for person in people for m in self.manages(person)}

    def sees(self, caller: Caller, objective: Objective) -> bool:
        if self.sees_drafts(caller, objective):
            return True
        if not objective.shared:
            return False
        for_all = caller.person is None or caller.administers
        return caller.person in self.involved(objective) or (
            for_all and caller.organisation in self.there(objective)
        )

    def sees_drafts(self, caller: Caller, objective: Objective) -> bool:
        """Whether they see what it said before it was put to others."""
        return self.sets(caller, objective.subject, objective.lead) or (
            caller.administers and caller.organisation == objective.lead
        )

    def sees_everybody(self, caller: Caller, objective: Objective) -> bool:
        return caller.person in self.involved(objective)

    def lists(self, caller: Caller, objective: Objective) -> bool:
        """Whether a person is told of it among those they have to do with."""
        people = {objective.subject, *(key[1] for key in objective.states)}
        people |= {p for owner in objective.said.owners for p in owner}
        people |= {manager for person in people for manager in self.manages(person)}
        return caller.person in people and self.sees(caller, objective)

    def has_to_do(self, caller: Caller, person: UUID) -> bool:
        """Whether a record of their organisation is there for a caller."""
        return (
            caller.person is None
            or caller.administers
            or caller.person in {person} | self.manages(person)
        )

    def sets(self, caller: Caller, subject: UUID, lead: str) -> bool:
        if caller.person is None:
            return caller.organisation == lead
        return caller.person == self.managers[subject]

    def needed(self, objective: Objective) -> dict[Part, UUID | None]:
        subject = objective.subject
        people: dict[Part, UUID | None] = {
            ("subject", None): subject,
            ("line_manager", None): self.managers[subject],
        }
        for key in objective.live:
            if key[1] != subject:
                people["contributor_manager", key] = self.managers[key[1]]
            if objective.said.model in MATRIX and key[1] in self.functional:
                people["functional_manager", key] = self.functional[key[1]]
        return people

    def outstanding(self, objective: Objective) -> dict[Part, UUID | None]:
        return {
            part: person
            for part, person in self.needed(objective).items()
            if part not in objective.given
        }

    def held(self, objective: Objective, person: UUID | None) -> list[Part]:
        """As what a person's agreement is needed; the first is for the most."""
        shares = {part.key: part.share for part in objective.said.parts}

        def order(part: Part) -> tuple[object, ...]:
            capacity, key = part
            if key is None:
                return (CAPACITIES.index(capacity),)
            return CAPACITIES.index(capacity), -shares[key], key[0], objective.ids[key]

        needed = self.needed(objective)
        return sorted((part for part in needed if needed[part] == person), key=order)
