"""A draw can be repeated from what was frozen with it, and betrays nobody in it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.cli import draws as cli
from service.db import transaction
from service.directory.tables import Posting
from service.errors import NotFound
from service.feedback import actions, asking, confidentiality, drawing, rules
from service.feedback.closing import release
from service.feedback.drawing import Checked, Finding, Part
from service.feedback.tables import Draw
from service.feedback.turns import REQUEST
from service.feedback.windows import open_window
from service.settings import settings
from tests.factories import FEEDBACK_OPEN, OPERATOR, RELEASED
from tests.feedback.stored import asked, proposed, request_of
from tests.scoring import REPLIES, REST, Scene, give, undone

LATER = FEEDBACK_OPEN + timedelta(days=5)
HEADS = ("dwp-head", "moj-head", "dft-head")
POOL = (*REST, *HEADS)


async def verified(
    scene: Scene, only: str | None = None, now: datetime = LATER
) -> list[Checked]:
    return await asking.verify(
        scene.cycle,
        only=None if only is None else scene.records[only].id,
        caller=OPERATOR,
        now=now,
    )


async def all_match(scene: Scene, draws: int = len(REPLIES)) -> bool:
    found = await verified(scene)
    assert len(found) == draws
    return {(c.finding, c.asked_kept) for c in found} == {(Finding.MATCHES, True)}


@pytest.fixture
def few(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw four of a pool: the others may replace them."""

    async def limits_of(_: UUID) -> rules.Limits:
        return rules.Limits(4, 3, 20, 2, 50, 3, own_organisation_may_rate=False)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)


async def drawn(
    scene: Scene, name: str, seed: str, pool: Sequence[str] = POOL
) -> set[str]:
    on = scene.records[name]
    await proposed(on, [scene.people[each] for each in pool])
    await asking.draw(on, seed=seed, caller=OPERATOR, now=FEEDBACK_OPEN)
    return {scene.name_of(person) for person in await asked(on)}


async def declines(scene: Scene, name: str, subject: str) -> None:
    await actions.decline(
        await request_of(scene, name, subject),
        reason="Too brief.",
        caller=Person(scene.people[name]),
        now=LATER,
    )


async def test_every_draw_matches_whatever_raters_do_and_the_directory_says(
    few: None, scene: Scene
) -> None:
    assert await all_match(scene)
    took = await drawn(scene, "hmt-head", "seed")
    await give(scene, "dwp1", "hmt1")
    await declines(scene, min(took), "hmt-head")
    assert len(await asked(scene.records["hmt-head"])) == 5
    await Posting.update({Posting.organisation: "hmt"}).where(
        Posting.person.is_in([scene.people[name] for name in POOL])
    )
    assert await all_match(scene, len(REPLIES) + 1)


async def test_every_draw_matches_after_the_release_as_well(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    await release(scene.cycle, caller=OPERATOR, now=RELEASED)
    assert await all_match(scene)


async def test_a_draw_under_a_key_of_its_own_matches(few: None, scene: Scene) -> None:
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in POOL])
    await asking.draw(
        on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN, key=b"k" * 32
    )
    (found,) = await verified(scene, "hmt-head")
    assert found == Checked(on.id, Finding.MATCHES)


async def test_what_is_said_names_nobody_and_is_audited(db: None, scene: Scene) -> None:
    said = str([asdict(each) for each in await verified(scene)])
    assert [name for name, id_ in scene.people.items() if str(id_) in said] == []
    entries = await AuditEntry.select().where(AuditEntry.action == "verify_draws")
    assert [(row["entity_id"], row["after"]) for row in entries] == [
        (str(scene.cycle), None)
    ]


async def test_where_nobody_was_drawn_there_is_nothing_to_verify(
    db: None, scene: Scene
) -> None:
    with pytest.raises(NotFound, match="No raters have been drawn"):
        await verified(scene, "hmt-head")


async def kept_of(scene: Scene, name: str) -> Draw:
    (kept,) = await Draw.objects().where(Draw.record == scene.records[name].id)
    return kept


