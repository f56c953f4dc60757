import hashlib
import re

import pytest

from service.errors import NotFound
from service.feedback.form import data
from service.feedback.form.data import ChangedForm, Translation, Words, form
from service.feedback.form.items import (
    BEHAVIOURS,
    FORM_VERSION,
    Basis,
    Box,
    ContactFrequency,
    Language,
)
from service.feedback.form.schemas import shown

ENGLISH = form(1).in_language("en")
WELSH = form(1).in_language("cy")
PUBLISHED = {
    "1.en.toml": "55b4e7ca207f016ffd39a3c59ed4237878fa3fa165bdc41a2e33fd32dc6b06c2",
    "1.cy.toml": "a0acf3cff05f4d3b39da718e052b34e660e0b8eade913c156cdb25e4cceea977",
}
"""Never edit a published version: publish the next. A draft translation's may change
once, when a translator has confirmed it."""
languages = pytest.mark.parametrize("words", [ENGLISH, WELSH], ids=["en", "cy"])


def test_a_published_version_never_changes() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in data.VERSIONS.glob("*.toml")
    }

    assert found == PUBLISHED
    assert found == {
        f"{version}.{language}.toml": digest
        for (version, language), digest in data.PUBLISHED.items()
    }


def test_words_that_were_changed_on_the_disk_are_not_shown() -> None:
    published = (data.VERSIONS / "1.en.toml").read_bytes()
    data.check_published(1, Language.ENGLISH, published)

    with pytest.raises(ChangedForm, match="Version 1 in `en`"):
        data.check_published(1, Language.ENGLISH, published + b"\n")


def test_it_says_what_becomes_of_names_and_words_and_promises_no_more() -> None:
    assert ENGLISH.confidentiality == (
        "Your name is kept from the subject, their manager and HR. It can be learned"
        " only under break-glass by two people, or if the law requires it. Your words"
        " are shown to the subject and manager after release, and the subject may"
        " recognise you."
    )
    promised = re.compile(r"anonym|dienw", re.IGNORECASE)
    for words in (ENGLISH, WELSH):
        assert not promised.search(words.model_dump_json())


@languages
def test_it_asks_about_every_behaviour_with_an_anchor_for_each_answer(
    words: Words,
) -> None:
    assert tuple(item.code for item in words.behaviours) == BEHAVIOURS
    anchors = [anchor for item in words.behaviours for anchor in item.anchors]
    assert len(anchors) == len(set(anchors)) == 8 * 5
    assert all(anchor.endswith(".") for anchor in anchors)
    assert len(words.frequencies) == 5


@languages
def test_it_asks_for_two_texts_and_how_the_two_worked_together(words: Words) -> None:
    assert [box.code for box in words.texts] == [*Box]
    assert [each.code for each in words.contact_frequency.choices] == [
        *ContactFrequency
    ]
    assert [each.code for each in words.basis.choices] == [*Basis]


@languages
def test_the_guidance_on_errors_is_two_sentences(words: Words) -> None:
    assert re.findall(r"[.!?](?= |$)", words.guidance) == [".", "."]
    assert words.guidance.endswith(".")


def test_not_having_seen_it_is_an_answer_of_its_own() -> None:
    assert ENGLISH.not_observed == "I did not see enough of their work to say"


def test_the_welsh_words_are_a_draft_and_say_so() -> None:
    assert (ENGLISH.translation, ENGLISH.notice) == (Translation.ORIGINAL, "")
    assert WELSH.translation == Translation.DRAFT
    assert "drafft" in WELSH.notice


def test_no_word_of_the_one_language_stands_in_the_other() -> None:
    def sentences(words: Words) -> set[str]:
        said = words.model_dump_json(exclude={"language", "translation"})
        return {each for each in re.findall(r'"([^"]*)"', said) if " " in each}

    assert len(sentences(ENGLISH)) > 60
    assert sentences(ENGLISH) & sentences(WELSH) == set()


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match=f"latest is version {FORM_VERSION}"):
        form(FORM_VERSION + 1)
    with pytest.raises(NotFound, match="`en` and `cy`"):
        form(1).in_language("gd")


def test_it_is_shown_with_what_an_answer_may_be() -> None:
    out = shown(form(1), "cy")

    assert (out.version, out.lowest, out.highest) == (1, 1, 5)
    assert (out.example_for, out.longest_text) == ((1, 5), 2000)
    assert out.title == WELSH.title
