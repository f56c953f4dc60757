"""Who looks for signals learns how many, and no rater."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from service.audit.tables import AuditEntry
from service.db import transaction
from service.feedback import closing
from service.feedback.rules import NoReason, NotOpen
from service.feedback.signals import rules
from service.feedback.signals.actions import Report, decide, find
from service.feedback.signals.rules import FEWEST_FORMS, Decision, Kind
from service.feedback.signals.tables import ScoreReview
from service.feedback.tables import Answer
from service.records.queries import instants
from service.scores.actions import compute, publish
from service.scores.tables import Score
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import KEY, REPLIES, Scene

ONCE = b"once" * 8
TICK = timedelta(microseconds=1)


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scene's forms are enough to look at."""
    monkeypatch.setattr(rules, "FEWEST_FORMS", 10)


async def looked(scene: Scene) -> Report:
    return await find(scene.cycle, chance=ONCE, caller=OPERATOR, now=CLOSED)


async def turned(scene: Scene, name: str) -> UUID:
    """Have one form on a record say 5 to everything; return the record."""
    on = scene.records[name].id
    row = await Answer.select(Answer.response).where(Answer.record == on).first()
    assert row is not None
    await Answer.update({Answer.value: 5}).where(Answer.response == row["response"])
    return on


async def test_nothing_is_looked_at_before_the_window_closes(
    db: None, scene: Scene
) -> None:
    early = (await instants(scene.cycle))["feedback_closes"] - TICK
    with pytest.raises(NotOpen):
        await find(scene.cycle, chance=ONCE, caller=OPERATOR, now=early)


async def test_too_few_forms_are_not_looked_at(db: None, scene: Scene) -> None:
    report = await looked(scene)
    assert 50 < report.forms < FEWEST_FORMS
    assert (report.signals, report.to_review) == ((), {})


async def test_every_kind_is_told_with_what_chance_would_give(
    db: None, scene: Scene, enough: None
) -> None:
    report = await looked(scene)
    assert {signal.kind for signal in report.signals} == set(Kind)
    assert all(signal.by_chance >= 0 for signal in report.signals)


async def test_the_same_chance_gives_the_same_report(
    db: None, scene: Scene, enough: None
) -> None:
    assert await looked(scene) == await looked(scene)


async def test_nobody_is_named_but_records_under_review(
    db: None, scene: Scene, enough: None
) -> None:
    """Nor by a pseudonym: those of the score have 64 digits, as these have."""
    said = str(asdict(await looked(scene)))
    people = {str(person) for person in scene.people.values()}
    ties = await closing.closed_ties(scene.cycle, key=ONCE, now=CLOSED)
    people |= {name for tie in ties for name in (tie.subject, tie.rater)}
    assert len(people) > 20
    assert [name for name in people if name in said] == []


async def test_a_score_that_hangs_on_one_form_is_for_review(
    db: None, scene: Scene, enough: None
) -> None:
    """hmt1 has six forms that agree; with one of them turned round it is for review."""
    on = scene.records["hmt1"].id
    assert on not in (await looked(scene)).to_review
    await turned(scene, "hmt1")
    report = await looked(scene)
    assert on in report.to_review
    (signal,) = [each for each in report.signals if each.kind is Kind.INFLUENCE]
    assert signal.found == len(report.to_review)


async def test_a_record_with_too_few_raters_is_not_named_for_review(
    db: None, scene: Scene, enough: None
) -> None:
    """hmt6 has two forms, dwp1 five of one organisation."""
    for name in ("hmt6", "dwp1"):
        on = scene.records[name].id
        await Answer.update({Answer.value: 1}).where(Answer.record == on)
        await turned(scene, name)
    named = (await looked(scene)).to_review
    assert not {scene.records[name].id for name in ("hmt6", "dwp1")} & set(named)


async def test_looking_leaves_what_may_be_told_and_that_somebody_looked(
    db: None, scene: Scene, enough: None
) -> None:
    before = await rows()
    await looked(scene)
    after = await rows()
    changed = {table for table, count in after.items() if count != before[table]}
    assert changed == {"audit_entry", "feedback_look"}
    entry = await AuditEntry.select().where(AuditEntry.action == "look_for_signals")
    assert [(row["entity_id"], row["before"], row["after"]) for row in entry] == [
        (str(scene.cycle), None, None)
    ]


async def rows() -> dict[str, int]:
    """How many rows each table has."""
    async with transaction() as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
        )
        return {
            row["relname"]: await connection.fetchval(
                f'SELECT count(*) FROM "{row["relname"]}"'  # noqa: S608 - the database's own
            )
            for row in tables
        }


async def test_looking_moves_no_score(db: None, scene: Scene, enough: None) -> None:
    await looked(scene)
    first = await compute(
        scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED
    )
    await looked(scene)
    again = await compute(
        scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED
    )
    assert first == again


