"""Pages are in English or Welsh, whole."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from service.web.language import LOCALE, Language, mark, say
from tests.web.words import texts

FILLED = re.compile(r"%\((\w+)\)s|%%\{(\w+)\}")
CATALOGUES = sorted((LOCALE / "cy").glob("*.po"))


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="cy", abort_invalid=True)


def translated() -> dict[str | tuple[str, ...], Message]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id): message
        for path in CATALOGUES
        for message in catalogue(path)
        if message.id
    }


def forms_of(message: Message) -> list[str]:
    said = message.string or ""
    return [said] if isinstance(said, str) else [*said]


def test_every_text_has_its_welsh() -> None:
    words = {text if isinstance(text, str) else tuple(text) for text in texts() if text}
    assert len(words) > 20
    assert words - translated().keys() == set()


def test_nothing_is_translated_that_no_page_says() -> None:
    words = {text if isinstance(text, str) else tuple(text) for text in texts()}
    assert translated().keys() - words == set()


def test_no_text_is_translated_twice() -> None:
    ids = [str(m.id) for path in CATALOGUES for m in catalogue(path) if m.id]
    assert sorted(ids) == sorted(set(ids))


def test_a_translation_is_not_empty_and_fills_in_the_same() -> None:
    for text, message in translated().items():
        forms = forms_of(message)
        originals = [text] if isinstance(text, str) else [*text]
        assert all(forms), text
        wanted = set().union(*(FILLED.findall(each) for each in originals))
        for form in forms:
            assert set(FILLED.findall(str(form))) <= wanted, text
        assert set().union(*(FILLED.findall(str(form)) for form in forms)) == wanted


def test_welsh_has_all_its_plurals() -> None:
    for path in CATALOGUES:
        assert catalogue(path).num_plurals == 6, path
        for message in catalogue(path):
            if message.id and not isinstance(message.id, str):
                assert len(forms_of(message)) == 6, message.id


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_welsh_says_that_it_is_a_draft(path: Path) -> None:
    assert "draft" in path.read_text(encoding="utf-8").partition("msgid")[0]


def test_what_is_unknown_is_said_in_english() -> None:
    assert say(mark("Help")) == "Help"
    assert [*Language] == ["en", "cy"]
