"""What is said in place of a comment or a figure that is not shown, in both languages.

The Welsh is a draft until a translator confirms it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.feedback.form.items import Language
from service.feedback.results.rules import Withheld

Sentences = Mapping[Language, Mapping[Withheld, str]]
ONE: Final[Sentences] = MappingProxyType(
    {
        Language.ENGLISH: {
            Withheld.IDENTIFIES_RATER: "It says or shows who wrote it.",
            Withheld.IDENTIFIES_THIRD_PARTY: "It says or shows who somebody else is.",
            Withheld.ABUSIVE: "It is abusive.",
            Withheld.UNLAWFUL: "It may not be shown by law.",
            Withheld.OFF_TOPIC: "It is not about how you work with others.",
            Withheld.NOT_MODERATED: "No moderator read it before the release.",
        },
        Language.WELSH: {
            Withheld.IDENTIFIES_RATER: (
                "Mae'n dweud neu'n dangos pwy a'i hysgrifennodd."
            ),
            Withheld.IDENTIFIES_THIRD_PARTY: (
                "Mae'n dweud neu'n dangos pwy yw rhywun arall."
            ),
            Withheld.ABUSIVE: "Mae'n sarhaus.",
            Withheld.UNLAWFUL: "Ni ellir ei dangos yn ôl y gyfraith.",
            Withheld.OFF_TOPIC: (
                "Nid yw'n sôn am sut yr ydych yn gweithio gydag eraill."
            ),
            Withheld.NOT_MODERATED: "Ni ddarllenodd cymedrolwr hi cyn y rhyddhau.",
        },
    }
)
"""Why a comment is withheld, to whom it is about."""
MANY: Final[Sentences] = MappingProxyType(
    {
        Language.ENGLISH: {
            Withheld.IDENTIFIES_RATER: "They say or show who wrote them.",
            Withheld.IDENTIFIES_THIRD_PARTY: "They say or show who somebody else is.",
            Withheld.ABUSIVE: "They are abusive.",
            Withheld.UNLAWFUL: "They may not be shown by law.",
            Withheld.OFF_TOPIC: "They are not about how you work with others.",
            Withheld.NOT_MODERATED: "No moderator read them before the release.",
        },
        Language.WELSH: {
            Withheld.IDENTIFIES_RATER: (
                "Maen nhw'n dweud neu'n dangos pwy a'u hysgrifennodd."
            ),
            Withheld.IDENTIFIES_THIRD_PARTY: (
                "Maen nhw'n dweud neu'n dangos pwy yw rhywun arall."
            ),
            Withheld.ABUSIVE: "Maen nhw'n sarhaus.",
            Withheld.UNLAWFUL: "Ni ellir eu dangos yn ôl y gyfraith.",
            Withheld.OFF_TOPIC: (
                "Nid ydynt yn sôn am sut yr ydych yn gweithio gydag eraill."
            ),
            Withheld.NOT_MODERATED: "Ni ddarllenodd cymedrolwr nhw cyn y rhyddhau.",
        },
    }
)
"""Why several are, for the same reason."""


def withheld(reason: Withheld, count: int, language: Language) -> str:
    """Say why so many comments are withheld."""
    return (ONE if count == 1 else MANY)[language][reason]