async def test_both_ends_of_a_tie_go_by_one_name_and_no_other_key_knows_it(
    db: None, scene: Scene
) -> None:
    ties = await closing.closed_ties(scene.cycle, key=ONCE, now=CLOSED)
    forms = await closing.closed_forms(scene.cycle, key=KEY, now=CLOSED)
    assert len(ties) == len(forms)
    subjects, raters = {t.subject for t in ties}, {t.rater for t in ties}
    both = set(REPLIES) & {name for given in REPLIES.values() for name in given}
    assert len(subjects & raters) == len(both)
    assert not (subjects | raters) & {form.rater for form in forms}


async def test_the_last_day_is_told_until_release_and_no_other(
    db: None, scene: Scene
) -> None:
    closes_at = (await instants(scene.cycle))["feedback_closes"]
    last = (closes_at - TICK).date()
    async with transaction() as connection:
        await connection.execute(
            "UPDATE feedback_rater SET answered_on = $1 WHERE rater = $2"
            " AND answered_on IS NOT NULL",
            last,
            scene.people["moj1"],
        )
    ties = await closing.closed_ties(scene.cycle, key=ONCE, now=CLOSED)
    late = {tie.rater for tie in ties if tie.on_last_day}
    assert len(late) == 1
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    ties = await closing.closed_ties(scene.cycle, key=ONCE, now=RELEASED)
    assert not any(tie.on_last_day for tie in ties)


async def decided(
    scene: Scene,
    on: UUID,
    decision: Decision = Decision.WITHHOLD,
    reason: str = "One of six forms differs from the rest.",
    now: datetime = CLOSED,
) -> None:
    await decide(
        scene.cycle, on, decision, reason, chance=ONCE, caller=OPERATOR, now=now
    )


async def published(scene: Scene) -> dict[str, dict[str, Any]]:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    return {scene.name_of(row["person"]): row for row in await Score.select()}


async def test_a_score_that_somebody_withheld_is_published_without_a_figure(
    db: None, scene: Scene, enough: None
) -> None:
    await decided(scene, await turned(scene, "hmt1"))
    found = await published(scene)
    row = found["hmt1"]
    figures = ("value", "low", "high", "band", "reliability", "raters", "explanation")
    assert (row["state"], row["reason"]) == ("withheld", None)
    assert [row[name] for name in figures] == [None] * 7
    assert found["hmt2"]["state"] == "published"


@pytest.mark.parametrize("decision", [None, Decision.NO_ACTION])
async def test_nothing_is_withheld_unless_somebody_says_so(
    db: None, scene: Scene, enough: None, decision: Decision | None
) -> None:
    on = await turned(scene, "hmt1")
    if decision:
        await decided(scene, on, decision)
    assert (await published(scene))["hmt1"]["state"] == "published"


async def test_a_decision_stands_and_is_shown_with_its_record(
    db: None, scene: Scene, enough: None
) -> None:
    on = await turned(scene, "hmt1")
    assert (await looked(scene)).to_review[on] is None
    await decided(scene, on, Decision.NO_ACTION)
    with pytest.raises(rules.ReviewedAlready):
        await decided(scene, on)
    assert (await looked(scene)).to_review[on] is Decision.NO_ACTION
    (row,) = await ScoreReview.select()
    assert (row["organisation"], row["decided_by"]) == ("hmt", OPERATOR.key)
    assert row["decided_at"] == CLOSED


async def test_a_decision_is_not_in_the_audit(
    db: None, scene: Scene, enough: None
) -> None:
    on = await turned(scene, "hmt1")
    before = await rows()
    await decided(scene, on)
    after = await rows()
    changed = {table for table, count in after.items() if count != before[table]}
    assert changed == {"feedback_score_review"}


async def test_only_what_hangs_on_one_form_is_decided(
    db: None, scene: Scene, enough: None
) -> None:
    with pytest.raises(rules.NotForReview):
        await decided(scene, scene.records["hmt2"].id)
    await turned(scene, "hmt6")
    with pytest.raises(rules.NotForReview):
        await decided(scene, scene.records["hmt6"].id)


async def test_nothing_is_decided_of_too_few_forms(db: None, scene: Scene) -> None:
    with pytest.raises(rules.NotForReview):
        await decided(scene, await turned(scene, "hmt1"))


async def test_a_decision_says_why(db: None, scene: Scene, enough: None) -> None:
    with pytest.raises(NoReason):
        await decided(scene, await turned(scene, "hmt1"), reason=" ")


async def test_nothing_is_decided_before_closing_or_after_release(
    db: None, scene: Scene, enough: None
) -> None:
    on = await turned(scene, "hmt1")
    early = (await instants(scene.cycle))["feedback_closes"] - TICK
    with pytest.raises(NotOpen):
        await decided(scene, on, now=early)
    await published(scene)
    with pytest.raises(rules.ReviewOver):
        await decided(scene, on, now=RELEASED)
