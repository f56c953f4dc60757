"""Scores worked out again from the stored forms, before the release and long after."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest
from click.testing import CliRunner

from service.cli import scores as command
from service.db import transaction
from service.feedback.tables import Answer
from service.scores import computing, publishing
from service.scores.actions import compute, publish
from service.scores.estimate import MEAN
from service.scores.rules import NotComputed
from service.scores.tables import Score, ScoreInput
from service.scores.verifying import Difference, Report, verify
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import EXPECTED, KEY, Scene

ALL = len(EXPECTED)
LEAVES = """
UPDATE posting SET valid_to = '2027-01-01' WHERE person = $1 AND valid_to IS NULL
"""


async def computed(scene: Scene, now: datetime = CLOSED) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=now)


async def published(scene: Scene) -> None:
    await computed(scene)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def verified(scene: Scene) -> Report:
    return await verify(scene.cycle, key=KEY)


async def write(sql: str, *arguments: object) -> None:
    async with transaction() as connection:
        await connection.execute(sql, *arguments)


async def test_what_was_computed_comes_out_again(db: None, scene: Scene) -> None:
    await computed(scene)
    assert await verified(scene) == Report(ALL, [], [])


async def test_what_was_published_comes_out_again_though_forms_were_written_anew(
    db: None, scene: Scene
) -> None:
    await published(scene)
    await write("UPDATE feedback_answer SET id = gen_random_uuid()")
    assert await verified(scene) == Report(ALL, [], [])


async def test_to_verify_writes_nothing(db: None, scene: Scene) -> None:
    await published(scene)
    before = await everything()
    await verified(scene)
    assert await everything() == before


async def test_whoever_counted_counted_though_postings_are_corrected_since(
    db: None, scene: Scene
) -> None:
    await published(scene)
    await write(LEAVES, scene.people["dwp1"])
    assert await verified(scene) == Report(ALL, [], [])


async def test_who_did_not_count_on_the_day_they_answered_does_not_come_in_later(
    db: None, scene: Scene
) -> None:
    """After the release that day is forgotten."""
    await write(
        "UPDATE feedback_rater SET answered_on = answered_on + 3 WHERE rater = $1",
        scene.people["dwp1"],
    )
    await write(
        "UPDATE posting SET valid_to = (SELECT max(answered_on) FROM feedback_rater)"
        " WHERE person = $1",
        scene.people["dwp1"],
    )
    await published(scene)
    (row,) = await Score.select().where(Score.person == scene.people["hmt4"])
    assert row["reason"] == "below_minimum_raters"  # One of five did not count.
    assert await verified(scene) == Report(ALL, [], [])


async def test_forms_that_were_changed_are_noticed_and_so_is_what_they_would_give(
    db: None, scene: Scene
) -> None:
    await published(scene)
    on = scene.records["hmt1"].id
    await Answer.update({Answer.value: 5}).where(Answer.record == on)
    found = await verified(scene)
    assert not found.holds
    assert len(found.faults) == 2
    assert found.faults[0].startswith("6 of the forms")
    assert "digest" in found.faults[1]
    (row,) = await Score.select().where(Score.record == on)
    (mine,) = [each for each in found.differing if each.score == row["id"]]
    assert {"state", "value", "explanation"} <= set(mine.columns)


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ("value = value + 0.1", ("value",)),
        ("low = low - 0.1, reliability = reliability - 0.001", ("low", "reliability")),
        ("band = 'clearly_below'", ("band",)),
        ("raters = '13+'", ("raters",)),
        ("""explanation = '{"own_average": 1}'""", ("explanation",)),
        ("components = NULL", ("components",)),
        ("episodes = '[]'", ("episodes",)),
    ],
)
async def test_a_row_that_was_changed_by_hand_is_named_with_what_differs(
    db: None, scene: Scene, change: str, columns: tuple[str, ...]
) -> None:
    await computed(scene)
    sql = f"UPDATE score SET {change} WHERE record = $1"  # noqa: S608 - ours
    await write(sql, scene.records["hmt2"].id)
    (row,) = await Score.select().where(Score.record == scene.records["hmt2"].id)
    found = await verified(scene)
    assert found.differing == [Difference(row["id"], "hmt", columns)]
    assert found.faults == []


async def test_without_the_key_of_the_pseudonyms_it_says_so(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    found = await verify(scene.cycle, key=b"another")
    assert not found.holds
    assert any("JOINEDUP_SECRET_KEY" in fault for fault in found.faults)


async def test_a_method_that_is_not_what_it_was_is_said(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await computed(scene)
    other = MappingProxyType({("mean", 1): replace(MEAN, digest="0" * 64)})
    monkeypatch.setattr(computing, "METHODS", other)
    assert await verified(scene) == Report(
        ALL, [], ["The digest of method mean 1 is not what it was."]
    )
    monkeypatch.setattr(computing, "METHODS", MappingProxyType({}))
    assert not (await verified(scene)).holds


async def test_what_people_withheld_is_as_it_should_be(db: None, scene: Scene) -> None:
    await computed(scene)
    on = scene.records["hmt1"].id
    await write(
        "INSERT INTO feedback_score_review VALUES ('hmt', $1, 'withhold', 'One form.',"
        " 'tests', $2)",
        on,
        CLOSED,
    )
    assert (await verified(scene)).holds
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    (row,) = await Score.select().where(Score.record == on)
    assert row["state"] == "withheld"
    assert (await verified(scene)).holds


async def test_a_score_that_should_have_been_withheld_is_noticed(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await computed(scene)
    on = scene.records["hmt1"].id

    async def forgotten(_: UUID) -> list[UUID]:
        return []

    monkeypatch.setattr(publishing, "withheld", forgotten)
    await write(
        "INSERT INTO feedback_score_review VALUES ('hmt', $1, 'withhold', 'One form.',"
        " 'tests', $2)",
        on,
        CLOSED,
    )
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    (mine,) = (await verified(scene)).differing
    assert "state" in mine.columns


async def test_nothing_computed_is_nothing_to_verify(db: None, scene: Scene) -> None:
    with pytest.raises(NotComputed):
        await verified(scene)


async def test_computed_again_it_is_the_same_to_the_byte(
    db: None, scene: Scene
) -> None:
    """Rows, their ids, when they changed, the computation and its digest."""
    await computed(scene)
    first = await everything()
    await computed(scene, CLOSED + timedelta(days=1))
    assert await everything() == first


async def everything() -> list[tuple[str, ...]]:
    statement = """
    SELECT 'score', s::text, s.xmin::text FROM score s
    UNION ALL SELECT 'run', r::text, r.xmin::text FROM score_run r
    UNION ALL SELECT 'input', i::text, i.xmin::text FROM score_input i ORDER BY 1, 2
    """
    async with transaction() as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


async def test_traces_tell_neither_raters_nor_answers(db: None, scene: Scene) -> None:
    """One rater's traces on two people have no half in common."""
    await computed(scene)
    halves: list[bytes] = []
    for row in await ScoreInput.select(ScoreInput.forms):
        halves += [row["forms"][at : at + 16] for at in range(0, len(row["forms"]), 16)]
    assert len(halves) == len(set(halves)) > 100
    known = [id_.bytes for id_ in scene.people.values()]
    assert not [half for half in halves if half in known]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(3, [], []), 0),
        (Report(3, [], ["A digest differs."]), 1),
        (Report(3, [Difference(UUID(int=1), "hmt", ("value", "low"))], []), 1),
    ],
)
def test_the_command_ends_with_what_it_found(
    monkeypatch: pytest.MonkeyPatch, report: Report, code: int
) -> None:
    async def found(_: UUID, *, key: bytes) -> Report:
        assert key
        return report

    @asynccontextmanager
    async def opened() -> AsyncIterator[datetime]:
        yield RELEASED

    monkeypatch.setattr(command, "verify_scores", found)
    monkeypatch.setattr(command, "opened", opened)
    asked = ["verify", "--cycle", str(UUID(int=7))]
    plain = CliRunner().invoke(command.scores, asked)
    as_json = CliRunner().invoke(command.scores, [*asked, "--json"])
    assert (plain.exit_code, as_json.exit_code) == (code, code)
    assert plain.output.startswith(f"3 scores, {len(report.differing)} of them differ.")
    assert all(fault in plain.output for fault in report.faults)
    assert all("value, low" in plain.output for _ in report.differing)
    assert json.loads(as_json.output)["rows"] == 3