@pytest.mark.parametrize(
    ("column", "value", "differs"),
    [
        ("seed", "another seed", (Part.DRAWN,)),
        ("pool_digest", "0" * 64, (Part.POOL,)),
        ("pool_size", 7, (Part.POOL,)),
        ("drawn", 5, (Part.DRAWN,)),
        ("commitment", "0" * 64, (Part.DRAWN,)),
    ],
)
async def test_what_was_altered_in_the_row_is_found(
    db: None, scene: Scene, column: str, value: object, differs: tuple[Part, ...]
) -> None:
    """All of hmt1's pool were drawn, and still another seed does not pass."""
    kept = copy(await kept_of(scene, "hmt1"))
    who = await asked(scene.records["hmt1"])
    assert drawing.check(kept, who).finding is Finding.MATCHES
    setattr(kept, column, value)
    found = drawing.check(kept, who)
    assert (found.finding, found.differs) == (Finding.DIFFERS, differs)


async def test_what_was_frozen_for_another_draw_does_not_open(
    db: None, scene: Scene
) -> None:
    kept = copy(await kept_of(scene, "hmt1"))
    kept.frozen = (await kept_of(scene, "hmt2")).frozen
    assert drawing.check(kept, ()).finding is Finding.NOT_OPENED


async def test_another_pool_sealed_with_the_services_key_is_found(
    db: None, scene: Scene
) -> None:
    """By whoever has the key, but cannot change the row that was published."""
    kept = copy(await kept_of(scene, "hmt1"))
    made_from = drawing.thaw(kept.frozen, kept.id)
    fewer = replace(made_from, pool=made_from.pool[1:])
    kept.frozen = drawing.freeze(fewer, kept.id)
    assert drawing.check(kept, ()).differs == (Part.POOL, Part.DRAWN)
    kept.frozen = drawing.freeze(replace(made_from, pool=[]), kept.id)
    assert drawing.check(kept, ()).differs == (Part.POOL,)


@pytest.mark.parametrize("whom", ["newcomer", "hmt2"])
async def test_somebody_asked_who_was_not_drawn_is_found(
    db: None, scene: Scene, whom: str
) -> None:
    async with transaction() as connection:
        await connection.execute(
            "UPDATE feedback_rater SET rater = $1 WHERE record = $2 AND rater = $3",
            scene.people[whom], scene.records["hmt1"].id, scene.people["dwp1"],
        )  # fmt: skip
    (found,) = await verified(scene, "hmt1")
    assert (found.finding, found.differs) == (Finding.DIFFERS, (Part.ASKED,))


