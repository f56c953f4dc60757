"""What is said of averages of feedback, and where there is none.

The law: what is suppressed stays unsaid, but for why.
"""

from collections.abc import Mapping
from typing import Final

from service.feedback.results.rules import Category
from service.feedback.results.schemas import FigureOut
from service.suppression import HIGH, LOW, Beyond
from service.web.language import mark, say
from service.web.templating import number

WHY: Final[Mapping[str, str]] = {
    "below_minimum_raters": mark(
        "Not shown: it needs feedback from at least 5 colleagues"
    ),
    "below_minimum_organisations": mark(
        "Not shown: it needs feedback from at least 2 other organisations"
    ),
    "protects_another": mark(
        "Not shown: another figure that is not shown could be worked out from it"
    ),
}
WHY_NO_COMMENTS: Final[Mapping[str, str]] = {
    "below_minimum_raters": mark(
        "No comments are shown: they need feedback from at least 3 colleagues"
    ),
    "below_minimum_organisations": mark(
        "No comments are shown: they need feedback from at least 2 other organisations"
    ),
}
CATEGORIES: Final[Mapping[Category, str]] = {
    Category.SHARED_OBJECTIVE: mark("Colleagues who share an objective with you"),
    Category.OTHER_WORK: mark("Colleagues you work with otherwise"),
}


def average(shown: FigureOut) -> str:
    """Say an average of answers from 1 to 5, or why there is none."""
    if shown.mean is not None:
        return say("%(mean)s of 5", mean=number(shown.mean))
    if shown.beyond is Beyond.HIGH:
        return say("%(least)s or above", least=number(HIGH))
    if shown.beyond is Beyond.LOW:
        return say("%(most)s or below", most=number(LOW))
    return "" if shown.reason is None else say(WHY[shown.reason])
