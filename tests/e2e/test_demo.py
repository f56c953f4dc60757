import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.access.rules import Role
from tests.e2e.demos import FIXED, ROWS, SCORES, SMALL, Demo
from tests.e2e.running import a_folder, ask, joinedup, json_of

pytestmark = pytest.mark.slow


def test_it_says_what_the_design_names(demo: Demo) -> None:
    assert set(demo.said) >= FIXED
    assert demo.said["people"] == demo.said["records"] == 120
    assert demo.said["organisations"] >= 4
    assert demo.said["objectives_agreed"] > 0
    assert demo.said["responses"] > 100
    assert all(seconds >= 0 for seconds in demo.said["seconds"].values())


def test_every_record_has_a_score_in_one_of_several_states(demo: Demo) -> None:
    states = demo.said["scores"]
    assert len(states) >= 3
    assert states["published"] > 0
    assert sum(states.values()) == demo.said["records"]


def test_what_it_says_is_in_the_database(demo: Demo) -> None:
    scores = ask(demo.data, SCORES)
    assert len(scores) == demo.said["records"]
    assert (
        sum(row[3] == "published" for row in scores)
        == (demo.said["scores"]["published"])
    )
    of_the_client = [row for row in scores if row[0] == demo.said["organisation"]]
    assert len(of_the_client) == demo.said["pulled"] < len(scores)


def test_again_it_gives_the_same_and_changes_nothing(demo: Demo) -> None:
    before = ask(demo.data, SCORES), ask(demo.data, ROWS)
    again = json_of(demo.data, *SMALL)
    assert demo.same(again)
    assert again["cycle"] == demo.said["cycle"]
    assert again["client_id"] == demo.said["client_id"]
    assert (ask(demo.data, SCORES), ask(demo.data, ROWS)) == before


def test_it_says_whom_to_sign_in_as(demo: Demo) -> None:
    people = demo.said["sign_in"]
    assert [each["seen_as"] for each in people] == [
        "person appraised", "line manager", "HR administrator", "text moderator",
        "central team", "auditor", "data protection officer",
    ]  # fmt: skip
    assert len({each["name"] for each in people}) == len(people)
    held = ask(demo.data, "SELECT role FROM role_grant ORDER BY role")
    assert [role for (role,) in held] == sorted(Role)
    assert json_of(demo.data, *SMALL)["sign_in"] == people
    assert ask(demo.data, "SELECT role FROM role_grant ORDER BY role") == held


def test_half_a_year_later_it_is_the_same_demo(demo: Demo) -> None:
    before = ask(demo.data, ROWS)
    later = datetime.now(UTC) + timedelta(days=200)
    again = json_of(demo.data, *SMALL, given={"JOINEDUP_NOW": later.isoformat()})
    assert demo.same(again)
    assert ask(demo.data, ROWS) == before


@pytest.mark.parametrize(
    "other", [("--seed", "2"), ("--people", "130"), ("--data", "{data}/sample")]
)
def test_another_demo_in_its_place_is_refused_with_the_remedy(
    demo: Demo, other: tuple[str, str]
) -> None:
    before = ask(demo.data, ROWS)
    done = joinedup(demo.data, *SMALL, *(each.format(data=demo.data) for each in other))
    assert done.returncode == 1
    assert "--reset" in done.stderr
    assert "JOINEDUP_DATA_DIR" in done.stderr
    assert done.stdout == ""
    assert ask(demo.data, ROWS) == before


def test_the_same_seed_gives_the_same_scores_and_reset_gives_others(
    demo: Demo,
) -> None:
    with a_folder() as folder:
        data = folder / "data"
        same = json_of(data, *SMALL)
        assert demo.same(same)
        assert ask(data, SCORES) == ask(demo.data, SCORES)
        assert same["sign_in"] == demo.said["sign_in"]
        assert same["this_year"]["sign_in"] == demo.said["this_year"]["sign_in"]

        other = json_of(data, *SMALL, "--seed", "2", "--reset")
        assert not demo.same(other)
        assert other["records"] == 120
        assert len(other["scores"]) >= 3
        assert ask(data, SCORES) != ask(demo.data, SCORES)


def test_data_that_no_demo_made_is_left_alone(demo: Demo) -> None:
    with a_folder() as folder:
        made = joinedup(
            folder / "data",
            *("import", "organisations", demo.data / "sample/hr/organisations.csv"),
        )
        assert made.returncode == 0
        before = ask(folder / "data", ROWS)
        for more in ((), ("--reset",)):
            done = joinedup(folder / "data", *SMALL, *more)
            assert done.returncode == 2
            assert "JOINEDUP_DATA_DIR" in done.stderr
        assert ask(folder / "data", ROWS) == before


def test_a_folder_without_input_is_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    done = joinedup(tmp_path / "data", "demo", "--data", tmp_path)
    assert done.returncode == 1
    assert "hr/organisations.csv" in done.stderr
    assert not (tmp_path / "data").exists()


def test_its_credentials_are_for_its_owner_alone(demo: Demo) -> None:
    kept = demo.data / "demo.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["client_id"] == demo.said["client_id"]
    assert (demo.data / "secret-key").stat().st_mode & 0o777 == 0o600
