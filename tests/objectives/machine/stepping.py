"""Each step that anybody takes of an objective, over HTTP."""

from random import Random
from typing import Final
from uuid import UUID, uuid4

from service.objectives.changing import changing, take
from service.objectives.stages import Step
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.objectives.machine import answering, foretelling
from tests.objectives.machine.departments import Caller
from tests.objectives.machine.driving import Driving
from tests.objectives.machine.model import Dispute, Objective
from tests.objectives.machine.saying import Key, Said, body

REASON: Final = {"reason": "It has changed."}


class Stepping(Driving):
    """Takes a step for a caller, whether or not they may."""

    def sets(
        self, chance: Random, caller: Caller, lead: str, said: Said, *, draft: bool
    ) -> None:
        one = Objective(uuid4(), lead, said.parts[0].person, [said])
        foretold = foretelling.sets(self.model, caller, one, draft=draft)
        answer = self.ask(
            "POST",
            f"/v1/records/{self.departments.records[one.subject]}/objectives",
            caller,
            foretold,
            json=body(said, self.departments)
            | {"stage": "draft" if draft else "proposed"},
        )
        if not foretold.refusals:
            one.id = UUID(answer.json()["id"])
        self.look(chance, caller, one, answer, foretold)

    def changes(
        self,
        chance: Random,
        caller: Caller,
        one: Objective,
        said: Said,
        read: int | None,
    ) -> None:
        """Have it say something else, having read a revision of it."""
        self.take(
            chance,
            ("PUT", ""),
            caller,
            one,
            foretelling.changes(self.model, caller, one, said, read),
            json=body(said, self.departments) | REASON,
            headers={} if read is None else {"If-Match": f'"{read}"'},
        )

    def proposes(self, chance: Random, caller: Caller, one: Objective) -> None:
        foretold = foretelling.proposes(self.model, caller, one)
        self.take(chance, ("POST", "/proposals"), caller, one, foretold)

    def withdraws(self, chance: Random, caller: Caller, one: Objective) -> None:
        foretold = foretelling.withdraws(self.model, caller, one)
        self.take(chance, ("POST", "/withdrawal"), caller, one, foretold, json=REASON)

    def is_assessed(self, one: Objective) -> None:
        """Have it assessed as its assessors do, who are not of this play."""
        self.run(_assessed, one.id)
        foretelling.follow(self.model, one, foretelling.assessed(one))

    def closes(self, chance: Random, caller: Caller, one: Objective) -> None:
        foretold = foretelling.closes(self.model, caller, one)
        self.take(chance, ("POST", "/closure"), caller, one, foretold)

    def agrees(
        self, chance: Random, caller: Caller, one: Objective, version: int | None
    ) -> None:
        foretold = answering.agrees(self.model, caller, one, version)
        said = {"version": version}
        self.take(chance, ("POST", "/agreements"), caller, one, foretold, json=said)

    def sends_back(self, chance: Random, caller: Caller, one: Objective) -> None:
        foretold = answering.sends_back(self.model, caller, one)
        self.take(chance, ("POST", "/returns"), caller, one, foretold, json=REASON)

    def disputes(
        self, chance: Random, caller: Caller, one: Objective, about: Key | None
    ) -> None:
        self.take(
            chance,
            ("POST", "/disputes"),
            caller,
            one,
            answering.disputes(self.model, caller, one, about),
            json=REASON | {"contribution": about and str(one.ids[about])},
        )

    def settles(
        self,
        chance: Random,
        caller: Caller,
        one: Objective,
        dispute: Dispute,
        outcome: str,
    ) -> None:
        assert dispute.id is not None
        self.take(
            chance,
            ("POST", "/disputes/{}/settlement"),
            caller,
            one,
            answering.settles(self.model, caller, one, dispute, outcome),
            ids=[dispute.id],
            json={"outcome": outcome, "reply": "It is needed."},
        )

    def declines(
        self, chance: Random, caller: Caller, one: Objective, key: Key
    ) -> None:
        self.take(
            chance,
            ("POST", "/contributions/{}/refusal"),
            caller,
            one,
            answering.declines(self.model, caller, one, key),
            ids=[one.ids[key]],
            json=REASON,
        )

    def leaves(self, chance: Random, caller: Caller, one: Objective, key: Key) -> None:
        self.take(
            chance,
            ("POST", "/contributions/{}/departure"),
            caller,
            one,
            answering.leaves(self.model, caller, one, key),
            ids=[one.ids[key]],
            json=REASON,
        )


async def _assessed(id_: UUID) -> None:
    async with changing(id_, caller=OPERATOR, now=IN_THE_YEAR, sharing=False) as work:
        take(work, Step.ASSESS)
