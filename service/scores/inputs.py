"""What a computation starts from, in one order, so that its digest can be checked.

Pure: forms and exposure in, arrays and a digest out.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from service.scores.estimate import Floats, Method, People, form_marks


@dataclass(frozen=True, slots=True)
class FormFact:
    """One valid form: on which record, by whom (a pseudonym), from where."""

    record: UUID
    rater: str
    organisation: str
    answers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much stands behind one person's score."""

    raters: int
    organisations: int


def marks(forms: Sequence[FormFact]) -> tuple[People, Floats]:
    """Return whom each form is about and its mark."""
    items = sorted({item for form in forms for item in form.answers})
    table = np.full((len(forms), len(items)), np.nan)
    for row, form in enumerate(forms):
        for column, item in enumerate(items):
            value = form.answers.get(item)
            if value is not None:
                table[row, column] = value
    people = np.array([str(form.record) for form in forms], dtype=np.str_)
    return people, form_marks(table)


def evidence(forms: Iterable[FormFact]) -> dict[UUID, Evidence]:
    """Return, per record, how many raters and other organisations gave a form."""
    raters: dict[UUID, set[str]] = {}
    organisations: dict[UUID, set[str]] = {}
    for form in forms:
        raters.setdefault(form.record, set()).add(form.rater)
        organisations.setdefault(form.record, set()).add(form.organisation)
    return {
        record: Evidence(len(found), len(organisations[record]))
        for record, found in raters.items()
    }


def digest(
    forms: Sequence[FormFact], exposure: Mapping[UUID, int], method: Method
) -> str:
    """Return the SHA-256 (hex) of all that a computation depends on."""
    inputs = {
        "method": [method.name, method.version, method.digest],
        "exposure": {str(record): days for record, days in sorted(exposure.items())},
        "forms": sorted(
            [str(f.record), f.rater, f.organisation, sorted(f.answers.items())]
            for f in forms
        ),
    }
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
