"""The lines of a score: they add up, and nobody's answer follows from them."""

import hashlib
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feedback.form.data import Translation
from service.feedback.form.items import Language
from service.records.framework_parts import Method as Named
from service.scores import rules
from service.scores.estimate import METHODS, Forms, Method, value
from service.scores.explained.rules import accounts
from service.scores.explaining import (
    Part,
    Severity,
    Told,
    explain,
    explanation_shown,
    in_words,
    total,
)
from service.scores.inputs import Evidence
from service.scores.outcome import decide_all
from service.scores.rules import Band, Decision, Facts, Reason, State
from service.scores.sentences import data
from service.scores.sentences.data import ChangedSentences, check_shipped, words
from service.scores.sentences.wording import About, Standing, lines, sentences
from service.suppression import Beyond

ENOUGH = Facts(
    exposure_days=200,
    minimum_exposure_days=60,
    raters=5,
    organisations=2,
    reliability=0.60,
    half_width=0.5,
    cycle_estimable=True,
)
PUBLISHED = rules.decide(ENOUGH)
MARKS = st.floats(1, 5)
SEVERITIES = st.floats(-1, 1)


@given(MARKS, MARKS, st.floats(0, 1), SEVERITIES)
def test_the_lines_sum_to_the_score(
    raw: float, mean: float, pull: float, severity: float
) -> None:
    parts = explain(raw, mean, pull, severity)
    score = mean + pull * (raw - mean - severity)
    assert sum(parts.values()) == pytest.approx(score, abs=1e-9)
    assert list(parts) == list(Part)
    assert parts[Part.SERVICE_AVERAGE] == mean
    assert parts[Part.RATER_SEVERITY] == -severity


@given(st.floats(1.3, 4.7), MARKS, st.floats(0.6, 1), SEVERITIES)
def test_the_lines_told_add_up_to_the_score_told(
    raw: float, mean: float, pull: float, severity: float
) -> None:
    parts = explain(raw, mean, pull, severity)
    told = shown(parts)
    figures = [figure for figure in told.values() if isinstance(figure, float)]
    assert len(figures) == len(Part)
    assert all(round(figure, 1) == figure for figure in figures)
    score = rules.figure(sum(parts.values()), PUBLISHED)
    assert sum(figures) == pytest.approx(score, abs=1e-9)
    assert total(told) == score


def shown(parts: Mapping[Part, float], decision: Decision = PUBLISHED) -> Told:
    told = explanation_shown(parts, decision)
    assert told is not None
    return told


@pytest.mark.parametrize("state", [s for s in State if s is not State.PUBLISHED])
def test_without_a_number_no_line_is_told(state: State) -> None:
    decision = replace(PUBLISHED, state=state)
    assert explanation_shown(explain(4.0, 3.5, 0.7), decision) is None


@pytest.mark.parametrize(("raters", "organisations"), [*product(range(7), range(4))])
def test_raters_are_not_described_as_a_group_below_five(
    raters: int, organisations: int
) -> None:
    facts = replace(ENOUGH, raters=raters, organisations=organisations)
    told = explanation_shown(explain(4.0, 3.5, 0.7, 0.3), rules.decide(facts))
    assert (told is not None) is (raters >= 5 and organisations >= 2)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (5.0, Beyond.HIGH),
        (4.81, Beyond.HIGH),
        (4.76, Beyond.HIGH),
        (1.0, Beyond.LOW),
        (1.19, Beyond.LOW),
    ],
)
def test_an_average_near_an_end_is_told_as_such_and_cannot_be_added_back(
    raw: float, said: Beyond
) -> None:
    told = shown(explain(raw, 3.6, 0.7, 0.2))
    assert told[Part.OWN_AVERAGE] == said
    assert told[Part.LIMITED_EVIDENCE] is None
    assert total(told) is None


@pytest.mark.parametrize("raw", [4.74, 1.26])
def test_an_average_this_side_of_the_ends_is_told_as_a_figure(raw: float) -> None:
    assert total(shown(explain(raw, 3.6, 0.7))) is not None


@pytest.mark.parametrize(
    ("severity", "said"),
    [
        (0.0, Severity.NEITHER),
        (0.04, Severity.NEITHER),
        (0.13, Severity.SLIGHTLY_GENEROUS),
        (0.22, Severity.SLIGHTLY_GENEROUS),
        (0.34, Severity.GENEROUS),
        (0.7, Severity.VERY_GENEROUS),
        (-0.13, Severity.SLIGHTLY_SEVERE),
        (-0.31, Severity.SEVERE),
        (-0.5, Severity.VERY_SEVERE),
    ],
)
def test_severity_is_told_in_words_of_the_group(
    severity: float, said: Severity
) -> None:
    correction = shown(explain(4.0, 3.5, 0.7, severity))[Part.RATER_SEVERITY]
    assert isinstance(correction, float)
    assert in_words(correction) is said


