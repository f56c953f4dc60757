"""The three instants of a window: to the second, over clock changes, extended."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.db import transaction
from service.errors import NotFound
from service.feedback import actions, asking, closing, rules, windows
from service.feedback.queries import WindowFact
from service.jobs.queries import own as notices_of
from service.jobs.rules import NoticeKind
from service.records.queries import cycle_of, instants
from service.records.rules import BadDates
from service.scores.actions import compute, publish
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.over_http import Callers, an_administrator, slug
from tests.feedback.stored import counted, request_of, state_of, window
from tests.scoring import KEY, REST, Scene, answers, filled, give

LONDON = ZoneInfo("Europe/London")
SECOND = timedelta(seconds=1)
LATER = datetime(2027, 3, 8, tzinfo=UTC)
FORM = filled(answers("dwp1", "hmt1"))


async def moved_to(scene: Scene, opens: date, closes: date) -> WindowFact:
    """The window from one London midnight to another, as the database keeps it."""
    async with transaction() as connection:
        await connection.execute(
            "UPDATE feedback_window SET opens_at = $2, closes_at = $3,"
            " releases_at = $3 WHERE cycle = $1",
            scene.cycle,
            *(datetime.combine(day, datetime.min.time(), LONDON)
              for day in (opens, closes)),
        )  # fmt: skip
    return await window(scene)


CHANGES = [
    # The clock goes back at 2 a.m. on 25 October 2026: its day has 25 hours.
    (date(2026, 10, 24), date(2026, 10, 25), "2026-10-24T23:00:00+00:00"),
    (date(2026, 10, 25), date(2026, 10, 26), "2026-10-26T00:00:00+00:00"),
    # And forward at 1 a.m. on 28 March 2027: its day has 23.
    (date(2027, 3, 27), date(2027, 3, 28), "2027-03-28T00:00:00+00:00"),
    (date(2027, 3, 28), date(2027, 3, 29), "2027-03-28T23:00:00+00:00"),
]


@pytest.mark.parametrize(("opens", "closes", "instant"), CHANGES)
async def test_a_window_closes_at_midnight_in_london_whatever_the_clock_does(
    db: None, scene: Scene, opens: date, closes: date, instant: str
) -> None:
    held = await moved_to(scene, opens, closes)
    assert held.closes_at.isoformat() == instant
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, FORM, caller=caller, now=held.closes_at - SECOND)
    for late in (timedelta(0), SECOND):
        with pytest.raises(rules.NotOpen, match=instant.replace("+", r"\+")):
            await actions.submit(
                request, FORM, caller=caller, now=held.closes_at + late
            )


@pytest.mark.parametrize(("opens", "hours"), [(c[0], h) for c, h in zip(
    CHANGES, (24, 25, 24, 23), strict=True)])  # fmt: skip
async def test_a_day_of_a_clock_change_is_as_long_as_it_is(
    db: None, scene: Scene, opens: date, hours: int
) -> None:
    held = await moved_to(scene, opens, opens + timedelta(days=1))
    assert held.closes_at - held.opens_at == timedelta(hours=hours)
    on = scene.records["hmt-head"]
    early = held.opens_at - SECOND
    with pytest.raises(rules.NotOpen, match="opens at"):
        await asking.draw(on, seed="early", caller=OPERATOR, now=early)
    with pytest.raises(rules.PoolTooSmall):  # It is open: nobody is in the pool.
        await asking.draw(on, seed="seed", caller=OPERATOR, now=held.opens_at)


async def test_from_the_closing_act_on_nothing_is_accepted_by_whatever_clock(
    db: None, scene: Scene
) -> None:
    """A process whose clock is late does not put an answer beside what was counted."""
    held = await window(scene)
    await give(scene, "dwp1", "hmt1")
    late = await request_of(scene, "moj1", "hmt1")
    first = await closing.closed_forms(scene.cycle, key=KEY, now=held.closes_at)
    with pytest.raises(rules.NotOpen):
        await actions.submit(
            late, FORM, caller=Person(scene.people["moj1"]), now=FEEDBACK_OPEN
        )
    again = await closing.closed_forms(scene.cycle, key=KEY, now=CLOSED)
    assert again == first


async def test_closing_expires_what_nobody_submitted(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    opened, saved = [await request_of(scene, n, "hmt1") for n in ("moj1", "dft1")]
    await actions.look(opened, caller=Person(scene.people["moj1"]), now=FEEDBACK_OPEN)
    await actions.save(
        saved, FORM, check=lambda _: None, caller=Person(scene.people["dft1"]),
        now=FEEDBACK_OPEN,
    )  # fmt: skip
    with pytest.raises(rules.NotOpen, match="come after"):
        await windows.close(scene.cycle, FEEDBACK_OPEN)
    first = await windows.close(scene.cycle, CLOSED)
    assert await windows.close(scene.cycle, CLOSED + SECOND) == first
    assert [await state_of(id_) for id_ in (request, opened, saved)] == [
        "submitted",
        "expired",
        "expired",
    ]


async def test_an_extended_window_takes_what_would_have_been_late(
    db: None, scene: Scene
) -> None:
    before = await window(scene)
    await windows.extend(
        scene.cycle, closes_at=LATER, caller=OPERATOR, now=before.closes_at - SECOND
    )
    after = await window(scene)
    assert after.closes_at == LATER
    # Ten working days after: as the framework says.
    assert after.releases_at == datetime(2027, 3, 22, tzinfo=UTC)
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, FORM, caller=caller, now=LATER - SECOND)
    with pytest.raises(rules.NotOpen):
        await actions.submit(request, FORM, caller=caller, now=LATER)


async def test_an_extension_is_seen_on_the_cycle_and_audited(
    db: None, scene: Scene
) -> None:
    before = await window(scene)
    version = (await cycle_of(scene.cycle))["version"]
    await windows.extend(
        scene.cycle, closes_at=LATER, caller=OPERATOR, now=FEEDBACK_OPEN
    )
    stages = await instants(scene.cycle)
    assert stages["feedback_closes"] == LATER
    assert stages["feedback_releases"] == (await window(scene)).releases_at
    assert (await cycle_of(scene.cycle))["version"] == version + 1
    (entry,) = await AuditEntry.select().where(AuditEntry.action == "extend")
    assert json.loads(entry["before"])["closes_at"].startswith("2027-03-01")
    assert json.loads(entry["after"])["closes_at"].startswith("2027-03-08")
    assert before.closes_at < LATER


@pytest.mark.parametrize(
    ("closes", "releases"),
    [
        (datetime(2027, 3, 1, tzinfo=UTC), None),
        (datetime(2027, 2, 20, tzinfo=UTC), None),
        (LATER, datetime(2027, 3, 9, tzinfo=UTC)),
        (LATER, datetime(2027, 3, 7, tzinfo=UTC)),
    ],
)
async def test_a_window_is_never_shortened(
    db: None, scene: Scene, closes: datetime, releases: datetime | None
) -> None:
    with pytest.raises(rules.NotLater):
        await windows.extend(
            scene.cycle, closes_at=closes, releases_at=releases, caller=OPERATOR,
            now=FEEDBACK_OPEN,
        )  # fmt: skip


async def test_a_release_after_the_next_stage_is_refused_with_both(
    db: None, scene: Scene
) -> None:
    with pytest.raises(BadDates, match=r"end_year_assessment.*feedback_releases"):
        await windows.extend(
            scene.cycle,
            closes_at=datetime(2027, 3, 25, tzinfo=UTC),
            caller=OPERATOR,
            now=FEEDBACK_OPEN,
        )
    assert (await window(scene)).closes_at < LATER


@pytest.mark.parametrize("close", [True, False])
async def test_a_window_that_has_closed_is_not_extended(
    db: None, scene: Scene, *, close: bool
) -> None:
    closes_at = (await window(scene)).closes_at
    if close:
        await windows.close(scene.cycle, closes_at)
    now = closes_at - SECOND if close else closes_at
    with pytest.raises(rules.NotOpen, match="closed at"):
        await windows.extend(scene.cycle, closes_at=LATER, caller=OPERATOR, now=now)


async def told(scene: Scene, name: str) -> list[NoticeKind]:
    found = await notices_of(
        scene.people[name], scene.records[name].organisation, unread=False, after=None,
        limit=100,
    )  # fmt: skip
    return [each.kind for each in found if each.kind == NoticeKind.WINDOW_EXTENDED]


async def test_every_rater_who_can_still_act_is_told_once_and_nobody_else(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    for _ in range(2):
        for days in (0, 1):
            with_days = LATER + timedelta(days=days)
            if with_days > (await window(scene)).closes_at:
                await windows.extend(
                    scene.cycle, closes_at=with_days, caller=OPERATOR,
                    now=FEEDBACK_OPEN,
                )  # fmt: skip
    for name in REST:
        assert len(await told(scene, name)) == 2, name
    for name in ("hmt-head", "dwp-head", "newcomer"):
        assert await told(scene, name) == [], name
    rows = await counted(
        "SELECT count(*) FROM notice WHERE kind = 'window_extended' AND about <> $1",
        scene.cycle,
    )
    assert rows == 0


async def test_who_declined_is_not_told(db: None, scene: Scene) -> None:
    for request in await actions.waiting(scene.people["dwp1"], scene.cycle):
        await actions.decline(
            request, reason="No time.", caller=Person(scene.people["dwp1"]),
            now=FEEDBACK_OPEN,
        )  # fmt: skip
    await windows.extend(
        scene.cycle, closes_at=LATER, caller=OPERATOR, now=FEEDBACK_OPEN
    )
    assert await told(scene, "dwp1") == []
    assert len(await told(scene, "dwp2")) == 1


async def test_an_administrator_extends_the_window_of_their_own_cycle_alone(
    callers: Callers, scene: Scene
) -> None:
    await an_administrator(scene, "hmt2")
    body = {"closes_at": LATER.isoformat()}
    path = f"/v1/cycles/{scene.cycle}/feedback-extensions"
    shared = await callers.ask("hmt2", "POST", path, body)
    assert (shared.status_code, slug(shared)) == (403, "feedback-window-of-many")
    assert "joinedup cycles extend-feedback" in shared.json()["detail"]
    assert (await callers.ask("hmt3", "POST", path, body)).status_code == 403
    assert (await callers.ask("hmt", "POST", path, body)).status_code == 403
    async with transaction() as connection:
        await connection.execute(
            "DELETE FROM cycle_organisation WHERE organisation <> 'hmt'"
        )
    for wrong in ({"closes_at": "2027-03-08T00:00:00"}, {}, {**body, "opens_at": "x"}):
        assert (await callers.ask("hmt2", "POST", path, wrong)).status_code == 422
    made = await callers.ask("hmt2", "POST", path, body)
    assert made.status_code == 201, made.text
    assert made.json()["closes_at"] == "2027-03-08T00:00:00Z"
    await an_administrator(scene, "dwp1")
    other = await callers.ask("dwp1", "POST", path, body)
    assert (other.status_code, slug(other)) == (404, "not-found")


async def test_what_came_in_the_extension_is_scored_and_released(
    db: None, scene: Scene
) -> None:
    await windows.extend(
        scene.cycle, closes_at=LATER, caller=OPERATOR, now=FEEDBACK_OPEN
    )
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, FORM, caller=caller, now=LATER - SECOND)
    with pytest.raises(rules.NotOpen):
        await compute(
            scene.cycle, method=None, key=KEY, caller=OPERATOR, now=LATER - SECOND
        )
    forms = await closing.closed_forms(scene.cycle, key=KEY, now=LATER)
    assert len(forms) == 1
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=LATER)
    released = (await window(scene)).releases_at
    with pytest.raises(rules.NotYetReleased):
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=released - SECOND)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=released)


async def test_a_cycle_that_is_not_there_has_no_window(db: None) -> None:
    with pytest.raises(NotFound):
        await windows.extend(
            UUID(int=1), closes_at=LATER, caller=OPERATOR, now=FEEDBACK_OPEN
        )
