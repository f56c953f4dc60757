"""A line manager decides on a score over HTTP; the score stays as it was."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.audit.tables import AuditEntry
from service.scores.deciding.tables import ScoreDecision
from service.scores.tables import Score
from tests.factories import RELEASED, a_token
from tests.feedback.over_http import slug
from tests.feedback.results.living import clock
from tests.scores.deciding.scored import (
    ABOVE,
    ACCEPTED,
    AMENDED,
    COUNTERSIGNS,
    HIGHER,
    HR,
    HR_ELSEWHERE,
    MANAGER,
    REJECTED,
    REPORT,
    SUBJECT,
    Callers,
    a_new_manager,
    a_run,
    fed,
    row,
)

MOVES = {"version", "changed_at"}


@pytest.mark.parametrize("body", [ACCEPTED, AMENDED, REJECTED])
async def test_the_line_manager_says_what_they_make_of_it(
    callers: Callers, body: dict[str, Any]
) -> None:
    found = await callers.decided(**body)
    made = found["decision"]
    assert (found["stage"], found["version"]) == ("decided", 2)
    assert made["outcome"] == body["outcome"]
    assert made["reason"] == body.get("reason")
    assert made["judgement"] == body.get("judgement")
    assert made["person"]["id"] == str(callers.scored.people[MANAGER])
    assert made["person"]["name"].startswith("Sam Person")
    assert made["person"]["by_role"] == "line_manager"
    assert (made["number"], made["stands"]) == (1, True)


async def test_before_anybody_decides_nothing_is_final(callers: Callers) -> None:
    found = (await callers.ask(MANAGER, "GET", "/decision")).json()
    assert (found["stage"], found["decision"], found["history"]) == (
        "undecided",
        None,
        [],
    )


@pytest.mark.parametrize("body", [ACCEPTED, AMENDED, REJECTED])
async def test_the_score_itself_stays_as_it_was_published(
    callers: Callers, body: dict[str, Any]
) -> None:
    before = await row(callers.scored)
    await callers.decided(**body)
    after = await row(callers.scored)
    assert {name for name in after if after[name] != before[name]} == MOVES
    assert after["changed_at"] == RELEASED + timedelta(hours=1)
    assert await fed(callers.scored) == [("hmt", "scores", "upsert", 2)]


async def test_a_manager_decides_again_and_what_was_decided_is_kept(
    callers: Callers,
) -> None:
    for body in (ACCEPTED, REJECTED, AMENDED):
        await callers.decided(**body)
    found = (await callers.ask(SUBJECT, "GET", "/decision")).json()
    told = [(e["number"], e["outcome"], e["stands"]) for e in found["history"]]
    assert told == [(1, "accept", False), (2, "reject", False), (3, "amend", True)]
    assert found["decision"] == found["history"][-1]
    assert [version for *_, version in await fed(callers.scored)] == [2, 3, 4]


async def test_the_same_again_changes_nothing(callers: Callers) -> None:
    tag = await callers.tag()
    for _ in range(2):  # With what was read before the first: its answer was lost.
        again = await callers.ask(MANAGER, "PUT", "/decision", AMENDED, match=tag)
        assert again.status_code == 200, again.text
    assert again.json()["version"] == 2
    assert await ScoreDecision.count() == len(await fed(callers.scored)) == 1


async def test_nobody_decides_on_what_they_have_not_read(callers: Callers) -> None:
    unread = await callers.ask(MANAGER, "PUT", "/decision", ACCEPTED)
    assert (unread.status_code, slug(unread)) == (428, "precondition-required")
    tag = await callers.tag()
    await callers.decided(**REJECTED)
    stale = await callers.ask(MANAGER, "PUT", "/decision", ACCEPTED, match=tag)
    assert (stale.status_code, slug(stale)) == (412, "stale")
    assert stale.headers["etag"] == await callers.tag()
    assert await ScoreDecision.count() == 1


@pytest.mark.parametrize("by", [SUBJECT, ABOVE, COUNTERSIGNS, HR])
async def test_nobody_else_decides(callers: Callers, by: str) -> None:
    answer = await callers.decide(ACCEPTED, by=by)
    assert (answer.status_code, slug(answer)) == (403, "score-decision-not-yours")
    assert await ScoreDecision.count() == 0


@pytest.mark.parametrize("by", ["hmt2", HIGHER, HR_ELSEWHERE])
@pytest.mark.parametrize("score", [SUBJECT, "hmt4"])
async def test_to_anybody_else_it_is_not_there(
    callers: Callers, by: str, score: str
) -> None:
    for method, path, body in (
        ("GET", "/decision", None),
        ("PUT", "/decision", ACCEPTED),
        ("GET", "/appeals", None),
        ("POST", "/appeals", {"reason": "Mine."}),
    ):
        answer = await callers.ask(by, method, path, body, score=score, match="*")
        absent = await callers.ask(
            by, method, path, body, score="00000000-0000-4000-8000-000000000000",
            match="*",
        )  # fmt: skip
        assert answer.status_code == absent.status_code == 404
        assert slug(answer) == slug(absent) == "not-found"


@pytest.mark.parametrize("by", [MANAGER, "hmt4", HR])
async def test_a_score_that_is_not_published_is_nobodys_to_decide_on(
    callers: Callers, by: str
) -> None:
    answer = await callers.ask(by, "GET", "/decision", score="hmt4")
    assert answer.status_code == 404


@pytest.mark.parametrize("score", ["hmt2", "hmt3"])
async def test_without_a_number_there_is_nothing_to_decide_on(
    callers: Callers, score: str
) -> None:
    answer = await callers.decide(ACCEPTED, score=score)
    assert (answer.status_code, slug(answer)) == (409, "score-without-number")


@pytest.mark.parametrize("by", [SUBJECT, MANAGER, ABOVE, COUNTERSIGNS, HR, REPORT])
async def test_all_who_have_to_do_with_it_read_the_same(
    callers: Callers, by: str
) -> None:
    made = await callers.decided(**AMENDED)
    answer = await callers.ask(by, "GET", "/decision")
    assert answer.json() == made
    assert answer.headers["etag"] == '"2"'


async def test_who_is_line_manager_on_the_day_decides(callers: Callers) -> None:
    tag = await callers.tag()
    await a_new_manager(callers.scored, "moj-head")
    former = await callers.ask(MANAGER, "PUT", "/decision", ACCEPTED, match=tag)
    assert former.status_code == 404
    present = await callers.ask("moj-head", "PUT", "/decision", ACCEPTED, match=tag)
    assert present.status_code == 200, present.text


async def test_a_decision_is_on_one_computation(callers: Callers) -> None:
    await callers.decided()
    await Score.update(
        {Score.run: await a_run(callers.scored.cycle), Score.version: 3}
    ).where(Score.id == callers.scored.scores[SUBJECT])
    found = (await callers.ask(MANAGER, "GET", "/decision")).json()
    assert (found["stage"], found["decision"]) == ("undecided", None)
    assert [each["stands"] for each in found["history"]] == [False]


WRONG: list[object] = [
    {},
    {"outcome": "raise"},
    {"outcome": "amend"},
    {"outcome": "reject"},
    {"outcome": "reject", "reason": "  "},
    {"outcome": "reject", "reason": ""},
    {"outcome": "amend", "reason": "It is too low."},
    {"outcome": "amend", "reason": "It is too low.", "judgement": {}},
    {"outcome": "amend", "judgement": {"note": "Higher."}},
    {"outcome": "amend", "reason": "Too low.", "judgement": {"band": "best"}},
    {"outcome": "amend", "reason": "Too low.", "judgement": {"value": 80}},
    {"outcome": "accept", "judgement": {"note": "Higher."}},
    {"outcome": "reject", "reason": "No.", "judgement": {"note": "Higher."}},
    {"outcome": "accept", "value": 80},
    {"outcome": "accept", "reason": "x" * 4001},
]


@pytest.mark.parametrize("body", WRONG)
async def test_a_decision_that_does_not_say_enough_is_refused(
    callers: Callers, body: object
) -> None:
    answer = await callers.decide(body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert await ScoreDecision.count() == 0
    assert (await row(callers.scored))["version"] == 1


async def test_a_machine_decides_nothing_and_reads_nothing_here(
    callers: Callers, client: httpx.AsyncClient
) -> None:
    machine = await a_token(client, "hmt")
    score = callers.scored.scores[SUBJECT]
    for method, path in (
        ("GET", "decision"),
        ("PUT", "decision"),
        ("GET", "appeals"),
        ("POST", "appeals"),
        ("POST", f"appeals/{score}/settlement"),
        ("POST", f"appeals/{score}/withdrawal"),
    ):
        answer = await client.request(
            method, f"/v1/scores/{score}/{path}", json=ACCEPTED, headers=machine
        )
        assert (answer.status_code, slug(answer)) == (403, "wrong-caller"), path


async def test_who_decided_and_who_read_is_in_the_audit(callers: Callers) -> None:
    made = await callers.decided(**REJECTED)
    await callers.ask(HR, "GET", "/decision")
    rows = await AuditEntry.select().where(
        AuditEntry.entity_id == str(callers.scored.scores[SUBJECT])
    )
    people = callers.scored.people
    said = {(r["actor"], r["action"], r["entity"], r["organisation"]) for r in rows}
    assert (f"person:{people[MANAGER]}", "decide", "score", "hmt") in said
    assert (f"person:{people[HR]}", "read", "score_decision", "hmt") in said
    (entry,) = [r for r in rows if r["action"] == "decide"]
    assert made["decision"]["id"] in entry["after"]
    assert REJECTED["reason"] not in entry["after"]  # It is not quoted.


async def test_it_is_said_until_when_the_subject_can_appeal(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided = (await callers.ask(SUBJECT, "GET", "/decision")).json()
    assert undecided["appealable_until"] == "2027-04-29T23:00:00Z"
    clock(monkeypatch, RELEASED + timedelta(days=7))
    decided = await callers.decided()
    assert decided["appealable_until"] == "2027-05-07T23:00:00Z"
