"""Who gets into a draw: the pool, the rules of the day, and the turns."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from service.access.tables import DataSharing
from service.directory.tables import Posting
from service.feedback import actions, asking, drawing, rules
from service.feedback.tables import Draw, FeedbackRequest, Nomination
from service.feedback.turns import Candidate, draw, in_turn
from service.records.queries import RecordFact
from tests.factories import (
    FEEDBACK_OPEN,
    LONG_AGO,
    OPERATOR,
    a_line,
    a_person,
    a_posting,
)
from tests.feedback.stored import asked, proposed
from tests.scoring import HMT, REPLIES, REST, Scene

HEADS = ("dwp-head", "moj-head", "dft-head")


async def a_pool(scene: Scene, *names: str) -> RecordFact:
    """The record of hmt's head, whose raters nobody has drawn, with these in its pool.

    The head is the manager of everybody in hmt and has none.
    """
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in names])
    return on


async def drawn(scene: Scene, on: RecordFact, seed: str = "seed") -> set[str]:
    await asking.draw(on, seed=seed, caller=OPERATOR, now=FEEDBACK_OPEN)
    return {scene.name_of(person) for person in await asked(on)}


async def test_those_who_share_an_objective_are_drawn_from(
    db: None, scene: Scene
) -> None:
    for name in ("hmt1", "hmt6"):
        who = await asked(scene.records[name])
        assert {scene.name_of(person) for person in who} == set(REST)


async def test_each_drawn_has_a_request_that_waits_for_them_alone(
    db: None, scene: Scene
) -> None:
    record = scene.records["hmt1"].id
    requests = await FeedbackRequest.select().where(FeedbackRequest.record == record)
    found = []
    for name, person in scene.people.items():
        mine = await actions.waiting(person, scene.cycle)
        found += [(name, request) for request, on in mine.items() if on == record]
    assert sorted(name for name, _ in found) == sorted(REST)
    assert {id_ for _, id_ in found} == {row["id"] for row in requests}
    assert {row["state"] for row in requests} == {"invited"}
    assert {row["version"] for row in requests} == {0}


async def test_the_same_seed_draws_the_same_and_is_kept(db: None, scene: Scene) -> None:
    on = scene.records["moj1"]
    kept = await Draw.objects().where(Draw.record == on.id).first()
    assert kept is not None
    assert (kept.seed, kept.drawn_at) == ("seed of moj1", FEEDBACK_OPEN)
    pool = [
        Candidate(scene.people[name], scene.records[name].organisation)
        for name in reversed([*REPLIES])
        if name not in {"moj1", "moj2", "newcomer"}
    ]
    limits = rules.Limits(10, 3, 20, 2, 50, 3, own_organisation_may_rate=False)
    made_from = drawing.thaw(kept.frozen, kept.id)
    again = draw(pool, {"moj"}, limits, drawing.keyed(kept.seed), made_from.load)
    assert {candidate.person for candidate in again} == await asked(on)
    assert kept.pool_digest == drawing.digest(pool)
    assert (kept.pool_size, kept.drawn) == (len(pool), len(again))


async def test_the_seed_in_the_database_does_not_tell_who_was_drawn(
    db: None, scene: Scene
) -> None:
    """The pool and the seed are there to read; the key that shuffles is not."""
    pool = [
        Candidate(scene.people[name], scene.records[name].organisation)
        for name in REPLIES
        if name not in {"moj1", "moj2", "newcomer"}
    ]
    assert in_turn(pool, drawing.keyed("seed")) != in_turn(pool, "seed")
    assert drawing.keyed("seed") != drawing.keyed("seed", b"another key")


async def test_a_draw_is_balanced_over_the_other_organisations(
    db: None, scene: Scene
) -> None:
    on = await a_pool(scene, *REST, *HEADS)
    codes = Counter(name[:3] for name in await drawn(scene, on))
    assert codes == {"dwp": 3, "moj": 3, "dft": 3}


async def test_the_subject_and_their_organisation_are_never_drawn(
    db: None, scene: Scene
) -> None:
    on = await a_pool(scene, *REST, *HMT, "hmt-head", "newcomer")
    assert await drawn(scene, on) == set(REST)


async def test_nobody_above_the_subject_is_drawn_however_far(
    db: None, scene: Scene
) -> None:
    above = [scene.people["hmt-head"], *(scene.people[name] for name in HEADS)]
    for person, manager in pairwise(above):
        await a_line(person, manager, "hmt")
    on = await a_pool(scene, *REST, *HEADS)
    assert await drawn(scene, on) == set(REST)


async def test_nobody_below_the_subject_is_drawn_however_far(
    db: None, scene: Scene
) -> None:
    below = [scene.people[name] for name in ("hmt-head", "dwp-head")]
    await a_line(below[1], below[0], "dwp")  # and so dwp1 and dwp2 two levels down
    on = await a_pool(scene, *REST, *HEADS)
    assert await drawn(scene, on) == {"moj1", "moj2", "moj-head", "dft1", "dft2"} | {
        "dft-head"
    }


async def test_a_loop_of_managers_ends(db: None, scene: Scene) -> None:
    head, other = scene.people["hmt-head"], scene.people["dwp-head"]
    await a_line(head, other, "hmt")
    await a_line(other, head, "dwp")
    on = await a_pool(scene, *REST, *HEADS)
    assert "dwp-head" not in await drawn(scene, on)


async def test_a_line_that_ended_before_the_draw_bars_nobody(
    db: None, scene: Scene
) -> None:
    head, other = scene.people["hmt-head"], scene.people["dwp-head"]
    await a_line(head, other, "hmt", until=FEEDBACK_OPEN.date())
    on = await a_pool(scene, *REST, "dwp-head")
    assert "dwp-head" in await drawn(scene, on)


async def test_without_a_sharing_agreement_nobody_is_drawn(
    db: None, scene: Scene
) -> None:
    await DataSharing.delete().where(
        DataSharing.organisation == "dft", DataSharing.partner == "hmt"
    )
    on = await a_pool(scene, *REST, *HEADS)
    codes = {name[:3] for name in await drawn(scene, on)}
    assert codes == {"dwp", "moj"}


async def test_an_agreement_that_ends_on_the_day_of_the_draw_is_over(
    db: None, scene: Scene
) -> None:
    await DataSharing.update({DataSharing.valid_to: FEEDBACK_OPEN.date()}).where(
        DataSharing.partner == "hmt"
    )
    on = await a_pool(scene, *REST, *HEADS)
    with pytest.raises(rules.PoolTooSmall, match="from 1 other"):
        await drawn(scene, on)


async def test_who_left_before_the_draw_is_not_drawn(db: None, scene: Scene) -> None:
    await Posting.update({Posting.valid_to: FEEDBACK_OPEN.date()}).where(
        Posting.person == scene.people["dwp1"]
    )
    on = await a_pool(scene, *REST)
    assert await drawn(scene, on) == set(REST) - {"dwp1"}


async def test_a_subject_on_loan_is_not_rated_by_those_they_sit_with(
    db: None, scene: Scene
) -> None:
    on = scene.records["hmt-head"]
    await Posting.update({Posting.organisation: "dwp"}).where(
        Posting.person == on.person
    )
    await a_pool(scene, *REST)
    assert await drawn(scene, on) == {"moj1", "moj2", "dft1", "dft2"}


async def test_a_pool_too_small_draws_nobody_and_can_be_added_to(
    db: None, scene: Scene
) -> None:
    on = await a_pool(scene, "dwp1", "dwp2")
    with pytest.raises(rules.PoolTooSmall):
        await drawn(scene, on)
    assert await asked(on) == set()
    await a_pool(scene, "moj1")
    assert await drawn(scene, on) == {"dwp1", "dwp2", "moj1"}


async def test_nobody_is_drawn_before_the_window_opens(db: None, scene: Scene) -> None:
    on = await a_pool(scene, *REST)
    early = FEEDBACK_OPEN - timedelta(days=30)
    with pytest.raises(rules.NotOpen, match="opens at"):
        await asking.draw(on, seed="seed", caller=OPERATOR, now=early)


async def test_after_the_draw_nobody_is_added_and_nothing_drawn_again(
    db: None, scene: Scene
) -> None:
    on = await a_pool(scene, *REST)
    await drawn(scene, on)
    before = await asked(on)
    with pytest.raises(rules.AlreadyDrawn):
        await a_pool(scene, *HEADS)
    with pytest.raises((rules.AlreadyDrawn, rules.PoolTooSmall)):
        await drawn(scene, on, "another seed")
    assert await asked(on) == before


async def test_somebody_named_twice_is_in_the_pool_once(db: None, scene: Scene) -> None:
    await a_pool(scene, *REST)
    before = await Nomination.count()
    await a_pool(scene, *REST)
    assert await Nomination.count() == before


async def test_somebody_posted_twice_counts_where_they_mainly_work(
    db: None, scene: Scene
) -> None:
    await a_posting(scene.people["dwp1"], "hmt", since=LONG_AGO, fte="0.2")
    both = await a_person("moj", since=date(2027, 1, 1))
    on = await a_pool(scene, *REST)
    await proposed(on, [both])
    await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
    assert {scene.people["dwp1"], both} <= await asked(on)
