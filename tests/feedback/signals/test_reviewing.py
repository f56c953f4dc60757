"""Reviewers decide about scores that hang on one form, and learn of nobody."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar

from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.db import transaction
from service.feedback import windows
from service.feedback.signals import rules
from service.feedback.signals.actions import find, look_where_due
from service.feedback.signals.rules import Kind, Signal
from service.feedback.signals.tables import Look, ScoreReview, ToReview
from service.feedback.tables import Answer
from service.scores.actions import compute, publish
from service.scores.tables import Score
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR, RELEASED
from tests.feedback.over_http import Callers, slug
from tests.feedback.results.living import (
    Headers,
    clock,
    close,
    role,
    told,
    with_outsiders,
)
from tests.scoring import KEY, Scene

ONCE = b"once" * 8
QUEUE = "/v1/moderation/scores"
WITHHOLD = {"decision": "withhold", "reason": "One of six forms differs."}
NO_ACTION = {"decision": "no_action", "reason": "The words of all agree."}

Everyone = tuple[Callers, dict[str, Headers]]


@pytest.fixture(autouse=True)
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scene's forms are enough to look at."""
    monkeypatch.setattr(rules, "FEWEST_FORMS", 10)


@pytest.fixture
async def everyone(
    app: Litestar,
    client: httpx.AsyncClient,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
) -> Everyone:
    clock(monkeypatch, FEEDBACK_OPEN)
    return await with_outsiders(app, client, scene)


@pytest.fixture
def callers(everyone: Everyone) -> Callers:
    return everyone[0]


@pytest.fixture
async def reviewers(
    everyone: Everyone, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, Headers]:
    """The window has closed, somebody has looked, and hmt1 hangs on one form."""
    await turned(scene, "hmt1")
    await close()
    await looked(scene)
    clock(monkeypatch, CLOSED)
    return everyone[1]


async def turned(scene: Scene, name: str, value: int = 5) -> UUID:
    """Have one form on a record give one answer to everything; return the record."""
    on = scene.records[name].id
    row = await Answer.select(Answer.response).where(Answer.record == on).first()
    assert row is not None
    await Answer.update({Answer.value: value}).where(Answer.response == row["response"])
    return on


async def looked(scene: Scene) -> None:
    await find(scene.cycle, chance=ONCE, caller=OPERATOR, now=CLOSED)


async def queue(callers: Callers, who: Headers) -> dict[str, Any]:
    got = await callers.client.get(QUEUE, headers=who())
    assert got.status_code == 200, got.text
    body: dict[str, Any] = got.json()
    return body


async def decided(
    callers: Callers, who: Headers, review: str, decision: object = WITHHOLD
) -> httpx.Response:
    return await callers.client.post(
        f"{QUEUE}/{review}/decision", headers=who(), json=decision
    )


async def name_of(scene: Scene, subject: str = "hmt1") -> str:
    """What the reviewers know the score of a subject by."""
    (row,) = await ToReview.select().where(ToReview.record == scene.records[subject].id)
    return str(row["id"])


