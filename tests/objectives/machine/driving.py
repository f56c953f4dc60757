"""How a step is taken: foretold by the model, sent to the service, and looked at.

Hypothesis calls from a thread of its own; what is asynchronous runs in the test's loop,
in whose transaction all is written, and each example is taken back at its end.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
from anyio import from_thread
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.objectives.machine.departments import Caller, Departments, undone
from tests.objectives.machine.foretelling import Foretold, follow
from tests.objectives.machine.model import Model, Objective
from tests.objectives.machine.reading import Reader
from tests.objectives.machine.stored import Edge, check_stored, edges

CHANCE: Final = st.randoms(use_true_random=True)
"""One seed a step: how it is taken is drawn evenly; what fails shrinks step by step."""
LIKELY: Final = 0.8
"""How many of the steps are taken by somebody who may well take them."""
T = TypeVar("T")


class Driving(RuleBasedStateMachine):
    """A model of three departments, and the service beside it."""

    def __init__(self, departments: Departments, reached: set[Edge]) -> None:
        super().__init__()
        self.departments = departments
        self.reached = reached
        """What moved, in all examples together."""
        self.model = Model(
            managers={p: departments.managers.get(p) for p in departments.records},
            functional=departments.functional,
            organisations=departments.organisations,
        )
        self.reader = Reader(departments, self.model)
        self.example = AsyncExitStack()
        self.run(self.example.enter_async_context, undone())

    def teardown(self) -> None:
        self.reached |= self.run(edges)
        self.run(self.example.aclose)

    def run(
        self, do: Callable[..., Coroutine[Any, Any, T]], *given: Any, **named: Any
    ) -> T:
        return from_thread.run(partial(do, *given, **named))

    def one(self, chance: Random) -> Objective:
        found = [*self.model.objectives.values()]
        return found[chance.randrange(len(found))]

    def caller(self, chance: Random, likely: Sequence[UUID | str | None]) -> Caller:
        """Draw who takes a step: mostly one of those `likely` to be let."""
        callers = self.departments.callers
        names = [c.name for c in callers.values() if {c.person, c.name} & {*likely}]
        if not names or chance.random() > LIKELY:
            names = [*callers]
        return callers[chance.choice(names)]

    def take(
        self,
        chance: Random,
        step: tuple[str, str],
        caller: Caller,
        one: Objective,
        foretold: Foretold,
        *,
        ids: Sequence[UUID] = (),
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take a step of an objective, and look at what came of it.

        `step` is a method and a path, with {} for each of the ids that follow its own.
        """
        method, path = step
        named = [one.id, *ids]
        answer = self.ask(
            method, f"/v1/objectives/{{}}{path}".format(*named), caller, foretold,
            json=json, headers=headers,
        )  # fmt: skip
        if foretold.refusals == {"not-found"}:
            self.run(
                self.reader.check_hidden,
                caller, answer, method, f"{{}}{path}", named, json,
            )  # fmt: skip
        self.look(chance, caller, one, answer, foretold)

    def ask(
        self,
        method: str,
        path: str,
        caller: Caller,
        foretold: Foretold,
        *,
        json: object,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send it, and hold the answer against what was foretold."""
        note(f"{caller} {method} {path} {json}: {sorted(foretold.refusals) or 'done'}")
        answer = self.run(self._request, method, path, caller, headers or {}, json)
        if foretold.refusals:
            assert 400 <= answer.status_code < 500, answer.text
            slug = answer.json()["type"].rpartition("/")[2]
            assert slug in foretold.refusals, answer.text
        else:
            assert answer.status_code in {200, 201}, answer.text
        return answer

    async def _request(
        self,
        method: str,
        path: str,
        caller: Caller,
        headers: Mapping[str, str],
        json: object,
    ) -> httpx.Response:
        return await self.departments.client.request(
            method, path, headers={**caller.headers, **headers}, json=json
        )

    def look(
        self,
        chance: Random,
        caller: Caller,
        one: Objective,
        answer: httpx.Response,
        foretold: Foretold,
    ) -> None:
        """Have the model follow, and check what is stored and what is shown."""
        if not foretold.refusals:
            follow(self.model, one, foretold)
        self.run(check_stored, self.model, changed=not foretold.refusals)
        self.reader.check_shown(caller, one, answer)
        self.watch(chance)

    def watch(self, chance: Random) -> None:
        """Have somebody read an objective by some route."""
        if self.model.objectives:
            reader = self.caller(chance, [])
            route = chance.choice(self.departments.routes)
            self.run(self.reader.read, reader, self.one(chance), route)
