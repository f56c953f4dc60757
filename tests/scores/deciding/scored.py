"""Published scores, and everybody who has to do with them, over HTTP.

`hmt1` has a number and `hmt2` none; the score of `hmt3` was withdrawn, that of `hmt4`
is not published. All answer to `hmt-head`, who answers to `dwp-head`, who answers to
`dft-head`; `moj-head` countersigns. `hr` administers hmt and `report`, who answers to
hmt1, does as well; `hr-dwp` administers dwp.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from service.access.actions import grant
from service.access.rules import Role
from service.changes.tables import ChangeLog
from service.directory.rules import LineKind
from service.directory.tables import ReportingLine
from service.scores.rules import State
from service.scores.tables import Score, ScoreRun
from tests.auth.an_issuer import AnIssuer
from tests.factories import (
    FEEDBACK_OPEN,
    LONG_AGO,
    OPERATOR,
    RELEASED,
    a_cycle,
    a_line,
    a_person,
    an_organisation,
    record_of,
    sharing,
)
from tests.signing_in import signed_in

CODES = ("hmt", "dwp", "moj", "dft")
SUBJECT, MANAGER, ABOVE, HIGHER = "hmt1", "hmt-head", "dwp-head", "dft-head"
COUNTERSIGNS, HR, REPORT, HR_ELSEWHERE = "moj-head", "hr", "report", "hr-dwp"
NUMBER = {"value": 62.5, "low": 50, "high": 75, "reliability": 0.8, "raters": "5-7",
          "organisations": "2-3", "confidence": "reportable",
          "band": "clearly_above"}  # fmt: skip
REASON = "It agrees with what I saw of the year."


@dataclass(frozen=True)
class Scored:
    """A cycle's scores and the people in it, by name."""

    cycle: UUID
    people: Mapping[str, UUID]
    scores: Mapping[str, UUID]


async def a_scored_department() -> Scored:
    for code in CODES:
        await an_organisation(code)
    await sharing(*CODES)
    people = {f"{code}-head": await one(code, f"{code}-head") for code in CODES}
    for name in ("hmt1", "hmt2", "hmt3", "hmt4", "hr"):
        people[name] = await one("hmt", name, people["hmt-head"])
    people["report"] = await one("hmt", "report", people["hmt1"])
    people["hr-dwp"] = await one("dwp", "hr-dwp", people["dwp-head"])
    await a_line(people[MANAGER], people[ABOVE], "hmt")
    await a_line(people[ABOVE], people[HIGHER], "dwp")
    await countersigned_by(people["hmt1"], people[COUNTERSIGNS])
    for name, code in (("hr", "hmt"), ("report", "hmt"), ("hr-dwp", "dwp")):
        await administers(people[name], code)
    cycle = (await a_cycle()).id
    scores = await scores_of(cycle, people)
    return Scored(cycle, people, scores)


async def one(code: str, name: str, manager: UUID | None = None) -> UUID:
    return await a_person(code, manager=manager, external_id=name)


