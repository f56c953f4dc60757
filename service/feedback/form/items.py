"""What each version of the form asks, by code; the words for it are in `versions/`.

The law: a code never changes what it asks; a new question is a new code.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

FORM_VERSION: Final = 1
"""The version that is asked now."""
LOWEST: Final = 1
HIGHEST: Final = 5
EXTREMES: Final = (LOWEST, HIGHEST)
"""The answers that ask for an example."""
FEWEST_OBSERVED: Final = 3
"""Items that must be observed for a form to count."""
LONGEST_TEXT: Final = 2_000
"""Characters of an example or of a text."""

ASKED: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        1: (
            "shares_early",
            "involves_first",
            "trades_off",
            "keeps_commitments",
            "resolves",
            "credits",
            "frees_people",
            "challenges",
        )
    }
)
"""Each version to the behaviours it asks about, in its order."""
BEHAVIOURS: Final = ASKED[FORM_VERSION]


class Language(StrEnum):
    """What the form is written in."""

    ENGLISH = "en"
    WELSH = "cy"


class Box(StrEnum):
    """A text that may be written beside the answers."""

    KEEP_DOING = "keep_doing"
    DO_DIFFERENTLY = "do_differently"


class ContactFrequency(StrEnum):
    """How often the two worked together, in the months they did."""

    MOST_WEEKS = "most_weeks"
    MOST_MONTHS = "most_months"
    EVERY_FEW_MONTHS = "every_few_months"
    ONE_PIECE_OF_WORK = "one_piece_of_work"


class Basis(StrEnum):
    """What the answers rest on."""

    SHARED_OBJECTIVE = "shared_objective"
    GENERAL = "general"
