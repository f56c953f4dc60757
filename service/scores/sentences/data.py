"""The words for a score, read from one file for each language.

The law: the words are those whose SHA-256 stands here, and say something of every
state, reason, band and line that there is.
"""

import hashlib
import tomllib
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from service.errors import Unavailable
from service.feedback.form.data import Translation
from service.feedback.form.items import Language
from service.records.framework_parts import Data, Method, Text
from service.scores.explaining import Severity
from service.scores.rules import Band, Reason, State

FOLDER: Final = Path(__file__).parent
SHIPPED: Final[Mapping[Language, str]] = MappingProxyType(
    {
        Language.ENGLISH: (
            "3fc92a62b9261b818dd3a889606850806927617e6a74631ce03794c0483fc889"
        ),
        Language.WELSH: (
            "0904d3f703b479588833eb87a0041413a59fd199eb4c9b595224b1ab2818ea0c"
        ),
    }
)
"""SHA-256, hex, of each file."""


class ChangedSentences(Unavailable):
    """The sentences about a score are not those that were shipped."""

    slug = "score-sentences-changed"


def _all_of(known: type[StrEnum]) -> Callable[[Any], Any]:
    def check(found: Collection[str]) -> Collection[str]:
        if missing := {*known} - {*found}:
            raise ValueError(f"nothing is said of {', '.join(sorted(missing))}")
        return found

    return check


class Service(Data):
    """The first line."""

    title: Text
    says: Text


class Own(Data):
    """The second line: a figure, or what is said in its place."""

    title: Text
    above: Text
    below: Text
    level: Text
    high: Text
    low: Text


class Raters(Data):
    """The third line: always of all raters together."""

    title: Text
    not_corrected: Text
    degrees: Annotated[Mapping[Severity, Text], AfterValidator(_all_of(Severity))]


class Pull(Data):
    """The last line, which absorbs the rounding of the others."""

    title: Text
    adds: Text
    takes_off: Text
    nothing: Text
    untold: Text


class Words(Data):
    """All that is said of a score in one language."""

    language: Language
    translation: Translation
    notice: str
    """What to say of a draft, before anything else."""
    title: Text
    total: Text
    value: Text
    """In place of the total, where not every line has a figure."""
    interval: Text
    methods: Annotated[Mapping[Method, Text], AfterValidator(_all_of(Method))]
    service_average: Service
    own_average: Own
    rater_severity: Raters
    limited_evidence: Pull
    states: Annotated[Mapping[State, Text], AfterValidator(_all_of(State))]
    reasons: Annotated[Mapping[Reason, Text], AfterValidator(_all_of(Reason))]
    bands: Annotated[Mapping[Band, Text], AfterValidator(_all_of(Band))]


@cache
def words(language: Language) -> Words:
    """Return all that is said of a score in a language."""
    written = (FOLDER / f"{language}.toml").read_bytes()
    check_shipped(language, written)
    return Words.model_validate(tomllib.loads(written.decode()))


def check_shipped(language: Language, written: bytes) -> None:
    """Refuse words that are not, byte for byte, those that were shipped."""
    if hashlib.sha256(written).hexdigest() != SHIPPED[language]:
        raise ChangedSentences(
            f"The words in `{language}` were changed where they are installed: install"
            " the service anew."
        )