async def countersigned_by(person: UUID, manager: UUID) -> None:
    await ReportingLine.insert(
        ReportingLine(
            organisation="hmt",
            id=uuid4(),
            person=person,
            manager=manager,
            kind=LineKind.COUNTERSIGNING,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )


async def administers(person: UUID, code: str) -> None:
    await grant(
        person,
        Role.HR_ADMINISTRATOR,
        organisation=code,
        until=date(2029, 1, 1),
        caller=OPERATOR,
        now=FEEDBACK_OPEN,
    )


async def scores_of(cycle: UUID, people: Mapping[str, UUID]) -> dict[str, UUID]:
    run = await a_run(cycle)
    lacking = {"reason": "below_minimum_raters"}
    stated: dict[str, tuple[State, dict[str, Any], bool]] = {
        "hmt1": (State.PUBLISHED, NUMBER, True),
        "hmt2": (State.INSUFFICIENT, lacking, True),
        "hmt3": (State.WITHDRAWN, {}, True),
        "hmt4": (State.PUBLISHED, NUMBER, False),
    }
    made = {name: uuid4() for name in stated}
    for name, (state, figures, published) in stated.items():
        on = await record_of(people[name], cycle)
        await Score.insert(
            Score(
                organisation="hmt",
                id=made[name],
                cycle=cycle,
                record=on.id,
                person=on.person,
                run=run,
                state=state,
                episodes="[]",
                version=1,
                changed_at=RELEASED,
                published_at=RELEASED if published else None,
                **figures,
            )
        )
    return made


async def a_run(cycle: UUID) -> UUID:
    run = uuid4()
    await ScoreRun.insert(
        ScoreRun(
            id=run,
            cycle=cycle,
            method="mean",
            method_version=1,
            method_digest="0" * 64,
            parameters=json.dumps({}),
            inputs_digest="0" * 64,
            estimates=json.dumps({}),
            computed_at=FEEDBACK_OPEN,
        )
    )
    return run


@dataclass(frozen=True)
class Callers:
    """Whoever asks, by name."""

    client: httpx.AsyncClient
    scored: Scored
    issuers: Mapping[str, AnIssuer]

    async def ask(
        self,
        name: str,
        method: str,
        path: str,
        body: object = None,
        *,
        score: str = SUBJECT,
        match: str | None = None,
    ) -> httpx.Response:
        code = name.partition("-")[0] if name.endswith("-head") else "hmt"
        code = "dwp" if name == HR_ELSEWHERE else code
        headers = signed_in(self.issuers[code], name)
        if match is not None:
            headers["If-Match"] = match
        at = f"/v1/scores/{self.scored.scores.get(score, score)}{path}"
        return await self.client.request(method, at, json=body, headers=headers)

    async def tag(self, score: str = SUBJECT) -> str:
        """The ETag that the line manager reads."""
        found = await self.ask(MANAGER, "GET", "/decision", score=score)
        assert found.status_code == 200, found.text
        return found.headers["etag"]

    async def decide(
        self, body: object, *, by: str = MANAGER, score: str = SUBJECT
    ) -> httpx.Response:
        tag = await self.tag(score)
        return await self.ask(by, "PUT", "/decision", body, score=score, match=tag)

    async def decided(self, **body: object) -> dict[str, Any]:
        answer = await self.decide(body or ACCEPTED)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def appeal(
        self, *, by: str = SUBJECT, score: str = SUBJECT
    ) -> httpx.Response:
        body = {"reason": "Two of my objectives are missing."}
        return await self.ask(by, "POST", "/appeals", body, score=score)

    async def appealed(self) -> str:
        """The id of an appeal that is open."""
        answer = await self.appeal()
        assert answer.status_code == 201, answer.text
        return str(answer.json()["items"][-1]["id"])

    async def settle(
        self, appeal: str, outcome: str, *, by: str = ABOVE
    ) -> httpx.Response:
        body = {"outcome": outcome, "reason": "I have read all of it."}
        path = f"/appeals/{appeal}/settlement"
        return await self.ask(by, "POST", path, body, match=await self.tag())

    async def withdraw(self, appeal: str, *, by: str = SUBJECT) -> httpx.Response:
        path = f"/appeals/{appeal}/withdrawal"
        return await self.ask(by, "POST", path, match=await self.tag())

    async def settled(self, appeal: str, outcome: str, *, by: str = ABOVE) -> str:
        """End an appeal in one of the four ways; return its state then."""
        answer = (
            await self.withdraw(appeal)
            if outcome == "withdraw"
            else await self.settle(appeal, outcome, by=by)
        )
        assert answer.status_code == 201, answer.text
        (ended,) = [each for each in answer.json()["items"] if each["id"] == appeal]
        return str(ended["state"])


ACCEPTED = {"outcome": "accept"}
AMENDED = {
    "outcome": "amend",
    "reason": "It leaves out the winter, when three departments relied on her.",
    "judgement": {"band": "clearly_above", "note": "Above what the score says."},
}
REJECTED = {
    "outcome": "reject",
    "reason": "Her raters saw a project that was not hers.",
}


async def a_new_manager(scored: Scored, name: str) -> None:
    """Have the subject answer to somebody else from the day of the publication."""
    subject, today = scored.people[SUBJECT], RELEASED.date()
    await ReportingLine.update({ReportingLine.valid_to: today}).where(
        ReportingLine.person == subject, ReportingLine.kind == LineKind.LINE
    )
    await a_line(subject, scored.people[name], "hmt", since=today)


async def row(scored: Scored, name: str = SUBJECT) -> dict[str, Any]:
    found = await Score.select().where(Score.id == scored.scores[name]).first()
    assert found is not None
    return dict(found)


async def fed(scored: Scored, name: str = SUBJECT) -> list[tuple[str, str, str, int]]:
    """What the feed says about a score: organisation, stream, op and version."""
    rows = (
        await ChangeLog.select()
        .where(ChangeLog.entity == scored.scores[name])
        .order_by(ChangeLog.id)
    )
    return [(r["organisation"], r["stream"], r["op"], r["version"]) for r in rows]
