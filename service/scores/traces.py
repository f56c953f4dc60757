"""What a computation keeps of each form that counted, so that it is known again.

Pure. The law: without the key of the pseudonyms a trace tells neither who answered nor
what, and two traces of one rater on two people have nothing in common.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from service.scores.inputs import FormFact

HALF: Final = 16
LENGTH: Final = 2 * HALF
"""Bytes of a trace: half says whose form it is, half what is in it."""
AMENDS_FROM: Final = 3
"""Raters who must have changed before a published score does.

A version after each of them would give each of their forms away.
"""


def trace(form: FormFact) -> bytes:
    """Return the trace of a form: truncated SHA-256 over the rater's pseudonym."""
    whose = f"{form.record} {form.rater}"
    said = [form.organisation, sorted(form.answers.items())]
    return _half(whose) + _half(f"{whose} {json.dumps(said)}")


def _half(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:HALF]


def traces(forms: Iterable[FormFact]) -> dict[UUID, bytes]:
    """Return, per record, the traces of its forms as they are kept: in order, joined.

    The order is that of hashes: it tells nothing.
    """
    found: dict[UUID, list[bytes]] = {}
    for form in forms:
        found.setdefault(form.record, []).append(trace(form))
    return {record: b"".join(sorted(of_it)) for record, of_it in found.items()}


def parted(kept: bytes) -> set[bytes]:
    """Return the traces of one record, one by one."""
    return {kept[at : at + LENGTH] for at in range(0, len(kept), LENGTH)}


def known(
    forms: Iterable[FormFact], kept: Mapping[UUID, Collection[bytes]]
) -> list[FormFact]:
    """Return the forms that are just as they were kept."""
    return [form for form in forms if trace(form) in kept.get(form.record, ())]


def of_the_same_raters(
    forms: Iterable[FormFact], kept: Mapping[UUID, Collection[bytes]]
) -> list[FormFact]:
    """Return the forms of raters whose form was kept, whatever is in them by now."""
    raters = {record: {each[:HALF] for each in of_it} for record, of_it in kept.items()}
    return [form for form in forms if trace(form)[:HALF] in raters.get(form.record, ())]


def changed_raters(before: Collection[bytes], after: Collection[bytes]) -> int:
    """Return how many raters' forms came, went or changed between two sets."""
    return len({each[:HALF] for each in set(before) ^ set(after)})


def amends(before: Collection[bytes], after: Collection[bytes]) -> bool:
    """Whether enough raters changed for a published score to change."""
    return changed_raters(before, after) >= AMENDS_FROM
