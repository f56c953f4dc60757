"""Days and figures of progress are taken as JSON writes them, and can be kept."""

from decimal import Decimal

import pytest

from tests.objectives.progress.portal import INDICATOR, MILESTONE, READING, Portal
from tests.objectives.written import DAYS, LAX, LAX_DAYS


def hmts(portal: Portal) -> dict[str, str]:
    return portal.machines["hmt"]


async def an_indicator(portal: Portal) -> str:
    made = await portal.ask("POST", "indicators", hmts(portal), INDICATOR)
    assert made.status_code == 201, made.text
    return f"indicators/{made.json()['id']}/readings"


@pytest.mark.parametrize("day", [*DAYS, *LAX_DAYS])
async def test_a_day_that_is_none_is_refused_and_nothing_is_spoilt(
    portal: Portal, day: object
) -> None:
    readings = await an_indicator(portal)
    for path, body, pointer in (
        (readings, READING | {"as_of": day}, "#/as_of"),
        ("milestones", MILESTONE | {"due_on": day}, "#/due_on"),
    ):
        answer = await portal.ask("POST", path, hmts(portal), body)
        assert answer.status_code == 422, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    for path in ("indicators", "milestones"):
        assert (await portal.ask("GET", path, hmts(portal))).status_code == 200
    record = f"/v1/records/{portal.joint.on.id}"
    shown = await portal.client.get(record, headers=hmts(portal))
    assert shown.status_code == 200, shown.text


@pytest.mark.parametrize("day", ["1900-01-01", "2999-12-31"])
async def test_the_first_and_the_last_day_are_kept(portal: Portal, day: str) -> None:
    made = await portal.ask(
        "POST", "milestones", hmts(portal), MILESTONE | {"due_on": day}
    )
    assert made.status_code == 201, made.text
    found = await portal.ask("GET", "milestones", hmts(portal))
    assert [each["due_on"] for each in found.json()] == [day]


async def test_a_reading_of_nought_is_nought_too(portal: Portal) -> None:
    readings = await an_indicator(portal)
    body = READING | {"value": "0E+999999"}
    answer = await portal.ask("POST", readings, hmts(portal), body)
    assert answer.status_code == 201, answer.text
    (found,) = (await portal.ask("GET", "indicators", hmts(portal))).json()
    assert Decimal(found["last_reading"]["value"]) == 0


@pytest.mark.parametrize("figure", LAX)
async def test_a_figure_is_written_as_in_json(portal: Portal, figure: object) -> None:
    readings = await an_indicator(portal)
    for path, body, pointer in (
        (readings, READING | {"value": figure}, "#/value"),
        ("indicators", INDICATOR | {"baseline": figure}, "#/baseline"),
        ("dissents", {"status": figure, "text": "No."}, "#/status"),
    ):
        answer = await portal.ask(
            "POST", path, await portal.person(portal.joint.subject, "hmt"), body
        )
        assert answer.status_code == 422, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_a_figure_as_text_that_json_would_write_is_taken(
    portal: Portal,
) -> None:
    readings = await an_indicator(portal)
    body = READING | {"value": "-0.5"}
    answer = await portal.ask("POST", readings, hmts(portal), body)
    assert answer.status_code == 201, answer.text
