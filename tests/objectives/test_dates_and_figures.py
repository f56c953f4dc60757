"""A date or a figure is taken as JSON writes it, and only where it can be kept."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from service.objectives.assessing import rules
from tests.objectives.acting import execute
from tests.objectives.asking import Service
from tests.objectives.joint import Joint
from tests.objectives.progress.going import measured, planned, read
from tests.objectives.written import DAYS, LAX, LAX_DAYS


@pytest.mark.parametrize("day", [*DAYS, *LAX_DAYS])
async def test_an_objective_ends_on_a_day_that_can_be_kept(
    service: Service, day: object
) -> None:
    service.wanted["ends_on"] = day
    answer = await service.post()
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/ends_on"]


async def test_a_template_ends_on_such_a_day_too(service: Service) -> None:
    says = {k: v for k, v in service.wanted.items() if k != "contributions"}
    says |= {"lead": {"share": 100, "commitment": "Time."}, "ends_on": "9999-12-31"}
    answer = await service.client.post(
        "/v1/objective-templates", json=says, headers=service.tokens["hmt"]
    )
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/ends_on"]


KEPT = {
    "shared_objective_ends_on_can_be_kept": "UPDATE shared_objective SET ends_on = {}",
    "objective_milestone_due_on_can_be_kept": (
        "UPDATE objective_milestone SET due_on = {}"
    ),
    "objective_reading_as_of_can_be_kept": (
        "INSERT INTO objective_reading SELECT organisation, gen_random_uuid(),"
        " objective, indicator, number + 1, value, {}, note, corrects, actor, person,"
        " read_at FROM objective_reading"
    ),
}


@pytest.mark.parametrize("constraint", KEPT)
@pytest.mark.parametrize("day", ["-infinity", "infinity", "1899-12-31", "3000-01-01"])
async def test_the_database_holds_no_such_day(
    joint: Joint, constraint: str, day: str
) -> None:
    fact = await joint.agreed()
    await planned(fact.id, joint.machine)
    await read(fact.id, await measured(fact.id, joint.machine), joint.machine, 50)
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await execute(KEPT[constraint].format(f"date '{day}'"))


def test_what_never_ends_is_never_over() -> None:
    assert rules.over(date.max) is None
    assert rules.over(None) is None
    assert str(rules.over(date(2026, 7, 31))) == "2026-07-31 23:00:00+00:00"


@pytest.mark.parametrize("field", ["money_in", "money_out", "people_in"])
@pytest.mark.parametrize("nought", ["0E+999999", "-0E+999999", "0E+12"])
async def test_nought_is_nought_however_it_is_written(
    service: Service, field: str, nought: str
) -> None:
    service.wanted["value_map"] = [{"organisation": "hmt", field: nought}]
    answer = await service.post()
    assert answer.status_code == 201, answer.text
    (value,) = answer.json()["value_map"]
    assert Decimal(value[field]) == 0
    assert len(str(value[field])) <= len("-0.00")


def with_value(**value: object) -> dict[str, Any]:
    return {"value_map": [{"organisation": "hmt", **value}]}


@pytest.mark.parametrize("figure", LAX)
async def test_amounts_and_percentages_are_written_as_in_json(
    service: Service, figure: object
) -> None:
    lead, partner = service.wanted["contributions"]
    token = service.tokens["hmt"]
    for changed, pointer in (
        (with_value(money_in=figure), "#/value_map/0/money_in"),
        (with_value(money_out=figure), "#/value_map/0/money_out"),
        (with_value(people_in=figure), "#/value_map/0/people_in"),
        (with_value(days_in=figure), "#/value_map/0/days_in"),
        ({"weight": figure}, "#/weight"),
        (
            {"contributions": [lead, partner | {"share": figure}]},
            "#/contributions/1/share",
        ),
    ):
        answer = await service.client.post(
            f"/v1/records/{service.joint.on.id}/objectives",
            json=service.wanted | changed,
            headers=token,
        )
        assert answer.status_code == 422, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_amounts_as_text_that_json_would_write_are_taken(
    service: Service,
) -> None:
    service.wanted["value_map"] = [
        {"organisation": "hmt", "money_in": "1.5e3", "money_out": "-10.00"}
    ]
    answer = await service.post()
    assert answer.status_code == 201, answer.text
    (value,) = answer.json()["value_map"]
    amounts = Decimal(value["money_in"]), Decimal(value["money_out"])
    assert amounts == (Decimal(1500), Decimal(-10))
