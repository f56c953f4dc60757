"""What is wrong with a form, as a sentence for the field where it is wrong.

Pure. The law: a sentence says what to do there, and nothing of how a form is stored.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from service.errors import Refusal
from service.feedback.filling import Filled
from service.feedback.form.data import Words
from service.feedback.form.items import LONGEST_TEXT
from service.feedback.giving.answers import EXAMPLE
from service.feedback.rules import NotEligible
from service.web.forms import WHOLE
from service.web.language import mark, say
from service.web.refusing import sentence_of

UNANSWERED: Final = mark("Select an answer to “%(asks)s”")
NO_EXAMPLE: Final = mark("Give an example of “%(asks)s”, or choose another answer")
ONLY_EXAMPLE: Final = mark("Select an answer to “%(asks)s”, or remove its example")
TOO_LONG: Final = mark("Write %(most)s or fewer characters on “%(asks)s”")
NOT_PLAIN: Final = mark(
    "What you wrote on “%(asks)s” has characters that cannot be shown: type it again"
)
NO_MONTHS: Final = mark("Enter how many months of this year you worked with them")
TOO_BRIEF: Final = mark(
    "Feedback needs at least %(least)s months of working together: if what you entered"
    " is right, say that you cannot give it"
)
ELSEWHERE: Final[Mapping[str, tuple[str, str]]] = {
    "contact/frequency": ("frequency", mark("Select how often you worked with them")),
    "basis": ("basis", mark("Select what your answers rest on")),
    "objective": (
        "basis",
        mark("Select another answer: you do not share that objective any more"),
    ),
}


def sentences(
    refusal: Refusal, given: Filled, words: Words, least_months: int
) -> dict[str, str]:
    """Return the sentence of each field that a refusal is about."""
    asked = {
        **{each.code: each.asks for each in words.behaviours},
        **{each.code.value: each.label for each in words.texts},
    }
    found: dict[str, str] = {}
    for field, sentence in _said(refusal, given, asked, least_months):
        found.setdefault(field, sentence)
    return found or {WHOLE: sentence_of(refusal)}


def _said(
    refusal: Refusal, given: Filled, asked: Mapping[str, str], least_months: int
) -> Iterator[tuple[str, str]]:
    for fault in refusal.faults:
        path = (fault.pointer or "").removeprefix("#/")
        where, _, name = path.partition("/")
        if path in ELSEWHERE:
            field, sentence = ELSEWHERE[path]
            yield field, say(sentence)
        elif path == "contact/months":
            brief = isinstance(refusal, NotEligible)
            yield "months", say(TOO_BRIEF if brief else NO_MONTHS, least=least_months)
        elif name in asked:
            field = name + EXAMPLE if where == "examples" else name
            sentence = _of_words(where, name, given)
            yield field, say(sentence, asks=asked[name], most=f"{LONGEST_TEXT:,}")
        else:
            yield WHOLE, fault.detail


def _of_words(where: str, name: str, given: Filled) -> str:
    if where == "answers":
        return UNANSWERED
    text = (given.examples if where == "examples" else given.texts).get(name, "")
    if not text:
        return NO_EXAMPLE
    if len(text) > LONGEST_TEXT:
        return TOO_LONG
    if where == "examples" and given.answers.get(name) is None:
        return ONLY_EXAMPLE
    return NOT_PLAIN
