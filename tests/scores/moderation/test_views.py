"""Views of consistency: taken once, suppressed, and read as they were taken."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest

from service.db import transaction
from service.suppression.flow import Cell
from tests.factories import a_cycle, a_person, an_organisation
from tests.feedback.over_http import slug
from tests.scores.moderation.sitting import (
    CROSS,
    MID_YEAR,
    WHY,
    YEAR_END,
    House,
    Sitting,
    judged,
)
from tests.working_out import worked_out

VIEWS = "/consistency-views"
LEVELS = ("exceeding", "high-performing", "achieving", "partially-met")
Stood = Mapping[str, Sequence[int]]
STOOD: Stood = {"hmt": (12, 14, 16, 2), "dwp": (11, 20, 15, 11)}


def path(house: House) -> str:
    return f"/v1/cycles/{house.cycle}{VIEWS}"


async def many(house: House, stood: Stood = STOOD) -> None:
    """People of both departments, each judged at mid-year and at the year's end.

    Written as `judge` writes it, at once.
    """
    async with transaction() as connection:
        for organisation, counts in stood.items():
            head = house.people["head" if organisation == "hmt" else "dwp-head"]
            for level, people in zip(LEVELS, counts, strict=True):
                for _ in range(people):
                    person = await a_person(organisation, manager=head)
                    record = await connection.fetchval(
                        "INSERT INTO appraisal_record (organisation, id, cycle, person,"
                        " source, external_id, attached_at, version) VALUES ($1,"
                        " gen_random_uuid(), $2, $3, 'workday',"
                        " gen_random_uuid()::text, $4, 1) RETURNING id",
                        organisation, house.cycle, person, MID_YEAR,
                    )  # fmt: skip
                    for stage, at in (("mid_year", MID_YEAR), ("end_year", YEAR_END)):
                        await connection.execute(
                            "INSERT INTO manager_judgement (organisation, id, record,"
                            " stage, number, level, reason, subject, manager,"
                            " judged_at) VALUES ($1, gen_random_uuid(), $2, $3, 1, $4,"
                            " $5, $6, $7, $8)",
                            organisation, record, stage, level, WHY, person, head, at,
                        )  # fmt: skip


async def taken(sitting: Sitting, kind: str, by: str = "central") -> dict[str, Any]:
    got = await sitting.ask(by, "POST", path(sitting.house), {"kind": kind})
    assert got.status_code == 201, got.text
    body: dict[str, Any] = got.json()
    return body


def by_group(view: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    return {tuple(row["group"]): row for row in view["rows"]}


async def test_the_central_team_sees_shares_and_nothing_too_small(
    sitting: Sitting, house: House
) -> None:
    await many(house)
    sitting.at(MID_YEAR)
    view = await taken(sitting, "mid_year")
    rows = by_group(view)
    assert [level["code"] for level in view["levels"]] == [*LEVELS]
    assert set(rows) == {
        (), ("hmt",), ("dwp",), ("hmt", "SCS1"), ("dwp", "SCS1"),
    }  # fmt: skip
    assert (rows[()]["people"], rows["hmt",]["people"]) == (100, 45)
    assert rows["hmt",]["counts"]["partially-met"] is None
    assert rows["hmt",]["counts"]["achieving"] == 15
    assert rows["hmt",]["percents"]["achieving"] == 33
    assert 0 not in [of for row in rows.values() for of in row["counts"].values()]
    said = str(view)
    assert not [name for name, id_ in house.people.items() if str(id_) in said]


async def test_an_attacker_recovers_nothing_from_what_is_sent(
    sitting: Sitting, house: House
) -> None:
    await many(house)
    sitting.at(MID_YEAR)
    view = await taken(sitting, "mid_year")
    rename = dict(
        zip(LEVELS, ("exceeding", "high", "achieving", "partial"), strict=True)
    )
    placed: dict[object, Cell] = {
        (organisation, level, number): ((organisation, "SCS1"), rename[level])
        for organisation, counts in STOOD.items()
        for level, people in zip(LEVELS, counts, strict=True)
        for number in range(people)
    }
    shown = {
        (group, rename[level])
        for group, row in by_group(view).items()
        for level, of in row["counts"].items()
        if of is not None
    }
    assert shown
    assert worked_out(placed, shown) == set()


async def test_a_view_is_taken_once_and_stays_as_it_was(
    sitting: Sitting, house: House
) -> None:
    await many(house)
    sitting.at(MID_YEAR)
    first = await taken(sitting, "mid_year")
    await judged(house, "p1", "achieving", MID_YEAR)
    got = await sitting.ask("central", "POST", path(house), {"kind": "mid_year"})
    assert (got.status_code, slug(got)) == (409, "consistency-view-taken")
    for reader in ("central", "auditor"):
        assert await sitting.got(reader, f"{path(house)}/mid_year") == first
        listed = (await sitting.got(reader, path(house)))["items"]
        assert [each["kind"] for each in listed] == ["mid_year"]


async def test_the_later_view_leaves_out_of_whom_too_few_changed(
    sitting: Sitting, house: House
) -> None:
    """One person more, at whatever level: the later view is the same."""
    await many(house)
    sitting.at(MID_YEAR)
    await taken(sitting, "mid_year")
    await judged(house, "p1", "exceeding", YEAR_END)
    sitting.at(CROSS)
    view = await taken(sitting, "cross_government")
    assert view["rows"] == []
    assert view["left_out"] == [["dwp", "SCS1"], ["hmt", "SCS1"]]


async def test_the_later_view_counts_what_panels_made_of_it(
    sitting: Sitting, house: House
) -> None:
    await many(house)
    sitting.at(MID_YEAR)
    await taken(sitting, "mid_year")
    async with transaction() as connection:
        panel = await connection.fetchval(
            "INSERT INTO moderation_panel (organisation, id, cycle, level, opened_by,"
            " opened_at) VALUES ('hmt', gen_random_uuid(), $1, 'overall', $2, $3)"
            " RETURNING id", house.cycle, house.people["hr"], MID_YEAR,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO moderation_event (organisation, id, record, panel, number,"
            " before, after, reason, subject, recorded_by, recorded_at)"
            " SELECT organisation, gen_random_uuid(), record, $1, 1, level,"
            " 'high-performing', $2, subject, $3, $4 FROM manager_judgement"
            " WHERE organisation = 'hmt' AND stage = 'end_year'"
            " AND level = 'exceeding'",
            panel, WHY, house.people["hr"], CROSS,
        )  # fmt: skip
    sitting.at(CROSS)
    view = await taken(sitting, "cross_government")
    rows = by_group(view)
    assert view["left_out"] == [["dwp", "SCS1"]]
    assert set(rows) == {(), ("hmt",), ("hmt", "SCS1")}
    assert rows["hmt", "SCS1"]["people"] == 45
    # 12 and 14 stand at high-performing now; whom it had hidden it hides still.
    assert rows["hmt", "SCS1"]["counts"]["exceeding"] is None


async def test_the_mid_year_view_is_of_mid_year_judgements(
    sitting: Sitting, house: House
) -> None:
    sitting.at(MID_YEAR)
    await judged(house, "p1", "achieving", MID_YEAR)
    await judged(house, "p2", "achieving", YEAR_END)
    await taken(sitting, "mid_year")
    async with transaction() as connection:
        counted = await connection.fetch("SELECT record FROM consistency_place")
    assert [row["record"] for row in counted] == [house.records["p1"].id]


async def test_an_organisation_that_shares_nothing_is_in_no_view(
    sitting: Sitting, house: House
) -> None:
    await many(house)
    async with transaction() as connection:
        await connection.execute(
            "UPDATE data_sharing SET valid_to = '2026-01-01'"
            " WHERE organisation = 'co' AND partner = 'dwp'"
        )
    sitting.at(MID_YEAR)
    view = await taken(sitting, "mid_year")
    assert not [group for group in by_group(view) if "dwp" in group]


@pytest.mark.parametrize("kind", ["mid_year", "cross_government"])
async def test_a_view_is_taken_in_its_stage(
    sitting: Sitting, house: House, kind: str
) -> None:
    got = await sitting.ask("central", "POST", path(house), {"kind": kind})
    assert (got.status_code, slug(got)) == (409, "moderation-not-now")


async def test_others_take_and_read_none(sitting: Sitting, house: House) -> None:
    sitting.at(MID_YEAR)
    for name in ("hr", "head", "p1", "auditor"):
        got = await sitting.ask(name, "POST", path(house), {"kind": "mid_year"})
        assert (got.status_code, slug(got)) == (403, "missing-role"), name
    for name in ("hr", "head", "p1"):
        got = await sitting.ask(name, "GET", path(house))
        assert (got.status_code, slug(got)) == (403, "missing-role"), name
    got = await sitting.ask("central", "GET", f"{path(house)}/mid_year")
    assert got.status_code == 404
    got = await sitting.ask("central", "GET", f"{path(house)}/splendid")
    assert (got.status_code, slug(got)) == (422, "invalid")


async def test_a_cycle_out_of_sight_cannot_be_told_from_one_that_never_was(
    sitting: Sitting, house: House
) -> None:
    assert (await sitting.got("central", path(house)))["items"] == []
    await an_organisation("moj")
    for cycle in ((await a_cycle(organisations=["moj"])).id, uuid4()):
        got = await sitting.ask("central", "GET", f"/v1/cycles/{cycle}{VIEWS}")
        assert got.status_code == 404
    sitting.at(MID_YEAR)
    await taken(sitting, "mid_year")
    async with transaction() as connection:
        await connection.execute("UPDATE data_sharing SET valid_to = '2026-01-01'")
    (kept,) = (await sitting.got("auditor", path(house)))["items"]
    assert kept["kind"] == "mid_year"