# Nobody's answer follows from what is told.


def lam(forms: int, r: float) -> float:
    """How far so many forms count by method `mean`, which anybody can compute."""
    return forms * r / (forms * r + 1 - r)


def averages_possible(
    told: Told, published: float, forms: int, r: float
) -> tuple[float, float] | None:
    """Where the exact average lies by all that is told, had so many forms been given.

    The best there is: of every service average that rounds to the one told, those for
    which the published value and the own average told are both right.
    """
    score, half, error = 1 + published / 25, 0.05 + 1e-9, 0.002 + 1e-9
    pull, centre, own = (
        lam(forms, r),
        told[Part.SERVICE_AVERAGE],
        told[Part.OWN_AVERAGE],
    )
    assert isinstance(centre, float)
    low, high = centre - half, centre + half
    if isinstance(own, float):
        low = max(low, score - error - pull * (own + half))
        high = min(high, score + error - pull * (own - half))
    rest = 1 / pull - 1
    bottom = max((score - error) / pull - high * rest, 1.0)
    top = min((score + error) / pull - low * rest, 5.0)
    return (bottom, top) if low <= high and bottom <= top else None


def a_form_lies_within(average: tuple[float, float], forms: int) -> tuple[float, float]:
    """Where one form lies, when the others may be anything."""
    low, high = average
    others = forms - 1
    return max(1.0, low * forms - 5 * others), min(5.0, high * forms - others)


def test_no_single_form_follows_from_the_lines_and_the_score() -> None:
    """Known besides: the method, its r, and a band of 5 to 7; not how many of them.

    Whosever it is, a form may be anything within more than 1.5 of the scale's 4 points.
    """
    rng = np.random.default_rng(11)
    widths, averages, exact = [], [], 0
    for _ in range(3000):
        r, count = rng.uniform(0.25, 0.5), int(rng.integers(5, 8))
        mean = rng.uniform(2.8, 4.2)
        forms = rng.normal(rng.normal(mean, 0.6), 0.6, count).clip(1, 5)
        raw = float((np.round(forms * 8) / 8).mean())
        told = shown(explain(raw, mean, lam(count, r)))
        if total(told) is None:
            continue
        published = round(value(mean + lam(count, r) * (raw - mean)), 1)
        possible = {
            k: found
            for k in (5, 6, 7)
            if (found := averages_possible(told, published, k, r))
        }
        assert possible[count][0] <= raw <= possible[count][1]
        within = [a_form_lies_within(found, k) for k, found in possible.items()]
        widths.append(max(high for _, high in within) - min(low for low, _ in within))
        averages.append(sum(high - low for low, high in possible.values()))
        exact += len(possible) == 1
    assert len(widths) > 2800
    assert min(widths) > 1.5
    assert min(averages) > 0.005  # nor is the average itself told exactly,
    assert exact / len(widths) < 0.02  # nor, but by chance, how many there were


def test_with_lines_not_rounded_the_attack_finds_the_average_and_the_count() -> None:
    """The broken twin, which the test above would catch."""
    rng = np.random.default_rng(12)
    for _ in range(200):
        r, count, raw = rng.uniform(0.25, 0.5), int(rng.integers(5, 8)), 4.125
        mean = rng.uniform(2.8, 3.8)
        parts = explain(raw, mean, lam(count, r))
        own, pull = parts[Part.OWN_AVERAGE], parts[Part.LIMITED_EVIDENCE]
        assert parts[Part.SERVICE_AVERAGE] + own == pytest.approx(raw, abs=1e-12)
        far = [abs((lam(k, r) - 1) * own - pull) for k in (5, 6, 7)]
        assert (5, 6, 7)[int(np.argmin(far))] == count


def test_two_people_who_share_raters_cannot_work_out_one_raters_effect() -> None:
    """Four raters in common, one not: five times the difference of the lines.

    Exact lines would tell it; lines that are told err by about as much as raters
    differ at all.
    """
    rng = np.random.default_rng(13)
    by_exact, by_told, truth = [], [], []
    for _ in range(2000):
        effects = rng.normal(0, 0.3, 6)
        groups = effects[:5].mean(), np.delete(effects, 4).mean()
        truth.append(effects[4] - effects[5])
        found = [explain(3.8, 3.6, 0.7, float(severity)) for severity in groups]
        by_exact.append(5 * apart([part[Part.RATER_SEVERITY] for part in found]))
        by_told.append(
            5 * apart([float(shown(p)[Part.RATER_SEVERITY] or 0) for p in found])
        )
    assert np.abs(np.subtract(by_exact, truth)).max() < 1e-9
    assert np.std(np.subtract(by_told, truth)) > 0.18


