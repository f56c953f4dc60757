"""What is drawn of those who set objectives, and of those who are to agree to them."""

from dataclasses import replace
from random import Random
from typing import Final
from uuid import UUID

from hypothesis.stateful import precondition, rule

from tests.objectives.machine.departments import CODES, Caller
from tests.objectives.machine.driving import CHANCE, LIKELY
from tests.objectives.machine.model import Objective
from tests.objectives.machine.saying import CHOICES, Key, Said, altered, first_said
from tests.objectives.machine.stepping import Stepping

BEGUN: Final = ("voluntary_coordination", "shared_responsibility")
"""With one of them partners leave alone, with the other they do not."""
MOST: Final = 3
"""Objectives in one example."""


class Setting(Stepping):
    """Line managers and HR systems set objectives, and others answer."""

    def setter(self, chance: Random, one: Objective) -> Caller:
        return self.caller(chance, [one.lead, self.model.managers[one.subject]])

    def altered(self, chance: Random, said: Said, without: UUID | None) -> Said:
        others = [id_ for id_ in self.model.objectives if id_ != without]
        for _ in range(chance.choice([1, 1, 2, 0])):
            said = altered(chance, said, others, self.departments)
        return said

    def first(self, chance: Random, lead: str, other: str) -> Said:
        subject = self.departments.person(f"{lead}.lead")
        partner = self.departments.person(f"{other}.lead")
        said = first_said(subject, lead, partner, other)
        return replace(said, model=chance.choice(BEGUN))

    @precondition(lambda self: len(self.model.objectives) < MOST)
    @rule(chance=CHANCE)
    def set_another(self, chance: Random) -> None:
        lead, other = chance.sample(CODES, 2)
        said = self.altered(chance, self.first(chance, lead, other), None)
        manager = self.model.managers[said.parts[0].person]
        caller = self.caller(chance, [lead, manager])
        self.sets(chance, caller, lead, said, draft=chance.choice((True, False)))

    @rule(chance=CHANCE)
    def change(self, chance: Random) -> None:
        one = self.one(chance)
        base = one.says if chance.choice((True, False)) else one.said
        said = self.altered(chance, base, one.id)
        read = chance.choice([*[one.revision] * 8, one.revision - 1, None])
        self.changes(chance, self.setter(chance, one), one, said, read)

    @rule(chance=CHANCE)
    def amend(self, chance: Random) -> None:
        """Change only what nobody agrees to."""
        one = self.one(chance)
        others = [id_ for id_ in self.model.objectives if id_ != one.id]
        code, parent = (
            chance.choice(CHOICES["priority"]),
            chance.choice([None, *others]),
        )
        said = replace(one.says, priority=code, parent=parent)
        self.changes(chance, self.setter(chance, one), one, said, one.revision)

    @rule(chance=CHANCE)
    def propose(self, chance: Random) -> None:
        one = self.one(chance)
        self.proposes(chance, self.setter(chance, one), one)

    @rule(chance=CHANCE)
    def withdraw(self, chance: Random) -> None:
        one = self.one(chance)
        seldom = chance.random() > LIKELY
        caller = self.setter(chance, one) if seldom else self.caller(chance, [])
        self.withdraws(chance, caller, one)

    @rule(chance=CHANCE)
    def close(self, chance: Random) -> None:
        """Close it; what is agreed is, now and then, assessed for that first."""
        one = self.one(chance)
        if one.stage == "agreed" and chance.random() > LIKELY:
            self.is_assessed(one)
        self.closes(chance, self.setter(chance, one), one)

    def answerer(self, chance: Random, one: Objective) -> Caller:
        """Draw of whom an answer is wanted: still, or whether they gave it or not."""
        of = chance.choice([self.model.outstanding, self.model.needed])
        return self.caller(chance, [*of(one).values()])

    @rule(chance=CHANCE)
    def agree(self, chance: Random) -> None:
        one = self.one(chance)
        read = chance.choice([None, one.version, one.version - 1])
        caller = self.answerer(chance, one)
        self.agrees(chance, caller, one, read or None)

    @rule(chance=CHANCE)
    def send_back(self, chance: Random) -> None:
        one = self.one(chance)
        self.sends_back(chance, self.answerer(chance, one), one)

    @rule(chance=CHANCE)
    def dispute(self, chance: Random) -> None:
        one = self.one(chance)
        about = chance.choice([None, None, *one.states])
        self.disputes(chance, self.answerer(chance, one), one, about)

    @precondition(lambda self: any(o.disputes for o in self.model.objectives.values()))
    @rule(chance=CHANCE)
    def settle(self, chance: Random) -> None:
        disputed = [o for o in self.model.objectives.values() if o.disputes]
        one = chance.choice(disputed)
        raised = chance.choice(one.open * 4 + one.disputes)
        outcome = chance.choice(["kept", "dropped"])
        likely = {"kept": self.model.managers[one.subject], "dropped": raised.person}
        caller = self.caller(chance, [likely[outcome]])
        self.settles(chance, caller, one, raised, outcome)

    @rule(chance=CHANCE)
    def decline(self, chance: Random) -> None:
        one = self.one(chance)
        key = self.part(chance, one, {"invited", "disputed"})
        caller = self.caller(chance, [self.model.managers[key[1]]])
        self.declines(chance, caller, one, key)

    @rule(chance=CHANCE)
    def leave(self, chance: Random) -> None:
        one = self.one(chance)
        key = self.part(chance, one, {"accepted", "disputed"})
        caller = self.caller(chance, [self.model.managers[key[1]]])
        self.leaves(chance, caller, one, key)

    def part(self, chance: Random, one: Objective, states: set[str]) -> Key:
        """Draw a contribution, mostly a partner's in one of these states."""
        keys = [*one.states]
        likely = [key for key in keys[1:] if one.states[key] in states]
        return chance.choice(likely * MOST * len(keys) + keys)
