"""A subject appeals over HTTP, somebody apart settles it; the score stays as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from service.audit.tables import AuditEntry
from service.scores.deciding.tables import ScoreAppeal
from tests.factories import RELEASED, a_line
from tests.feedback.over_http import slug
from tests.feedback.results.living import clock
from tests.scores.deciding.scored import (
    ABOVE,
    ACCEPTED,
    AMENDED,
    COUNTERSIGNS,
    HR,
    MANAGER,
    REJECTED,
    REPORT,
    SUBJECT,
    Callers,
    a_new_manager,
    administers,
    fed,
    row,
)

MOVES = {"version", "changed_at"}
WAYS = ["uphold", "partly_uphold", "dismiss", "withdraw"]
UNTIL = datetime(2027, 4, 29, 23, tzinfo=UTC)
"""Twenty working days from the publication, and from the decision, in London."""


async def stage(callers: Callers) -> str:
    found = await callers.ask(SUBJECT, "GET", "/decision")
    return str(found.json()["stage"])


async def test_the_subject_appeals_against_the_decision(callers: Callers) -> None:
    made = await callers.decided(**REJECTED)
    answer = await callers.appeal()
    assert answer.status_code == 201, answer.text
    (appeal,) = answer.json()["items"]
    assert (appeal["number"], appeal["state"]) == (1, "open")
    assert appeal["decision"] == made["decision"]["id"]
    assert appeal["reason"] == "Two of my objectives are missing."
    assert appeal["due_at"] == "2027-04-29T23:00:00Z"
    assert (appeal["answer"], appeal["ended_at"]) == (None, None)
    assert await stage(callers) == "decided_under_appeal"


async def test_while_nobody_has_decided_they_appeal_against_the_score(
    callers: Callers,
) -> None:
    (appeal,) = (await callers.appeal()).json()["items"]
    assert appeal["decision"] is None
    assert await stage(callers) == "undecided_under_appeal"


async def test_a_score_without_a_number_can_be_appealed_against(
    callers: Callers,
) -> None:
    answer = await callers.appeal(by="hmt2", score="hmt2")
    assert answer.status_code == 201, answer.text


async def test_a_score_that_was_withdrawn_cannot(callers: Callers) -> None:
    answer = await callers.appeal(by="hmt3", score="hmt3")
    assert (answer.status_code, slug(answer)) == (409, "score-withdrawn")


@pytest.mark.parametrize("by", [MANAGER, ABOVE, COUNTERSIGNS, HR])
async def test_nobody_appeals_for_them(callers: Callers, by: str) -> None:
    answer = await callers.appeal(by=by)
    assert (answer.status_code, slug(answer)) == (403, "appeal-not-yours")


@pytest.mark.parametrize(
    ("at", "refused"),
    [(UNTIL - timedelta(seconds=1), False), (UNTIL, True)],
)
async def test_an_appeal_comes_in_time_to_the_second(
    callers: Callers, monkeypatch: pytest.MonkeyPatch, at: datetime, *, refused: bool
) -> None:
    await callers.decided()
    clock(monkeypatch, at)
    answer = await callers.appeal()
    assert answer.status_code == (409 if refused else 201), answer.text
    if refused:
        assert slug(answer) == "appeal-too-late"


async def test_a_later_decision_gives_time_anew(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, UNTIL)
    assert slug(await callers.appeal()) == "appeal-too-late"
    await callers.decided()
    assert (await callers.appeal()).status_code == 201


@pytest.mark.parametrize("outcome", WAYS)
@pytest.mark.parametrize("decided", [True, False])
async def test_every_way_an_appeal_ends(
    callers: Callers, outcome: str, *, decided: bool
) -> None:
    if decided:
        await callers.decided()
    before = await row(callers.scored)
    appeal = await callers.appealed()
    await callers.settled(appeal, outcome)
    stands = decided and outcome in {"dismiss", "withdraw"}
    assert await stage(callers) == ("decided" if stands else "undecided")
    after = await row(callers.scored)
    assert {name for name in after if after[name] != before[name]} <= MOVES
    versions = [version for *_, version in await fed(callers.scored)]
    assert versions == [*range(2, 4 + decided)]


@pytest.mark.parametrize(
    ("by", "capacity"),
    [
        (ABOVE, "next_above"),
        (COUNTERSIGNS, "countersigning_manager"),
        (HR, "hr_administrator"),
    ],
)
async def test_a_named_human_apart_settles_it(
    callers: Callers, by: str, capacity: str
) -> None:
    await callers.decided()
    answer = await callers.settle(await callers.appealed(), "dismiss", by=by)
    assert answer.status_code == 201, answer.text
    (appeal,) = answer.json()["items"]
    assert appeal["state"] == "dismissed"
    assert appeal["answer"]["reason"] == "I have read all of it."
    assert appeal["answer"]["person"]["id"] == str(callers.scored.people[by])
    assert appeal["answer"]["person"]["by_role"] == capacity


@pytest.mark.parametrize("by", [SUBJECT, MANAGER, REPORT])
@pytest.mark.parametrize("decided", [True, False])
async def test_nobody_near_settles_it(
    callers: Callers, by: str, *, decided: bool
) -> None:
    """Not who is judged, who judged, nor who answers to either; `report` is of HR."""
    if decided:
        await callers.decided()
    answer = await callers.settle(await callers.appealed(), "dismiss", by=by)
    assert (answer.status_code, slug(answer)) == (403, "appeal-not-yours-to-settle")
    assert await ScoreAppeal.count().where(ScoreAppeal.state == "open") == 1


async def test_an_appeal_ends_once(callers: Callers) -> None:
    appeal = await callers.appealed()
    await callers.settled(appeal, "dismiss")
    for answer in (
        await callers.settle(appeal, "uphold", by=HR),
        await callers.withdraw(appeal),
    ):
        assert (answer.status_code, slug(answer)) == (409, "appeal-over")


async def test_one_appeal_is_open_at_a_time(callers: Callers) -> None:
    await callers.appealed()
    answer = await callers.appeal()
    assert (answer.status_code, slug(answer)) == (409, "score-wrong-stage")


async def test_nothing_is_decided_while_an_appeal_is_open(callers: Callers) -> None:
    await callers.decided()
    await callers.appealed()
    answer = await callers.decide(REJECTED)
    assert (answer.status_code, slug(answer)) == (409, "score-wrong-stage")


@pytest.mark.parametrize("outcome", ["uphold", "partly_uphold", "dismiss"])
async def test_the_same_is_appealed_against_once(
    callers: Callers, outcome: str
) -> None:
    """That of an undecided score too: it is the same thing still."""
    await callers.settled(await callers.appealed(), outcome)
    answer = await callers.appeal()
    assert (answer.status_code, slug(answer)) == (409, "appeal-settled")
    await callers.decided()
    again = await callers.appealed()
    await callers.settled(again, "dismiss")
    assert slug(await callers.appeal()) == "appeal-settled"


async def test_what_was_withdrawn_can_be_made_again_in_time(callers: Callers) -> None:
    for number in (1, 2):
        appeal = await callers.appealed()
        await callers.settled(appeal, "withdraw")
        items = (await callers.ask(SUBJECT, "GET", "/appeals")).json()["items"]
        assert [each["state"] for each in items] == ["withdrawn"] * number
        assert items[-1]["answer"] is None


@pytest.mark.parametrize("by", [MANAGER, ABOVE, HR])
async def test_nobody_withdraws_it_for_them(callers: Callers, by: str) -> None:
    answer = await callers.withdraw(await callers.appealed(), by=by)
    assert (answer.status_code, slug(answer)) == (403, "appeal-not-yours")


@pytest.mark.parametrize("path", ["settlement", "withdrawal"])
async def test_nobody_ends_what_they_have_not_read(callers: Callers, path: str) -> None:
    stale = await callers.tag()
    appeal = await callers.appealed()
    by = SUBJECT if path == "withdrawal" else ABOVE
    body = {"outcome": "dismiss", "reason": "No."} if by == ABOVE else None
    for match, status in ((None, 428), (stale, 412)):
        answer = await callers.ask(
            by, "POST", f"/appeals/{appeal}/{path}", body, match=match
        )
        assert answer.status_code == status, answer.text


async def test_after_an_upheld_appeal_the_manager_decides_again(
    callers: Callers,
) -> None:
    await callers.decided(**REJECTED)
    await callers.settled(await callers.appealed(), "uphold")
    again = await callers.decided(**REJECTED)  # The same words, and a decision anew.
    assert [each["stands"] for each in again["history"]] == [False, True]
    amended = await callers.decided(**AMENDED)
    assert amended["decision"]["number"] == 3


async def test_who_decided_before_settles_nothing_once_they_are_above(
    callers: Callers,
) -> None:
    """A manager who moved up, and administers HR too, would judge their own words."""
    await callers.decided(**ACCEPTED)
    appeal = await callers.appealed()
    people = callers.scored.people
    await a_new_manager(callers.scored, "moj-head")
    await a_line(people["moj-head"], people[MANAGER], "moj")
    await administers(people[MANAGER], "hmt")
    answer = await callers.settle(appeal, "dismiss", by=MANAGER)
    assert (answer.status_code, slug(answer)) == (403, "appeal-not-yours-to-settle")
    assert (await callers.settle(appeal, "dismiss", by=ABOVE)).status_code == 201


async def test_an_appeal_settled_late_is_settled(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = await callers.appealed()
    clock(monkeypatch, UNTIL + timedelta(days=30))
    assert await callers.settled(appeal, "uphold") == "upheld"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": "uphold"},
        {"outcome": "uphold", "reason": " "},
        {"outcome": "withdraw", "reason": "No."},
        {"outcome": "upheld", "reason": "Yes."},
        {"outcome": "uphold", "reason": "Yes.", "value": 90},
    ],
)
async def test_an_answer_that_does_not_say_enough_is_refused(
    callers: Callers, body: object
) -> None:
    appeal = await callers.appealed()
    path, tag = f"/appeals/{appeal}/settlement", await callers.tag()
    answer = await callers.ask(ABOVE, "POST", path, body, match=tag)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "\n"}, {"why": "x"}])
async def test_an_appeal_says_why(callers: Callers, body: object) -> None:
    answer = await callers.ask(SUBJECT, "POST", "/appeals", body)
    assert answer.status_code == 422, answer.text


async def test_an_appeal_of_another_score_is_not_there(callers: Callers) -> None:
    appeal = await callers.appealed()
    path = f"/appeals/{appeal}/settlement"
    body = {"outcome": "uphold", "reason": "Yes."}
    answer = await callers.ask(HR, "POST", path, body, score="hmt2", match="*")
    assert (answer.status_code, slug(answer)) == (404, "not-found")


async def test_who_appealed_and_who_settled_is_in_the_audit(callers: Callers) -> None:
    appeal = await callers.appealed()
    await callers.settled(appeal, "partly_uphold")
    rows = await AuditEntry.select().where(
        AuditEntry.entity_id == str(callers.scored.scores[SUBJECT])
    )
    people = callers.scored.people
    said = {(r["actor"], r["action"]) for r in rows if appeal in (r["after"] or "")}
    assert said == {
        (f"person:{people[SUBJECT]}", "appeal"),
        (f"person:{people[ABOVE]}", "partly_uphold"),
    }
    assert not any("objectives are missing" in (r["after"] or "") for r in rows)
    assert min(r["at"] for r in rows) > RELEASED
