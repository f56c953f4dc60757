"""What anybody is shown on any route, held against what they may see.

The law: to whoever may not see it an objective answers, byte for byte, as one that is
not there; and nobody is shown a person or a link that they may not see.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

import httpx

from tests.objectives.machine.departments import Caller, Departments
from tests.objectives.machine.model import Model, Objective
from tests.objectives.machine.saying import Key, stated
from tests.objectives.machine.stored import digest_of

Shown: TypeAlias = Any
"""JSON of any shape."""
COUNTS: Final = re.compile(r"ratelimit|x-request-id")
"""Headers that are not the same for two requests."""


@dataclass(slots=True)
class Reader:
    """Reads as anybody, and holds what comes against the model."""

    departments: Departments
    model: Model
    absent: dict[str, tuple[bytes, list[tuple[str, str]]]] = field(default_factory=dict)
    """How what is not there answers, by who asks which route."""

    async def get(self, caller: Caller, path: str) -> httpx.Response:
        return await self.departments.client.get(path, headers=caller.headers)

    async def read(self, caller: Caller, one: Objective, route: str) -> None:
        """Read one route of an objective as a caller."""
        answer = await self.get(caller, f"/v1/objectives/{one.id}{route}")
        drafts = self.model.sees_drafts(caller, one)
        early = route == "/versions/1" and one.put > 1 and not drafts
        if early or not self.model.sees(caller, one):
            await self.check_hidden(caller, answer, "GET", f"{{}}{route}", [one.id])
            return
        assert answer.status_code == 200, answer.text
        self.check_shown(caller, one, answer)
        if route == "/versions":
            first = 1 if drafts else one.put
            numbers = [version["version"] for version in answer.json()]
            assert numbers == [*range(first, one.version + 1)]
        elif route in CHECKS:
            CHECKS[route](answer.json(), self.model, one)
        if route in {"", "/versions"} and self.model.sees_everybody(caller, one):
            _check_same(route, answer.json(), one)

    async def check_hidden(
        self,
        caller: Caller,
        answer: httpx.Response,
        method: str,
        route: str,
        ids: list[UUID],
        json: object = None,
    ) -> None:
        """Check that it answers as what is not there; `route` has {} for each id."""
        name = f"{caller.name} {method} {route}"
        if name not in self.absent:
            others = [uuid4() for _ in ids]
            plain = await self.departments.client.request(
                method,
                f"/v1/objectives/{route.format(*others)}",
                headers=caller.headers,
                json=json,
            )
            assert plain.status_code == 404, plain.text
            self.absent[name] = _without(plain, others)
        assert _without(answer, ids) == self.absent[name], answer.text

    def check_shown(
        self, caller: Caller, one: Objective, answer: httpx.Response
    ) -> None:
        """Check that an answer names no person and no objective out of sight."""
        text = answer.text.replace(str(one.id), "")
        if not self.model.sees_everybody(caller, one):
            for person, traces in self.departments.traces.items():
                if self.model.organisations[person] != caller.organisation:
                    found = re.search("|".join(traces), text)
                    assert found is None, f"{caller} is shown {found}: {text}"
        for other in self.model.objectives.values():
            if not self.model.sees(caller, other):
                assert str(other.id) not in text, f"{caller} is shown {other.id}"

    async def read_lists(self, caller: Caller, person: UUID) -> None:
        """Read what stands on a person's record, and what a caller has to do with."""
        model = self.model
        answer = await self.get(
            caller, f"/v1/records/{self.departments.records[person]}/objectives"
        )
        there = {
            one.id
            for one in model.objectives.values()
            if model.sees(caller, one) and _on_record(one, person)
        }
        if caller.organisation == model.organisations[person] and (
            there or model.has_to_do(caller, person)
        ):
            assert _ids(answer) == there
        else:
            assert answer.status_code == 404
        if caller.person is not None:
            own = {o.id for o in model.objectives.values() if model.lists(caller, o)}
            assert _ids(await self.get(caller, "/v1/objectives")) == own
            waiting = _ids(await self.get(caller, "/v1/objectives?waiting=true"))
            assert waiting == {
                one.id
                for one in model.objectives.values()
                if one.id in own
                and one.stage == "proposed"
                and caller.person in model.outstanding(one).values()
            }


