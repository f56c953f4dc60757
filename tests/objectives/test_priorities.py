from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.objectives import priorities
from service.objectives.priorities import SCHEMES, Scheme, UnknownPriority
from service.records.framework_parts import Confidence

every_scheme = pytest.mark.parametrize(
    "scheme", priorities.schemes(), ids=lambda scheme: scheme.code
)


def codes(scheme_code: str) -> list[str]:
    return [entry.code for entry in priorities.scheme(scheme_code).entries]


def test_every_scheme_there_should_be_is_there_in_order() -> None:
    assert [scheme.code for scheme in priorities.schemes()] == [
        "cofog-1999",
        "uk-plan-for-change-2024",
        "un-sdg-2030",
    ]


@every_scheme
def test_a_scheme_says_from_where_and_how_surely(scheme: Scheme) -> None:
    assert min(map(len, (scheme.title, scheme.publisher, scheme.source))) > 10
    assert "checked" in scheme.note
    assert scheme.date in {"1999-03", "2024-12-05", "2015-09-25"}


@every_scheme
def test_what_lies_under_another_priority_begins_with_its_code(scheme: Scheme) -> None:
    known = {entry.code for entry in scheme.entries}
    above = {code.rpartition(".")[0] for code in known if "." in code}

    assert above <= known


@every_scheme
def test_no_two_priorities_of_a_scheme_are_worded_the_same(
    scheme: Scheme,
) -> None:
    titles = [entry.title for entry in scheme.entries]

    assert {title for title in titles if titles.count(title) > 1} == set()


def test_wording_that_nobody_has_seen_says_so() -> None:
    plan = priorities.scheme("uk-plan-for-change-2024")

    assert plan.confidence is Confidence.UNVERIFIED
    assert "unverified" in plan.note


def test_there_are_seventeen_sustainable_development_goals() -> None:
    assert codes("un-sdg-2030") == [str(number) for number in range(1, 18)]


def test_government_has_ten_functions_in_69_groups() -> None:
    groups = dict.fromkeys(range(1, 11), 0)
    for code in codes("cofog-1999"):
        division, _, group = code.partition(".")
        assert int(group or 0) == groups[int(division)] + (group != "")
        groups[int(division)] += group != ""

    assert [*groups.values()] == [8, 5, 6, 9, 6, 6, 6, 6, 8, 9]


def test_the_plan_for_change_has_five_missions_with_six_milestones() -> None:
    listed = [
        code
        for code in codes("uk-plan-for-change-2024")
        if not code.startswith("foundations")
    ]

    assert [code for code in listed if "." not in code] == [
        "growth",
        "nhs",
        "safer-streets",
        "opportunity",
        "clean-energy",
    ]
    assert sum("." in code for code in listed) == 6


def test_a_priority_that_is_listed_is_accepted() -> None:
    priority = priorities.check_priority("cofog-1999", "07.4")

    assert priority.title == "Public health services"


@pytest.mark.parametrize(
    "code", ["18", "0", "01", "1.1", "", " 1", "1\n", "\N{FULLWIDTH DIGIT ONE}"]
)
def test_a_priority_that_is_not_listed_is_refused_with_the_remedy(code: str) -> None:
    with pytest.raises(
        UnknownPriority, match="one of its 17 codes, such as '1' or '17'"
    ) as refused:
        priorities.check_priority("un-sdg-2030", code)

    assert [fault.pointer for fault in refused.value.faults] == ["#/priority/code"]


@pytest.mark.parametrize("code", ["un-sdg-2031", "", "../un-sdg-2030", "UN-SDG-2030"])
def test_a_scheme_that_there_is_not_is_refused_with_the_remedy(code: str) -> None:
    with pytest.raises(
        UnknownPriority, match="cofog-1999, uk-plan-for-change-2024, un-sdg-2030"
    ) as refused:
        priorities.check_priority(code, "1")

    assert [fault.pointer for fault in refused.value.faults] == ["#/priority/scheme"]


# The data files.


def a_file(folder: Path, change: Callable[[str], str]) -> Path:
    text = (SCHEMES / "un-sdg-2030.toml").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path = folder / "un-sdg-2030.toml"
    path.write_text(changed, encoding="utf-8")
    return path


def test_an_unchanged_data_file_is_read(tmp_path: Path) -> None:
    path = a_file(tmp_path, lambda text: text + "\n# nothing\n")

    assert priorities.read(path) == priorities.scheme("un-sdg-2030")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("title =", "titel =", "title"),
        ('code = "2"', 'code = "1"', "same code"),
        ('code = "2"', 'code = "Goal 2"', "code"),
        ("2015-09-25", "25 September 2015", "date"),
        ('"verified"', '"certain"', "confidence"),
        ("title = ", 'colour = "blue"\ntitle = ', "colour"),
    ],
)
def test_a_data_file_that_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, where: str
) -> None:
    with pytest.raises(ValidationError, match=where):
        priorities.read(a_file(tmp_path, lambda text: text.replace(old, new, 1)))


@pytest.mark.parametrize(
    "key", ["title", "publisher", "source", "date", "confidence", "note"]
)
def test_a_data_file_cannot_leave_out_its_proof(tmp_path: Path, key: str) -> None:
    def leave_out(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(f"{key} ="))

    with pytest.raises(ValidationError, match=key):
        priorities.read(a_file(tmp_path, leave_out))
