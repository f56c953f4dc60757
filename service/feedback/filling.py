"""A form as a rater has filled it in: what may be kept as a draft, and what submitted.

Pure. The law: what is kept of a draft is sealed whole and says nothing of its rater.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from service.errors import Fault
from service.feedback.form.items import Basis, ContactFrequency
from service.feedback.form.rules import check_answers, check_draft
from service.feedback.rules import MONTHS, BadAnswers, Limits, check_contact


@dataclass(frozen=True, slots=True)
class Filled:
    """What a rater has given so far; None is not said yet, except of an answer."""

    answers: Mapping[str, int | None]
    """Item to answer; None: not observed."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """Item to an example of it."""
    texts: Mapping[str, str] = field(default_factory=dict)
    months: int | None = None
    """Of the year in which they worked together."""
    frequency: ContactFrequency | None = None
    basis: Basis | None = None
    objective: UUID | None = None
    """Which of those they share, if the feedback rests on one."""


def check_savable(filled: Filled, version: int) -> None:
    """Refuse what could not stand on the form; whatever is missing may be."""
    check_draft(filled.answers, filled.examples, filled.texts, version)
    _check_rest(filled)


def _check_rest(filled: Filled) -> None:
    if filled.months is not None and not 0 <= filled.months <= MONTHS:
        raise _unfit(f"Give 0 to {MONTHS} months.", "#/contact/months")
    if filled.objective is not None and filled.basis != Basis.SHARED_OBJECTIVE:
        raise _unfit("Name it with the basis `shared_objective`.", "#/objective")


def check_whole(
    filled: Filled, version: int, limits: Limits, shared: Collection[UUID]
) -> None:
    """Refuse what cannot be submitted; `shared` are the objectives of both.

    Whoever worked with the subject too briefly is told so first, all else together.
    """
    given = filled.answers, filled.examples, filled.texts
    checks: tuple[Callable[[], None], ...] = (
        partial(check_contact, filled.months, limits),
        partial(check_answers, *given, version),
        partial(_check_rest, filled),
        partial(_check_frequency, filled),
        partial(_check_basis, filled, shared),
    )
    refused = [refusal for check in checks if (refusal := _refusal_of(check))]
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise BadAnswers(
            "The form is not filled in as it asks: mend what `errors` lists.",
            faults=[fault for refusal in refused for fault in refusal.faults],
        )


def _check_frequency(filled: Filled) -> None:
    if filled.frequency is None:
        raise _unfit("Say how often you worked together.", "#/contact/frequency")


def _check_basis(filled: Filled, shared: Collection[UUID]) -> None:
    if filled.basis is None:
        raise _unfit("Say what the feedback rests on.", "#/basis")
    if filled.basis == Basis.SHARED_OBJECTIVE and filled.objective not in shared:
        raise _unfit("Name an objective that you share, or none.", "#/objective")


def _refusal_of(check: Callable[[], None]) -> BadAnswers | None:
    try:
        check()
    except BadAnswers as refusal:
        return refusal
    return None


def _unfit(detail: str, pointer: str) -> BadAnswers:
    return BadAnswers(detail, faults=[Fault(detail, pointer=pointer)])


def as_text(filled: Filled) -> str:
    """Return a draft as it is sealed."""
    return json.dumps(
        {
            "answers": dict(filled.answers),
            "examples": dict(filled.examples),
            "texts": dict(filled.texts),
            "months": filled.months,
            "frequency": filled.frequency,
            "basis": filled.basis,
            "objective": filled.objective and str(filled.objective),
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def from_text(text: str) -> Filled:
    """Return the draft that `as_text` wrote."""
    said = json.loads(text)
    frequency, basis, objective = said["frequency"], said["basis"], said["objective"]
    return Filled(
        answers=said["answers"],
        examples=said["examples"],
        texts=said["texts"],
        months=said["months"],
        frequency=frequency and ContactFrequency(frequency),
        basis=basis and Basis(basis),
        objective=objective and UUID(objective),
    )


def words_of(filled: Filled) -> dict[str, str]:
    """Return the texts that are kept, each by the field it is sealed as."""
    said = {
        **{f"example:{item}": text for item, text in filled.examples.items()},
        **{f"text:{box}": text for box, text in filled.texts.items()},
    }
    return {name: text.strip() for name, text in said.items() if text.strip()}
