from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.records import frameworks
from service.records.frameworks import PRESETS, load


def a_preset(folder: Path, change: Callable[[str], str]) -> Path:
    text = (PRESETS / "us-ses-2026.toml").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path = folder / "us-ses-2026.toml"
    path.write_text(changed, encoding="utf-8")
    return path


def test_an_unchanged_data_file_is_read(tmp_path: Path) -> None:
    path = a_preset(tmp_path, lambda text: text + "\n# nothing\n")
    assert frameworks.read(path) == load("us-ses-2026")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("version = 1", 'version = 1\ncolour = "blue"', "colour"),
        ("from_people = 5", "from_people = 5\nto_people = 9", "to_people"),
        ("lowest_rating = 1", "lowest_rating = 1\nhighest = 5", "highest"),
        ('rule = "weighted"', 'rule = "guessed"', "combination"),
        ('"L5", "L4"]', '"L6", "L4"]', "no level"),
        ('lowest_rating_gives = "L1"', 'lowest_rating_gives = "L0"', "no level"),
        ("version = 1", "", "version"),
        ("version = 1", "version = 1\n[feedback]\nhr_raters = 4", "hr_raters"),
        (
            "version = 1",
            "version = 1\n[feedback]\nhr_other_organisations = 1",
            "hr_other_organisations",
        ),
        (
            "version = 1",
            "version = 1\n[feedback]\ninvitations_aim = 2",
            "out of order",
        ),
        (
            "version = 1",
            "version = 1\n[scoring]\nfeedback_weight = 60",
            "do not sum to 100",
        ),
    ],
)
def test_a_data_file_that_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, where: str
) -> None:
    def change(text: str) -> str:
        if "\n[" not in new:
            return text.replace(old, new, 1)
        key, table = new.split("\n", 1)
        return text.replace(old, key, 1) + f"\n{table}\n"

    with pytest.raises(ValidationError, match=where):
        frameworks.read(a_preset(tmp_path, change))


@pytest.mark.parametrize("key", ["source", "confidence", "note", "title"])
def test_a_data_file_cannot_leave_out_its_proof(tmp_path: Path, key: str) -> None:
    def leave_out(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(f"{key} ="))

    with pytest.raises(ValidationError, match=key):
        frameworks.read(a_preset(tmp_path, leave_out))


def test_an_overlay_does_not_inherit_the_proof_of_what_it_extends(
    tmp_path: Path,
) -> None:
    a_preset(tmp_path, lambda text: text + "\n")
    overlay = tmp_path / "overlay.toml"
    overlay.write_text('extends = "us-ses-2026"\nversion = 1\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="source"):
        frameworks.read(overlay)


@pytest.mark.parametrize(
    ("calendar", "why"),
    [
        ("feedback_closes = { month = 3, day = 31, years_on = 1 }", "still open"),
        ("feedback_closes = { month = 2, day = 1, years_on = 1 }", "as it opens"),
        ("feedback_opens = { month = 3, day = 2, years_on = 1 }", "out of order"),
        ("feedback_closes = { month = 2, day = 29, years_on = 1 }", "day is out of"),
        ("feedback_reopens = { month = 3, day = 2, years_on = 1 }", "Extra inputs"),
    ],
)
def test_a_calendar_that_cannot_be_kept_is_refused(
    tmp_path: Path, calendar: str, why: str
) -> None:
    path = a_preset(tmp_path, lambda text: f"{text}\n[calendar]\n{calendar}\n")
    with pytest.raises(ValidationError, match=why):
        frameworks.read(path)
