"""How long there is to appeal is data of a framework."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.records import frameworks
from service.records.framework_parts import Appeals
from service.records.frameworks import PRESETS, codes, load
from service.scores.deciding import actions
from tests.scores.deciding.scored import SUBJECT, Callers


def a_preset(folder: Path, table: str) -> Path:
    path = folder / "uk-scs-2025.toml"
    text = (PRESETS / path.name).read_text(encoding="utf-8")
    path.write_text(f"{text}\n[appeals]\n{table}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("code", codes())
def test_no_preset_says_otherwise_as_no_source_does(code: str) -> None:
    assert load(code).appeals == Appeals(lodge_within=20, settle_within=20)


@pytest.mark.parametrize("table", ["lodge_within = 0", "settled_within = 5"])
def test_a_time_that_is_none_is_refused(tmp_path: Path, table: str) -> None:
    with pytest.raises(ValidationError):
        frameworks.read(a_preset(tmp_path, table))


async def test_a_framework_with_a_time_of_its_own_is_kept_to(
    callers: Callers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = frameworks.read(a_preset(tmp_path, "lodge_within = 5"))
    monkeypatch.setattr(actions, "load", lambda _: own)
    found = (await callers.ask(SUBJECT, "GET", "/decision")).json()
    assert found["appealable_until"] == "2027-04-08T23:00:00Z"