def _without(
    answer: httpx.Response, ids: list[UUID]
) -> tuple[bytes, list[tuple[str, str]]]:
    """Take out of an answer what no two of them share."""
    content = answer.content.decode()
    for id_ in ids:
        content = content.replace(str(id_), "")
    content = content.replace(answer.headers["x-request-id"], "")
    headers = [pair for pair in answer.headers.items() if not COUNTS.search(pair[0])]
    return content.encode(), headers


def _ids(answer: httpx.Response) -> set[UUID]:
    assert answer.status_code == 200, answer.text
    found = [UUID(shown["id"]) for shown in answer.json()]
    assert len(found) == len({*found}), "each once"
    return {*found}


def _on_record(one: Objective, person: UUID) -> bool:
    """Whether it shows there: with what is disputed of it, but not before it is."""
    at = [state for key, state in one.states.items() if key[1] == person]
    return one.subject == person or (
        at in (["accepted"], ["disputed"]) and one.stage not in {"draft", "withdrawn"}
    )


def _check_one(shown: Shown, model: Model, one: Objective) -> None:
    assert (shown["stage"], shown["version"]) == (one.stage, one.version)
    assert shown["revision"] == one.revision
    assert shown["title"] == one.said.title
    assert len(shown["accountable_owners"]) == len(one.said.owners)
    _check_parts(shown["contributions"], model, one)


def _check_parts(shown: Shown, model: Model, one: Objective) -> None:
    states = {one.ids[key]: state for key, state in one.states.items()}
    assert {UUID(part["id"]): part["state"] for part in shown} == states
    live = {part["id"]: part["share"] for part in shown if part["state"] in LIVE}
    shares = {str(one.ids[part.key]): part.share for part in one.says.parts}
    assert live == shares


def _check_agreements(shown: Shown, model: Model, one: Objective) -> None:
    keys: dict[str | None, Key | None] = {None: None} | {
        str(id_): key for key, id_ in one.ids.items()
    }
    counting = [given for given in shown["given"] if given["counts"]]
    assert all(given["version"] >= one.terms for given in counting)
    assert {
        (given["capacity"], keys[given["contribution"]]) for given in counting
    } == one.given
    assert {
        (wanted["capacity"], keys[wanted["contribution"]])
        for wanted in shown["outstanding"]
    } == ({*model.outstanding(one)} if one.stage in WAITING else set())


def _check_disputes(shown: Shown, model: Model, one: Objective) -> None:
    outcomes = {str(dispute.id): dispute.outcome for dispute in one.disputes}
    assert {raised["id"]: raised["outcome"] for raised in shown} == outcomes


def _check_steps(shown: Shown, model: Model, one: Objective) -> None:
    assert shown == sorted(shown, key=lambda step: step["revision"])
    moves = [step["became"] for step in shown if step["contribution"] is None]
    assert (moves[-1] if moves else "draft") == one.stage


def _check_same(route: str, shown: Shown, one: Objective) -> None:
    """Whoever sees it whole is shown the last version, which its digest proves."""
    if route == "/versions":
        for version in shown:  # The link is not shown to all, and is said all the same.
            above = one.history[version["version"] - 1].parent
            says = {**version["says"], "parent": above and str(above)}
            assert version["digest"] == digest_of(says)
        return
    says = stated(one.says)
    owners = shown["accountable_owners"]
    people = {frozenset(p["id"] for p in owner["people"]) for owner in owners}
    assert people == says["owners"]
    parts = {
        (part["organisation"], part["person"]["id"], part["role"], part["share"])
        for part in shown["contributions"]
        if part["state"] in LIVE
    }
    assert parts == {
        (p["organisation"], p["person"], p["role"], p["share"])
        for p in says["contributions"]
    }
    assert shown["priority"] == says["priority"]


WAITING: Final = {"proposed", "sent_back", "disputed"}
LIVE: Final = {"invited", "accepted", "disputed"}
CHECKS: Final[Mapping[str, Callable[[Shown, Model, Objective], None]]] = {
    "": _check_one,
    "/contributions": _check_parts,
    "/agreements": _check_agreements,
    "/disputes": _check_disputes,
    "/steps": _check_steps,
}
