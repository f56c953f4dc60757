from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.demo.names import DEPARTMENTS, FAMILY, GIVEN
from service.feedback.form.hinting.words import Kind, Span, lists, words_of
from service.feedback.form.hints import find, sentence
from service.feedback.form.items import LONGEST_TEXT, Language
from tests.feedback.form.labelled import Labelled, labelled, matches

ORDINARY = [
    "They share plans before they are asked.",
    "They may disagree, and they march on. Will they listen? Mark my words.",
    "We cut 2,000 pages to 40, that is 98 per cent, in 1.5 days; 3 of 4 agreed.",
    "THIS IS VERY GOOD WORK",
    "The only way is to ask. One thing matters.",
    "I hope you go on like this. I would thank you for it.",
    "They gave our call centre two people, and our call handlers a script.",
    "Our call for evidence had a better answer for it.",
    "",
]


def figures(sentences: list[Labelled]) -> tuple[float, float]:
    """Recall and precision: of the same kind and about the same words."""
    wanted = [
        any(matches(found, told) for found in find(each.text))
        for each in sentences
        for told in each.spans
    ]
    given = [
        any(matches(found, told) for told in each.spans)
        for each in sentences
        for found in find(each.text)
    ]
    return sum(wanted) / len(wanted), sum(given) / len(given)


def test_what_identifies_is_found_in_sentences_that_the_rules_never_saw() -> None:
    """Measured: recall 85/97 = 0.876 and precision 86/91 = 0.945."""
    recall, precision = figures(labelled("fresh"))

    assert recall >= 0.87
    assert precision >= 0.94


def test_what_identifies_is_found_in_the_sentences_the_rules_were_made_with() -> None:
    """Measured: recall 218/221 = 0.986 and precision 219/224 = 0.978."""
    recall, precision = figures(labelled("practice"))

    assert recall >= 0.98
    assert precision >= 0.97


def test_the_sentences_are_enough_of_every_kind_and_of_none() -> None:
    for part in ("practice", "fresh"):
        sentences = labelled(part)
        texts = [each.text for each in sentences]

        assert len(texts) == len(set(texts)) >= 120
        assert {told.kind for each in sentences for told in each.spans} == {*Kind}
        assert sum(not each.spans for each in sentences) >= 25


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("they rang before our call and after", "our call"),
        ("in our weekly calls they listened", "our weekly calls"),
        ("on our call centre visit they asked", "our call centre visit"),
        ("my first call with them", "my first call"),
    ],
)
def test_a_call_that_was_made_is_an_occasion(text: str, said: str) -> None:
    (found,) = find(text)

    assert (text[found.start : found.end], found.kind) == (said, Kind.MEETING)


def test_the_rater_s_own_name_is_found_however_it_is_written() -> None:
    text = "as chidi I saw it; OKORO knew, and so did chidi's people"
    found = find(text, names=["Chidi Okoro"])

    assert [(text[each.start : each.end], each.kind) for each in found] == [
        ("chidi", Kind.NAME),
        ("OKORO", Kind.NAME),
        ("chidi's", Kind.NAME),
    ]


@pytest.mark.parametrize("name", [name for _, name, _ in DEPARTMENTS])
def test_every_organisation_known_here_is_found_by_its_name(name: str) -> None:
    text = f"They went to the {name} about it"
    (found,) = find(text, organisations=[name])

    assert found == Span(17, 17 + len(name), Kind.ORGANISATION)


@pytest.mark.parametrize("code", [code for code, _, _ in DEPARTMENTS])
def test_a_code_that_is_a_word_is_found_by_its_capital_only(code: str) -> None:
    def kinds(text: str) -> list[Kind]:
        return [found.kind for found in find(text, organisations=[code])]

    assert kinds(f"they asked {code.upper()} for help") == [Kind.ORGANISATION]
    assert kinds(f"{code.upper()} was asked") == [Kind.ORGANISATION]
    assert kinds(f"they saw {code} everywhere") == []
    assert kinds(f"{code.capitalize()} are everywhere") == []


@pytest.mark.parametrize("family", FAMILY)
def test_a_name_is_found_in_a_sentence_and_where_it_opens_one(family: str) -> None:
    for given_name in GIVEN:
        for text in (
            f"they thanked {given_name} {family} for it",
            f"{given_name} {family} was thanked",
        ):
            end = text.index(family) + len(family)

            # A given name that is also a word may be left out where it opens.
            assert [span.end for span in find(text)] == [end], text


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            ["my", "our", "I", "you", "me", "team", "3", "March", "DWP", "@", "+44"]
        )
        | st.sampled_from(
            ["of", "Department", "for", "Leeds", "office", ".", "'s", "a.b@c.d", "9:30"]
        )
    ).map(" ".join)
)
def test_what_is_found_lies_in_the_text_in_order_without_overlap(text: str) -> None:
    found = find(text, names=["Ann March"], organisations=["dwp"])

    ends = [0]
    for span in found:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)
    assert found == find(text, names=["Ann March"], organisations=["dwp"])


def test_each_kind_says_so_to_the_rater_in_both_languages() -> None:
    said = [sentence(kind, language) for kind in Kind for language in Language]

    assert len(set(said)) == 2 * len(Kind)
    assert all("recognise you" in sentence(kind, Language.ENGLISH) for kind in Kind)
    assert all("adnabod" in sentence(kind, Language.WELSH) for kind in Kind)
    assert set(lists()["sentences"]) == set(Kind)


def test_the_lists_are_written_as_words_are_read() -> None:
    """A phrase with a capital or a hyphen in it would never match."""
    phrases = [
        phrase
        for table in ("phrases", "own", "said", "titles", "only", "dates", "capitals")
        for name in lists()[table]
        for phrase in lists()[table][name]
    ]

    unread = {
        phrase
        for phrase in phrases
        if phrase != " ".join(word.folded for word in words_of(phrase))
    }
    assert unread == set()


def cost(text: str) -> float:
    """Seconds of this process; the least of several, so that no pause counts."""
    taken = []
    for _ in range(3):
        began = process_time()
        find(text, names=["Ann Lee"], organisations=["dwp", "Ministry of Bridges"])
        taken.append(process_time() - began)
    return min(taken)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "a" * n,
        lambda n: "A" * n,
        lambda n: "A " * (n // 2),
        lambda n: "1" * n,
        lambda n: "0(" * (n // 2),
        lambda n: "a@" * (n // 2),
        lambda n: "a'" * (n // 2),
        lambda n: "Department of " * (n // 14),
        lambda n: "my my our " * (n // 10),
        lambda n: "I told and told " * (n // 16),
        lambda n: "3 of the 3 March " * (n // 17),
        lambda n: "1:1.1/1-" * (n // 8),
        lambda n: " " * n,
        lambda n: "They met Priya in Leeds on 3 March. " * (n // 36),
    ],
)
def test_twice_the_text_takes_about_twice_the_time(
    made: Callable[[int], str],
) -> None:
    """Quadratic would be four times; a fiftieth of a second is noise."""
    size = 4 * LONGEST_TEXT

    assert cost(made(2 * size)) <= 2.5 * cost(made(size)) + 0.02