async def test_a_reviewer_sees_that_it_hangs_on_one_form_and_not_whose_it_is(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    body = await queue(callers, reviewers["m1"])
    (shown,) = [i for i in body["items"] if i["id"] == await name_of(scene)]
    assert {**shown, "standard_errors": None} == {
        "id": shown["id"],
        "cycle": str(scene.cycle),
        "raters": "5-7",
        "standard_errors": None,
        "decide_by": "2027-03-15T00:00:00Z",
    }
    assert shown["standard_errors"] in {1, 2}
    said = str(body)
    for name, person in scene.people.items():
        assert str(person) not in said, name
        assert str(scene.records[name].id) not in said, name
    for code in ("hmt", "dwp", "moj", "dft"):
        assert f"'{code}'" not in said


async def test_beside_it_stands_what_chance_alone_would_give(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    (cycle,) = (await queue(callers, reviewers["m1"]))["cycles"]
    assert cycle["cycle"] == str(scene.cycle)
    assert cycle["looked_at"] == CLOSED.isoformat().replace("+00:00", "Z")
    assert {each["kind"] for each in cycle["signals"]} == {*Kind}
    assert all(each["false_alarms"] >= 0 for each in cycle["signals"])
    few = [e["found"] for e in cycle["signals"] if e["kind"] != Kind.INFLUENCE]
    assert all(found is None or found >= rules.FEWEST_TOLD for found in few)


async def test_each_reviewer_has_an_order_of_their_own(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    await ToReview.delete(force=True)
    await ToReview.insert(
        *(
            ToReview(
                organisation=on.organisation, id=uuid4(), record=on.id, raters="5-7",
                standard_errors=1,
            )
            for on in scene.records.values()
        )
    )  # fmt: skip
    orders = [
        [each["id"] for each in (await queue(callers, who))["items"]]
        for who in (*reviewers.values(), *reviewers.values())
    ]
    assert orders[:2] == orders[2:]
    assert sorted(orders[0]) == sorted(orders[1])
    assert len(orders[0]) > 10
    assert orders[0] != orders[1]


async def test_before_the_window_closes_there_is_nothing_whatever_was_answered(
    callers: Callers, everyone: Everyone, scene: Scene
) -> None:
    who = everyone[1]["m1"]
    before = told(await callers.client.get(QUEUE, headers=who()))
    await turned(scene, "hmt1")
    await Answer.update({Answer.value: 1}).where(
        Answer.record == scene.records["hmt2"].id
    )
    again = await callers.client.get(QUEUE, headers=who())
    assert told(again) == before
    assert again.json() == {"items": [], "cycles": []}


async def test_before_anybody_looked_it_says_so(
    callers: Callers, everyone: Everyone, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await windows.close(scene.cycle, CLOSED)
    clock(monkeypatch, CLOSED)
    assert await queue(callers, everyone[1]["m1"]) == {
        "items": [],
        "cycles": [{"cycle": str(scene.cycle), "looked_at": None, "signals": []}],
    }


async def test_every_closed_window_is_looked_into_once(db: None, scene: Scene) -> None:
    async def look() -> int:
        await look_where_due(CLOSED, OPERATOR, lambda: ONCE)
        entries = await AuditEntry.select().where(
            AuditEntry.action == "look_for_signals"
        )
        return len(entries)

    assert await look() == 0
    await close()
    assert (await look(), await look()) == (1, 1)
    assert await Look.count() == 1


@pytest.mark.parametrize("member", ["hmt2", "dwp2", "moj-head", "dft-head"])
async def test_an_organisation_in_the_line_or_in_the_pool_reviews_nothing_of_it(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers], member: str
) -> None:
    code = scene.records[member].organisation
    await role(scene.people[member], Role.TEXT_MODERATOR, code)

    def headers() -> dict[str, str]:
        return callers.headers(member)

    assert (await queue(callers, headers))["items"] == []
    answer = await decided(callers, headers, await name_of(scene))
    nothing = await decided(callers, headers, str(UUID(int=1)))
    assert answer.status_code == nothing.status_code == 404
    assert await ScoreReview.count() == 0


@pytest.mark.parametrize(
    "held",
    [
        None,
        Role.HR_ADMINISTRATOR,
        Role.CENTRAL_TEAM,
        Role.AUDITOR,
        Role.DATA_PROTECTION_OFFICER,
    ],
)
async def test_nobody_but_a_text_moderator_reads_the_queue(
    callers: Callers,
    scene: Scene,
    reviewers: Mapping[str, Headers],
    held: Role | None,
) -> None:
    if held:
        await role(scene.people["hmt2"], held, "hmt")
    assert (await callers.get("hmt2", QUEUE)).status_code == 403


async def test_reading_is_audited_and_deciding_kept_apart(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    """In the audit a decision would tell, before the release, that people answered."""
    before = await AuditEntry.count()
    await queue(callers, reviewers["m1"])
    (entry,) = await AuditEntry.select().where(
        AuditEntry.entity == "score_review_queue"
    )
    assert (entry["action"], entry["organisation"], entry["entity_id"]) == (
        "read", "co", "co",
    )  # fmt: skip
    answer = await decided(callers, reviewers["m1"], await name_of(scene))
    assert (answer.status_code, answer.content) == (204, b"")
    assert await AuditEntry.count() == before + 1
    (row,) = await ScoreReview.select()
    assert (row["organisation"], row["record"]) == ("hmt", scene.records["hmt1"].id)
    assert (row["decision"], row["reason"]) == ("withhold", WITHHOLD["reason"])
    assert row["decided_at"] == CLOSED


async def test_what_is_decided_waits_no_more_and_stands(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    one, other = reviewers.values()
    name = await name_of(scene)
    assert (await decided(callers, one, name)).status_code == 204
    assert name not in {e["id"] for e in (await queue(callers, one))["items"]}
    assert (await decided(callers, one, name)).status_code == 204
    for who, what in ((one, NO_ACTION), (other, WITHHOLD)):
        answer = await decided(callers, who, name, what)
        assert (answer.status_code, slug(answer)) == (409, "signals-reviewed-already")
    assert await ScoreReview.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"decision": "withhold", "reason": "  "},
        {"decision": "withhold"},
        {"decision": "lower", "reason": "Too high."},
        {**WITHHOLD, "score": 50},
    ],
)
async def test_a_decision_has_a_reason_and_sets_no_score(
    callers: Callers,
    scene: Scene,
    reviewers: Mapping[str, Headers],
    sent: object,
) -> None:
    answer = await decided(callers, reviewers["m1"], await name_of(scene), sent)
    assert answer.status_code == 422
    assert await ScoreReview.count() == 0


async def published(scene: Scene) -> dict[str, dict[str, Any]]:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    return {scene.name_of(row["person"]): row for row in await Score.select()}


async def test_a_withheld_score_is_published_without_a_figure_and_no_other_moves(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    await decided(callers, reviewers["m1"], await name_of(scene))
    found = await published(scene)
    assert (found["hmt1"]["state"], found["hmt1"]["value"]) == ("withheld", None)
    assert found["hmt2"]["state"] == "published"


async def test_after_the_release_nothing_waits_and_nothing_is_decided(
    callers: Callers,
    scene: Scene,
    reviewers: Mapping[str, Headers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = await name_of(scene)
    assert (await published(scene))["hmt1"]["state"] == "published"
    clock(monkeypatch, RELEASED)
    assert await queue(callers, reviewers["m1"]) == {"items": [], "cycles": []}
    answer = await decided(callers, reviewers["m1"], name)
    assert (answer.status_code, slug(answer)) == (409, "signals-review-over")


Read = Callable[[], Awaitable[httpx.Response]]


@pytest.fixture
async def reads(callers: Callers, scene: Scene) -> Mapping[str, Read]:
    """The central team's and an auditor's way to what was found and decided."""
    await role(scene.people["dwp2"], Role.CENTRAL_TEAM, "dwp")
    await role(scene.people["hmt6"], Role.AUDITOR, "hmt")
    await role(scene.people["moj2"], Role.AUDITOR, "moj")
    cycle = f"/v1/cycles/{scene.cycle}"
    return {
        "signals": lambda: callers.get("dwp2", f"{cycle}/signals"),
        "reviews": lambda: callers.get("hmt6", f"{cycle}/score-reviews"),
        "elsewhere": lambda: callers.get("moj2", f"{cycle}/score-reviews"),
    }


async def test_before_the_release_nobody_else_reads_anything_that_moves(
    callers: Callers,
    scene: Scene,
    reviewers: Mapping[str, Headers],
    reads: Mapping[str, Read],
) -> None:
    before = [told(await read()) for read in reads.values()]
    assert {status for status, _, _ in before} == {409}
    await decided(callers, reviewers["m1"], await name_of(scene))
    assert [told(await read()) for read in reads.values()] == before


async def test_after_it_the_central_team_reads_counts_and_auditors_decisions(
    callers: Callers,
    scene: Scene,
    reviewers: Mapping[str, Headers],
    reads: Mapping[str, Read],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (waited,) = (await queue(callers, reviewers["m1"]))["cycles"]
    await decided(callers, reviewers["m1"], await name_of(scene))
    await published(scene)
    clock(monkeypatch, RELEASED)
    counts = await reads["signals"]()
    assert (counts.status_code, counts.json()) == (200, waited)
    (row,) = await ScoreReview.select()
    assert (await reads["reviews"]()).json() == {
        "items": [
            {
                "record": str(scene.records["hmt1"].id),
                **WITHHOLD,
                "decided_by": row["decided_by"],
                "decided_at": CLOSED.isoformat().replace("+00:00", "Z"),
            }
        ]
    }
    assert (await reads["elsewhere"]()).json() == {"items": []}
    entries = await AuditEntry.select(AuditEntry.entity).where(
        AuditEntry.action == "read"
    )
    assert {"feedback_signals", "score_reviews"} <= {row["entity"] for row in entries}


async def test_of_a_cycle_without_a_window_there_is_nothing(
    callers: Callers, scene: Scene, reads: Mapping[str, Read]
) -> None:
    gone = f"/v1/cycles/{UUID(int=1)}/signals"
    assert (await callers.get("dwp2", gone)).status_code == 404


async def test_looking_again_keeps_the_names_and_forgets_what_hangs_no_more(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    name = await name_of(scene)
    await looked(scene)
    assert await name_of(scene) == name
    await Answer.update({Answer.value: 4}).where(
        Answer.record == scene.records["hmt1"].id
    )
    await looked(scene)
    assert await ToReview.count().where(ToReview.id == UUID(name)) == 0


async def test_looking_after_the_release_changes_nothing_that_was_kept(
    callers: Callers, scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    await published(scene)
    before = await Look.select()
    later = RELEASED + timedelta(days=1)
    await find(scene.cycle, chance=b"else" * 8, caller=OPERATOR, now=later)
    assert await Look.select() == before


async def test_what_is_kept_names_nobody_but_the_records_under_review(
    scene: Scene, reviewers: Mapping[str, Headers]
) -> None:
    async with transaction() as connection:
        said = [
            str(row)
            for name in ("feedback_look", "feedback_to_review")
            for row in await connection.fetch(f"SELECT * FROM {name}")  # noqa: S608 - our own
        ]
    for name, person in scene.people.items():
        assert str(person) not in str(said), name


def test_how_far_a_form_moves_a_score_is_told_as_one_or_two() -> None:
    told_of = [rules.errors_told(moved) for moved in (1.01, 1.99, 2.0, 7.5)]
    assert told_of == [1, 1, 2, 2]


def test_signals_are_kept_as_they_were_told() -> None:
    signals = (
        Signal(Kind.RING, None, 40, 0.0),
        Signal(Kind.HOSTILE_FORM, 7, 900, 0.3),
    )
    assert rules.from_text(rules.as_text(signals)) == signals