async def test_once_it_is_not_kept_who_was_asked_the_commitment_still_holds(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(_: UUID) -> set[UUID]:
        return set()

    monkeypatch.setattr(confidentiality, "already_asked", forgotten)
    (found,) = await verified(scene, "hmt1")
    assert (found.finding, found.asked_kept) == (Finding.MATCHES, False)


async def test_a_draw_of_which_nothing_was_frozen_is_said_to_be_beyond_checking(
    db: None, scene: Scene
) -> None:
    on = scene.records["hmt-head"]
    window = await open_window(scene.cycle)
    await Draw.insert(
        Draw(
            organisation="hmt", id=uuid4(), window=window.id, record=on.id,
            seed="seed", pool_digest="0" * 64, pool_size=3, drawn=3,
            drawn_at=FEEDBACK_OPEN,
        )
    )  # fmt: skip
    assert await verified(scene, "hmt-head") == [Checked(on.id, Finding.NOT_FROZEN)]


async def test_without_the_secret_nobody_repeats_a_draw(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "another secret " * 4)
    settings.cache_clear()
    found = await verified(scene)
    assert {each.finding for each in found} == {Finding.NOT_OPENED}


async def test_neither_row_nor_frozen_cell_tells_who_is_in_the_pool(
    db: None, scene: Scene
) -> None:
    kept = await kept_of(scene, "hmt1")
    for name in REST:
        person = scene.people[name]
        assert str(person).encode() not in kept.frozen
        assert person.bytes not in kept.frozen


async def test_the_commitment_is_under_a_key(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or whoever reads the database could try which of the pool it fits."""
    kept = await kept_of(scene, "hmt1")
    took = drawing.thaw(kept.frozen, kept.id).drawn(kept.seed)
    assert drawing.commitment(kept.id, kept.seed, took[::-1]) == kept.commitment
    assert drawing.commitment(kept.id, kept.seed, took[1:]) != kept.commitment
    assert drawing.commitment(uuid4(), kept.seed, took) != kept.commitment
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "another secret " * 4)
    settings.cache_clear()
    assert drawing.commitment(kept.id, kept.seed, took) != kept.commitment


async def test_who_stands_in_many_pools_is_loaded_by_all_and_drawn_less(
    db: None, scene: Scene
) -> None:
    await drawn(scene, "hmt-head", "seed")
    kept = await kept_of(scene, "hmt-head")
    load = drawing.thaw(kept.frozen, kept.id).load
    named = {scene.name_of(person): each for person, each in load.items()}
    # dwp1 was in every pool of hmt's six, of the newcomer, moj1, moj2, dft1 and dft2.
    assert named["dwp1"] > 8 * REQUEST
    assert not {*HEADS} & {*named}
    heads = {scene.people[name] for name in HEADS}
    made_from = drawing.thaw(kept.frozen, kept.id)
    few = replace(made_from, limits=replace(made_from.limits, aim=3))
    drawn_of_heads = sum(
        each.person in heads for seed in range(40) for each in few.drawn(str(seed))
    )
    # One a department, of a head with 16 lots and two with one each: 8 in 9 at best.
    assert 80 < drawn_of_heads <= 120


async def later_draw(
    scene: Scene, seed: str, *, decline: bool
) -> tuple[set[str], set[str]]:
    """Whom a head's draw takes, after that of another with the same pool."""
    pool = (*REST, "moj-head", "dft-head")
    async with undone():
        took = await drawn(scene, "hmt-head", seed, pool)
        if decline:
            await declines(scene, min(took), "hmt-head")
        return took, await drawn(scene, "dwp-head", "a seed", [*pool, "hmt1", "hmt2"])


async def test_no_draw_shows_whom_another_took_nor_who_declined(
    few: None, scene: Scene
) -> None:
    lived = [
        await later_draw(scene, seed, decline=decline)
        for seed in ("one", "two", "three", "four", "five")
        for decline in (False, True)
    ]
    assert len({frozenset(first) for first, _ in lived}) > 1
    assert len({frozenset(later) for _, later in lived}) == 1


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Checked]:
    """What the command finds, in place of a database."""
    found = [Checked(UUID(int=1), Finding.MATCHES)]

    async def verify(cycle: UUID, **asked: Any) -> list[Checked]:
        assert cycle == UUID(int=5)
        assert set(asked) == {"caller", "now"}
        return found

    @asynccontextmanager
    async def opened() -> AsyncIterator[datetime]:
        yield LATER

    monkeypatch.setattr(asking, "verify", verify)
    monkeypatch.setattr(cli, "opened", opened)
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.draws, ["verify", *words])


OF_CYCLE = ("--cycle", str(UUID(int=5)))


def test_the_command_ends_with_nought_when_all_match(said: list[Checked]) -> None:
    done = run(*OF_CYCLE)
    assert (done.exit_code, done.output) == (0, "1 of 1 draws match.\n")
    assert json.loads(run(*OF_CYCLE, "--json").output) == {
        "draws": 1, "matches": 1, "differs": 0, "not_frozen": 0, "not_opened": 0,
        "asked_not_kept": 0, "not_matching": [],
    }  # fmt: skip


def test_the_command_ends_with_one_and_says_which_and_in_what(
    said: list[Checked],
) -> None:
    said += [
        Checked(UUID(int=2), Finding.DIFFERS, (Part.POOL, Part.DRAWN)),
        Checked(UUID(int=3), Finding.NOT_FROZEN),
        Checked(UUID(int=4), Finding.NOT_OPENED),
        Checked(UUID(int=6), Finding.MATCHES, asked_kept=False),
    ]
    done = run(*OF_CYCLE)
    assert done.exit_code == 1
    assert f"{UUID(int=2)} differs from what was recorded: pool, drawn" in done.output
    assert f"{UUID(int=3)} was made before" in done.output
    assert f"{UUID(int=4)} does not open: JOINEDUP_SECRET_KEY" in done.output
    assert "2 of 5 draws match." in done.output
    assert "Of 1 it is not kept any more who was asked." in done.output
    done = run(*OF_CYCLE, "--json")
    assert done.exit_code == 1
    assert json.loads(done.output)["not_matching"][0] == {
        "record": str(UUID(int=2)), "finding": "differs", "differs": ["pool", "drawn"],
    }  # fmt: skip


@pytest.mark.parametrize("words", [(), (*OF_CYCLE, "--record", "workday:1")])
def test_the_command_wants_a_cycle_or_a_record(words: Sequence[str]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "Give --cycle or --record." in done.output
