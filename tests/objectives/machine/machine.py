"""The whole machine: all that people do, while HR moves them and lawyers think."""

from itertools import combinations
from random import Random
from typing import Final
from uuid import UUID

from hypothesis.stateful import initialize, rule

from tests.objectives.machine.departments import CODES, now_reports_to, now_share
from tests.objectives.machine.driving import CHANCE, LIKELY
from tests.objectives.machine.foretelling import faults
from tests.objectives.machine.model import Objective
from tests.objectives.machine.setting import Setting

PAIRS: Final = [frozenset(pair) for pair in combinations(CODES, 2)]


class Machine(Setting):
    """Three departments that set, agree, change, dispute and leave objectives."""

    @initialize(chance=CHANCE)
    def begin(self, chance: Random) -> None:
        """Set the first objective; often it is agreed by now, or disputed since."""
        caller = self.departments.callers["hmt"]
        said = self.first(chance, "hmt", "dft")
        self.sets(chance, caller, "hmt", said, draft=True)
        (one,) = self.model.objectives.values()
        so_far = chance.choice(["draft", "proposed", "agreed", "disputed"])
        if so_far == "proposed":
            self.proposes(chance, caller, one)
        elif so_far != "draft":
            self.have_agreed(chance, one)
        if so_far == "disputed":
            head, about = self.departments.callers["dft.head"], one.said.parts[1].key
            self.disputes(chance, head, one, about)

    @rule(chance=CHANCE)
    def carry_on(self, chance: Random) -> None:
        """Have all do what makes an objective agreed, whatever stands in its way."""
        self.have_agreed(chance, self.one(chance))

    def have_agreed(self, chance: Random, one: Objective) -> None:
        self.clear_the_way(one)
        if one.stage == "disputed":
            self.settle_all(chance, one)
        if one.stage in {"draft", "sent_back"}:
            self.put_to_others(chance, one)
        if one.stage == "proposed":
            self.agree_all(chance, one)

    def clear_the_way(self, one: Objective) -> None:
        """Have data shared, and somebody for everybody to report to."""
        self.share({*PAIRS})
        for code, person in one.live:
            if self.model.managers[person] is None:
                self.report(f"{code}.administrator", code, person)

    def settle_all(self, chance: Random, one: Objective) -> None:
        """Have each dispute dropped by whoever raised it, or kept."""
        people = {c.person: c for c in self.departments.callers.values()}
        for dispute in one.open:
            self.settles(chance, people[dispute.person], one, dispute, "dropped")
            if dispute.outcome is None:
                manager = people[self.model.managers[one.subject]]
                self.settles(chance, manager, one, dispute, "kept")

    def put_to_others(self, chance: Random, one: Objective) -> None:
        caller = self.departments.callers[one.lead]
        wrong = faults(
            self.model, caller, one, one.says, whole=True, stands=one.said.parent
        )
        if wrong or one.open:
            other = chance.choice([code for code in CODES if code != one.lead])
            self.changes(
                chance, caller, one, self.first(chance, one.lead, other), one.revision
            )
        self.proposes(chance, caller, one)

    def agree_all(self, chance: Random, one: Objective) -> None:
        people = {c.person: c for c in self.departments.callers.values()}
        for person in dict.fromkeys(self.model.outstanding(one).values()):
            if person is not None:
                self.agrees(chance, people[person], one, None)

    @rule(chance=CHANCE)
    def meanwhile(self, chance: Random) -> None:
        """Give somebody another line manager, or end or renew the sharing of data."""
        if chance.random() > LIKELY:
            self.share({*PAIRS} - {chance.choice([None, *PAIRS])})
        else:
            code = chance.choice(CODES)
            name = chance.choice(["lead", "lead", "analyst", "head"])
            posts = ["head", "deputy", "administrator"]
            to = chance.choice([*posts, *posts, None])
            person = self.departments.person(f"{code}.{name}")
            self.report(None if to in {None, name} else f"{code}.{to}", code, person)
        self.watch(chance)

    def share(self, pairs: set[frozenset[str]]) -> None:
        if self.model.sharing != pairs:
            self.run(now_share, pairs)
            self.model.sharing = pairs

    def report(self, to: str | None, code: str, person: UUID) -> None:
        manager = None if to is None else self.departments.person(to)
        self.run(now_reports_to, person, manager, code)
        self.model.managers[person] = manager

    @rule(chance=CHANCE)
    def read_lists(self, chance: Random) -> None:
        """Have somebody list what is on a record, and what they have to do with."""
        subject = self.departments.person(chance.choice(CODES) + ".lead")
        caller = self.caller(chance, [subject, *self.model.manages(subject)])
        self.run(self.reader.read_lists, caller, subject)

    @rule(chance=CHANCE)
    def read_all(self, chance: Random) -> None:
        """Have all of a department read one objective by some route."""
        one = self.one(chance)
        route = chance.choice(self.departments.routes)
        code = chance.choice(CODES)
        for caller in self.departments.callers.values():
            if caller.organisation == code:
                self.run(self.reader.read, caller, one, route)
