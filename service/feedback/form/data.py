"""The words of the form, read from one file for each version and language.

The law: a published version never changes: the SHA-256 of its English words stands here
for good, that of a draft translation until a translator has confirmed it.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from service.errors import NotFound, Unavailable
from service.feedback.form.items import (
    ASKED,
    HIGHEST,
    LOWEST,
    Basis,
    Box,
    ContactFrequency,
    Language,
)
from service.records.framework_parts import Data, Text

VERSIONS: Final = Path(__file__).parent / "versions"
PUBLISHED: Final[Mapping[tuple[int, Language], str]] = MappingProxyType(
    {
        (1, Language.ENGLISH): (
            "55b4e7ca207f016ffd39a3c59ed4237878fa3fa165bdc41a2e33fd32dc6b06c2"
        ),
        (1, Language.WELSH): (
            "a0acf3cff05f4d3b39da718e052b34e660e0b8eade913c156cdb25e4cceea977"
        ),
    }
)
"""SHA-256, hex, of each file as it was published."""
LEVELS: Final = HIGHEST - LOWEST + 1

OneALevel = Annotated[tuple[Text, ...], Field(min_length=LEVELS, max_length=LEVELS)]
"""One for each answer, the lowest first."""


class ChangedForm(Unavailable):
    """The words of the form are not those that were published."""

    slug = "feedback-form-changed"


class Translation(StrEnum):
    """How far the words can be relied on."""

    ORIGINAL = "original"
    DRAFT = "draft"
    CONFIRMED = "confirmed"


class Asked(Data):
    """Something a rater writes: what it is called, and what helps to write it."""

    label: Text
    hint: Text


class AskedBox(Asked):
    """One text, by its code."""

    code: Box


class Behaviour(Data):
    """One item, and what each answer to it looks like."""

    code: Text
    asks: Text
    anchors: OneALevel


class AskedFrequency(Data):
    """One answer to how often the two worked together."""

    code: ContactFrequency
    label: Text


class AskedBasis(Data):
    """One answer to what the feedback rests on."""

    code: Basis
    label: Text


class FrequencyQuestion(Data):
    """How often the two worked together."""

    label: Text
    choices: tuple[AskedFrequency, ...]


class BasisQuestion(Data):
    """What the feedback rests on."""

    label: Text
    choices: tuple[AskedBasis, ...]


class Words(Data):
    """The form in one language, whole."""

    language: Language
    translation: Translation
    notice: str
    """What to say of a draft, before anything else."""
    title: Text
    confidentiality: Text
    """Stands before the first question."""
    small_pool: Text
    """Stands beside it, where few could have been drawn."""
    guidance: Text
    """On the errors that raters commonly make."""
    not_observed: Text
    """In place of an answer; it is sent as null."""
    frequencies: OneALevel
    behaviours: tuple[Behaviour, ...]
    example: Asked
    """For an answer at either end of the scale."""
    texts: tuple[AskedBox, ...]
    months: Asked
    contact_frequency: FrequencyQuestion
    basis: BasisQuestion


@dataclass(frozen=True, slots=True)
class Form:
    """One version of the form."""

    version: int
    words: Mapping[Language, Words]

    def in_language(self, code: str) -> Words:
        """Return the form in the language `en` or `cy`."""
        try:
            return self.words[Language(code)]
        except ValueError:
            raise NotFound(
                "The form is in `en` and `cy`: ask for one of them."
            ) from None


@cache
def form(version: int) -> Form:
    """Return a published version; refuse a version that there is not."""
    if version not in ASKED:
        raise NotFound(f"There is no such form: the latest is version {max(ASKED)}.")
    return Form(version, {language: _read(version, language) for language in Language})


def _read(version: int, language: Language) -> Words:
    written = (VERSIONS / f"{version}.{language}.toml").read_bytes()
    check_published(version, language, written)
    return Words.model_validate(tomllib.loads(written.decode()))


def check_published(version: int, language: Language, written: bytes) -> None:
    """Refuse words that are not, byte for byte, those that were published."""
    if hashlib.sha256(written).hexdigest() != PUBLISHED[version, language]:
        raise ChangedForm(
            f"Version {version} in `{language}` was changed after it was published:"
            " install the service anew, and publish new words as a new version."
        )
