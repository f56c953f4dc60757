"""Each rater is told each thing once, by the calendar, whatever others do."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from service.auth.caller import Person
from service.feedback import actions, asking, rules, windows
from service.feedback.inviting.schedule import see_to_mails
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.inviting.mailed import deliveries, forget_all, queued
from tests.feedback.stored import asked, counted, proposed, request_of, window
from tests.scoring import REST, Scene, give

HOUR = timedelta(hours=1)


async def requests(scene: Scene, subject: str = "hmt1") -> dict[str, UUID]:
    return {rater: await request_of(scene, rater, subject) for rater in REST}


async def closes(scene: Scene) -> datetime:
    return (await window(scene)).closes_at


async def declined(
    scene: Scene,
    rater: str,
    subject: str = "hmt1",
    now: datetime = FEEDBACK_OPEN + HOUR,
) -> UUID:
    request = await request_of(scene, rater, subject)
    caller = Person(scene.people[rater])
    await actions.decline(request, reason="Too briefly.", caller=caller, now=now)
    return request


@pytest.fixture
def few(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw four of a pool: the others may replace them."""

    async def limits_of(_: UUID) -> rules.Limits:
        return rules.Limits(4, 3, 8, 2, 50, 3, own_organisation_may_rate=False)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)


async def a_replacement(scene: Scene, now: datetime) -> UUID:
    """The request that begins when one of four, who were drawn at once, declines."""
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in REST])
    await asking.draw(on, seed="turns", caller=OPERATOR, now=FEEDBACK_OPEN)
    before = await asked(on)
    assert len(before) == 4
    declines = min(scene.name_of(person) for person in before)
    await declined(scene, declines, "hmt-head", now)
    (replacement,) = await asked(on) - before
    return await request_of(scene, scene.name_of(replacement), "hmt-head")


async def test_whoever_is_drawn_is_invited_at_once(db: None, scene: Scene) -> None:
    for request in (await requests(scene)).values():
        assert await queued(request) == ["invitation"]
    assert await deliveries() == await counted("SELECT count(*) FROM feedback_request")
    late = "SELECT count(*) FROM outbox WHERE kind = 'feedback_mail' AND run_at > $1"
    assert await counted(late, FEEDBACK_OPEN) == 0


async def test_whoever_replaces_a_rater_is_invited_and_kept_off_the_list(
    few: None, scene: Scene
) -> None:
    request = await a_replacement(scene, FEEDBACK_OPEN + HOUR)
    assert await queued(request) == ["invitation"]
    unlisted = "SELECT count(*) FROM feedback_mail WHERE NOT listed"
    assert await counted(unlisted) == 1
    assert await counted(f"{unlisted} AND request = $1", request) == 1


async def test_reminders_follow_the_calendar(db: None, scene: Scene) -> None:
    request = (await requests(scene))["dwp1"]
    at = await closes(scene)
    seen = []
    moment = timedelta(seconds=1)
    for before in (7, 3, 1):
        instant = at - timedelta(days=before)
        await see_to_mails(instant - moment)
        seen.append(len(await queued(request)))
        await see_to_mails(instant)
        seen.append(len(await queued(request)))
    await see_to_mails(at)
    assert seen == [1, 2, 2, 3, 3, 4]
    assert await queued(request) == [
        "invitation", "reminder_7", "reminder_3", "reminder_1",
    ]  # fmt: skip


async def test_run_again_it_queues_nothing_and_run_late_only_the_last(
    db: None, scene: Scene
) -> None:
    request = (await requests(scene))["dwp1"]
    late = await closes(scene) - timedelta(hours=2)
    await see_to_mails(late)
    known = await deliveries()
    for hours in range(2):
        await see_to_mails(late + hours * HOUR / 2)
    assert await queued(request) == ["invitation", "reminder_1"]
    assert await deliveries() == known


async def test_what_was_sent_and_forgotten_is_not_sent_again(
    db: None, scene: Scene
) -> None:
    at = await closes(scene) - timedelta(days=7)
    await see_to_mails(at)
    await forget_all()
    await see_to_mails(at + HOUR)
    assert await deliveries() == 0


async def test_what_is_queued_is_the_same_whatever_raters_did(
    db: None, scene: Scene
) -> None:
    at = await closes(scene) - timedelta(days=1)
    sent = await give(scene, "dwp1", "hmt1")
    gone = await declined(scene, "dwp2")
    await see_to_mails(at)
    for request in (sent, gone, await request_of(scene, "moj1", "hmt1")):
        assert await queued(request) == ["invitation", "reminder_1"]


async def test_whoever_was_invited_after_its_instant_is_not_reminded_of_it(
    few: None, scene: Scene
) -> None:
    at = await closes(scene)
    late = at - timedelta(days=2)
    theirs = await a_replacement(scene, late)
    await see_to_mails(late + HOUR)
    assert await queued(theirs) == ["invitation"]
    await see_to_mails(at - timedelta(days=1))
    assert await queued(theirs) == ["invitation", "reminder_1"]


async def test_extended_it_reminds_by_the_later_closing_and_of_nothing_twice(
    db: None, scene: Scene
) -> None:
    request = (await requests(scene))["dwp1"]
    at = await closes(scene)
    await see_to_mails(at - timedelta(days=7))
    later = at + timedelta(days=7)
    await windows.extend(
        scene.cycle, closes_at=later, caller=OPERATOR, now=at - timedelta(days=6)
    )
    for days in (7, 3):
        await see_to_mails(at - timedelta(days=days - 1))
        await see_to_mails(later - timedelta(days=days))
    assert await queued(request) == [
        "invitation",
        "reminder_7",
        "extension",
        "reminder_3",
    ]


async def test_thanks_go_out_together_once_it_has_closed(
    db: None, scene: Scene
) -> None:
    sent = await give(scene, "dwp1", "hmt1")
    silent = await request_of(scene, "dwp2", "hmt1")
    await see_to_mails(await closes(scene) - HOUR)
    assert "thanks" not in await queued(sent)
    await windows.close(scene.cycle, CLOSED)
    await see_to_mails(CLOSED)
    await see_to_mails(CLOSED + HOUR)
    for request in (sent, silent):
        assert await queued(request) == ["invitation", "reminder_1", "thanks"]
    known = await deliveries()
    await see_to_mails(CLOSED + timedelta(days=8))
    assert await deliveries() == known


async def test_nothing_of_it_is_a_notice_or_an_audit(db: None, scene: Scene) -> None:
    tables = ("notice", "audit_entry", "kept_answer", "rate_window")
    counts = [f"SELECT count(*) FROM {table}" for table in tables]  # noqa: S608 - these
    before = [await counted(count) for count in counts]
    await see_to_mails(await closes(scene) - timedelta(days=3))
    assert [await counted(count) for count in counts] == before


@pytest.mark.parametrize("table", ["feedback_mail", "feedback_link", "undelivered"])
async def test_no_machine_s_transaction_sees_its_rows(
    db: None, scene: Scene, table: str
) -> None:
    policies = "SELECT count(*) FROM pg_policy WHERE polrelid = $1::text::regclass"
    forced = "SELECT relforcerowsecurity::int FROM pg_class WHERE relname = $1"
    assert await counted(f"{policies} AND polname <> 'everyone'", table) == 0
    assert await counted(forced, table) == 1