def apart(lines: Sequence[float]) -> float:
    """How much more generous the first group is, by its correction."""
    return lines[1] - lines[0]


# Whoever answered may be another who answers alike.

PEOPLE = [str(UUID(int=number)) for number in range(40)]
SUBJECT = UUID(int=0)


def a_network(*, swapped: bool) -> Forms:
    """Forty people; raters alpha and gamma are alike but for whom they rate.

    They answer alike of the same three people, and one of them answers of person 0, the
    other the same of person 1; swapped, it is the other way round.
    """
    rng = np.random.default_rng(14)
    level = rng.normal(3.4, 0.6, len(PEOPLE))
    generous = rng.normal(0, 0.5, 37)
    rows = [
        (
            person,
            f"rater {rater % 37}",
            np.round(level[number] + generous[rater % 37] + rng.normal(0, 0.4, 8)),
        )
        for number, person in enumerate(PEOPLE)
        for rater in range(number, number + 6)
    ]
    alike = [np.round(rng.normal(2.8, 0.6, 8)) for _ in range(4)]
    for rater, of in (("alpha", int(swapped)), ("gamma", int(not swapped))):
        rows += [
            (PEOPLE[number], rater, marks)
            for number, marks in zip((of, 4, 5, 6), alike, strict=True)
        ]
    people, raters, answers = zip(*rows, strict=True)
    groups = ["dwp" if rater[-1] in "02468a" else "moj" for rater in raters]
    return Forms(
        np.array(people),
        np.array(raters),
        np.array(groups),
        np.array(answers).clip(1, 5),
    )


def all_told(method: Method, forms: Forms) -> dict[str, Any]:
    """All that is told of person 0, in figures and in words."""
    found = method.estimate(forms)
    everybody = [UUID(person) for person in PEOPLE]
    outcomes = decide_all(
        found,
        dict.fromkeys(everybody, Evidence(7, 2)),
        dict.fromkeys(everybody, 200),
        60,
    )
    parts = accounts(found, outcomes)[SUBJECT].lines
    assert parts is not None
    told = shown(parts)
    said = lines(told, Named(method.name), words(Language.ENGLISH))
    return {
        "lines": dict(told),
        "sentences": [line.sentence for line in said],
        "value": outcomes[SUBJECT].value,
    }


def all_told_with_each_rater(method: Method, forms: Forms) -> dict[str, Any]:
    """The broken twin: each rater's own effect stands beside the lines."""
    mean = forms.answers.mean(axis=1)
    others = {
        str(person): mean[forms.person == person].mean() for person in forms.person
    }
    above = mean - np.array([others[str(person)] for person in forms.person])
    here = forms.rater[forms.person == str(SUBJECT)]
    own = {str(rater): float(above[forms.rater == rater].mean()) for rater in here}
    return {**all_told(method, forms), "raters": own}


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_two_raters_of_equal_severity_and_answers_can_be_swapped(
    method: Method,
) -> None:
    one, other = a_network(swapped=False), a_network(swapped=True)
    told = all_told(method, one)
    assert told == all_told(method, other)
    # And there is something of them all to tell, where the method looks for it.
    assert bool(told["lines"][Part.RATER_SEVERITY]) == (method.name == Named.CROSSED)
    assert all_told_with_each_rater(method, one) != all_told_with_each_rater(
        method, other
    )


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_the_lines_of_everybody_in_a_network_sum_to_their_score(
    method: Method,
) -> None:
    found = method.estimate(a_network(swapped=False))
    for at in range(len(PEOPLE)):
        parts = explain(
            found.raw[at], found.cycle.mean, found.pull[at], found.severity[at]
        )
        assert sum(parts.values()) == pytest.approx(found.score[at], abs=1e-9)


# What is said.


def test_the_words_are_those_that_were_shipped() -> None:
    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in data.FOLDER.glob("*.toml")
    }
    assert found == dict(data.SHIPPED)
    changed = (data.FOLDER / "en.toml").read_bytes() + b"\n"
    with pytest.raises(ChangedSentences, match="`en`"):
        check_shipped(Language.ENGLISH, changed)


ENGLISH, WELSH = words(Language.ENGLISH), words(Language.WELSH)
both = pytest.mark.parametrize("said", [ENGLISH, WELSH], ids=["en", "cy"])


