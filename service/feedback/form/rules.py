"""What may be sent of a form: answers, examples and texts.

Pure. The law: not observed is null and never nought; every fault is named where it is.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from service.edge.strict_json import pointer
from service.errors import Fault, NotFound
from service.feedback.form.items import (
    ASKED,
    EXTREMES,
    HIGHEST,
    LONGEST_TEXT,
    LOWEST,
    Box,
)
from service.feedback.rules import BadAnswers

LAYOUT: Final = frozenset("\t\n\r")
CONTROLS: Final = frozenset({"Cc", "Cs"})
"""Unicode's categories of control characters and of halves of surrogate pairs."""
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text read otherwise than it is stored."""


def check_answers(
    answers: Mapping[str, int | None],
    examples: Mapping[str, str],
    texts: Mapping[str, str],
    version: int,
) -> None:
    """Refuse a form that is not filled in as its version asks.

    Answers and examples by item, texts by box. Every item is answered or None, an
    extreme answer has its example, and the texts may be left out.
    """
    faults = [
        *_missing(answers, examples, _asked(version)),
        *_unfit(answers, examples, texts, _asked(version)),
    ]
    _refuse(faults)


def check_draft(
    answers: Mapping[str, int | None],
    examples: Mapping[str, str],
    texts: Mapping[str, str],
    version: int,
) -> None:
    """Refuse what could not stand on the form; whatever is still missing may be."""
    _refuse([*_unfit(answers, examples, texts, _asked(version))])


def _asked(version: int) -> tuple[str, ...]:
    if version not in ASKED:
        raise NotFound(f"There is no such form: the latest is version {max(ASKED)}.")
    return ASKED[version]


def _missing(
    answers: Mapping[str, int | None],
    examples: Mapping[str, str],
    asked: Collection[str],
) -> Iterator[Fault]:
    for item in asked:
        example = examples.get(item, "").strip()
        if item not in answers:
            yield _at(
                "answers", item, "Answer it, or send null if you did not see enough."
            )
        elif answers[item] in EXTREMES and not example:
            yield _at(
                "examples",
                item,
                f"An answer of {LOWEST} or {HIGHEST} needs an example: give one, or"
                " another answer.",
            )
        if example and answers.get(item) is None:
            yield _at("examples", item, "It has no answer: answer it, or leave it out.")


def _unfit(
    answers: Mapping[str, int | None],
    examples: Mapping[str, str],
    texts: Mapping[str, str],
    asked: Collection[str],
) -> Iterator[Fault]:
    for item, value in answers.items():
        if item not in asked:
            yield _at("answers", item, "There is no such item on the form.")
        elif value is not None and not _is_answer(value):
            yield _at(
                "answers",
                item,
                f"Answer {LOWEST} to {HIGHEST}; send null, never 0, if you did not see"
                " enough.",
            )
    for item, text in examples.items():
        yield from _unfit_text("examples", item, text, asked)
    for box, text in texts.items():
        yield from _unfit_text("texts", box, text, [*Box])


def _is_answer(value: int) -> bool:
    return not isinstance(value, bool) and LOWEST <= value <= HIGHEST


def _unfit_text(
    where: str, name: str, text: str, known: Collection[str]
) -> Iterator[Fault]:
    if name not in known:
        yield _at(where, name, "There is no such text on the form.")
    elif len(text.replace("\r\n", "\n")) > LONGEST_TEXT:
        yield _at(where, name, f"Write {LONGEST_TEXT:,} or fewer characters.")
    elif not _is_plain(text):
        yield _at(
            where,
            name,
            "It holds NUL or another control character: write plain text.",
        )


def _is_plain(text: str) -> bool:
    return all(
        character in LAYOUT
        or (
            character not in TURNING and unicodedata.category(character) not in CONTROLS
        )
        for character in frozenset(text)
    )


def _at(where: str, name: str, detail: str) -> Fault:
    return Fault(detail, pointer=pointer([where, name]))


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise BadAnswers(
            "The form is not filled in as it asks: mend what `errors` lists.",
            faults=faults,
        )
