"""What the demo says at its end: one way to serve, and each person once."""

from pathlib import Path

import pytest

from service.cli.demo import how_to_serve, people_to_be
from service.demo.present import Present
from service.demo.visiting import MANAGER_FINDS, Busy, Visitor, busy_in
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import a_joint_department, agree

MANAGER = ("Ada Byrne", "hmt", "line manager", "/")


def test_it_names_each_once_and_those_of_this_year_first() -> None:
    busy = Busy(*MANAGER, "an objective to agree")
    lines = [*people_to_be([busy], [Visitor("Bo Day", "hmt", "auditor", "/audit"),
                                    Visitor(*MANAGER)])]  # fmt: skip
    address = "    http://127.0.0.1:8000/sign-in/development?search="
    assert lines == [
        "\nThese find this year's work:",
        "\n  Ada Byrne, hmt, line manager",
        "    an objective to agree",
        f"{address}Ada+Byrne+hmt&to=%2F",
        "\nAnd these can look around:",
        "\n  Bo Day, hmt, auditor",
        f"{address}Bo+Day+hmt&to=%2Faudit",
    ]


def test_of_nobody_it_says_nothing() -> None:
    assert [*people_to_be([], [])] == []


def test_make_is_told_to_whoever_used_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAKELEVEL", "1")
    assert how_to_serve().startswith("JOINEDUP_DEV_SIGN_IN=true ")
    (tmp_path / "Makefile").touch()
    assert how_to_serve() == "make run"
    monkeypatch.delenv("MAKELEVEL")
    assert how_to_serve().startswith("JOINEDUP_DEV_SIGN_IN=true ")


async def managers_named(present: Present) -> list[str]:
    found = await busy_in(present, [], IN_THE_YEAR)
    assert {each.finds for each in found} <= {MANAGER_FINDS}
    return [each.organisation for each in found]


async def test_no_manager_is_promised_what_they_agreed_already(db: None) -> None:
    joint = await a_joint_department()
    fact = await joint.proposed()
    present = Present(fact.cycle, fact.id, IN_THE_YEAR, None, 0)

    assert await managers_named(present) == ["hmt"]
    await agree(fact.id, joint.hmt.head)
    assert await managers_named(present) == ["dft"]
    await agree(fact.id, joint.dft.head)
    assert await managers_named(present) == []