def spoken(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence and title, by where it stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from spoken(inner, f"{at}/{name}")
    else:
        yield at, str(value)


def test_both_languages_say_the_same_things_and_fill_in_the_same_figures() -> None:
    english, welsh = (dict(spoken(said.model_dump())) for said in (ENGLISH, WELSH))
    assert english.keys() == welsh.keys()
    for at, sentence in english.items():
        assert blanks(sentence) == blanks(welsh[at]), at
        assert sentence != welsh[at], at


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_welsh_says_that_it_is_a_draft() -> None:
    assert (WELSH.translation, ENGLISH.translation) == (
        Translation.DRAFT,
        Translation.ORIGINAL,
    )
    assert WELSH.notice
    assert not ENGLISH.notice


@both
def test_something_is_said_of_every_state_reason_band_and_method(
    said: data.Words,
) -> None:
    assert {*said.states} == {*State}
    assert {*said.reasons} == {*Reason}
    assert {*said.bands} == {*Band}
    assert {*said.rater_severity.degrees} == {*Severity}
    assert {name for name, _ in METHODS} <= {*said.methods} == {*Named}


@pytest.mark.parametrize("part", ["states", "reasons", "bands", "methods"])
def test_words_that_leave_one_out_are_refused(part: str) -> None:
    written = ENGLISH.model_dump()
    written[part].popitem()
    with pytest.raises(ValueError, match="nothing is said of"):
        data.Words.model_validate(written)


FIGURES = (0.3, -0.3, 0.0)


@both
@pytest.mark.parametrize("method", Named)
def test_every_line_has_a_whole_sentence_whatever_it_comes_to(
    said: data.Words, method: Named
) -> None:
    heard = set()
    for own, raters, pull in product((*FIGURES, *Beyond), FIGURES, (*FIGURES, None)):
        told: Told = {
            Part.SERVICE_AVERAGE: 3.4,
            Part.OWN_AVERAGE: own if isinstance(own, float) else own.value,
            Part.RATER_SEVERITY: raters,
            Part.LIMITED_EVIDENCE: pull,
        }
        found = lines(told, method, said)
        assert [line.part for line in found] == [*Part]
        for line in found:
            assert "{" not in line.sentence
            assert "  " not in line.sentence
            assert line.sentence.endswith(".")
            assert line.beyond is None or line.figure is None
            heard.add(line.sentence)
        for line in found[1:]:  # What is nought, or not told, is not said in figures.
            if line.beyond is None and method is Named.CROSSED:
                assert bool(line.figure) == ("0.3" in line.sentence)
    assert len(heard) == 1 + 5 + (1 if method is Named.MEAN else 3) + 4


@both
def test_a_method_that_leaves_severity_aside_says_so(said: data.Words) -> None:
    told = shown(explain(4.0, 3.4, 0.7))
    sentence = lines(told, Named.MEAN, said)[2].sentence
    assert sentence == said.rater_severity.not_corrected
    assert (
        lines(told, Named.CROSSED, said)[2].sentence
        == (said.rater_severity.degrees[Severity.NEITHER])
    )


def test_a_score_is_told_with_its_uncertainty_in_words() -> None:
    on = Standing(
        state=State.PUBLISHED,
        reason=None,
        band=Band.CLEARLY_ABOVE,
        value=72.0,
        low=64.1,
        high=79.9,
        total=3.9,
        method=Named.CROSSED,
    )
    found = dict(sentences(on, ENGLISH))
    assert found[About.INTERVAL] == (
        "If other colleagues had been asked, the score would most likely be between"
        " 64.1 and 79.9."
    )
    assert "3.9" in found[About.TOTAL]
    assert "as 72 on" in found[About.TOTAL]
    assert found[About.BAND] == "Clearly above the typical range."
    beyond = dict(sentences(replace(on, total=None), ENGLISH))
    assert beyond[About.TOTAL] == "The score is 72 on a scale from 0 to 100."


@both
@pytest.mark.parametrize("reason", Reason)
def test_without_a_number_it_is_said_why_and_nothing_in_figures_of_the_score(
    said: data.Words, reason: Reason
) -> None:
    on = Standing(State.INSUFFICIENT, reason, None, None, None, None, None, Named.MEAN)
    found = dict(sentences(on, said))
    assert [*found] == [About.STATE, About.REASON]
    digits = {letter for letter in found[About.REASON] if letter.isdigit()}
    enough = {
        Reason.BELOW_MINIMUM_RATERS: {"5"},
        Reason.BELOW_MINIMUM_ORGANISATIONS: {"2"},
    }
    assert digits == enough.get(reason, set())


def test_subject_and_manager_can_read_the_same_words() -> None:
    """Nothing is said to "you" or of "her", and nobody is promised to be unknown."""
    heard = " ".join(sentence for _, sentence in spoken(ENGLISH.model_dump())).lower()
    said = {word.strip(".,:") for word in heard.split()}
    assert not said & {"you", "your", "he", "she", "his", "her"}
    assert "anonym" not in heard
