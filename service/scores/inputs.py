"""What a computation starts from, in one order, so that its digest can be checked.

Pure: forms and exposure in, arrays and a digest out.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from service.scores.estimate import Forms, Method


@dataclass(frozen=True, slots=True)
class FormFact:
    """One valid form: on which record, by whom (a pseudonym), from where."""

    record: UUID
    rater: str
    organisation: str
    """The rater's."""
    answers: Mapping[str, int | None]
    home: str
    """The subject's organisation."""


@dataclass(frozen=True, slots=True)
class Basis:
    """All that scores are computed from."""

    forms: Sequence[FormFact]
    days: Mapping[UUID, int]
    """Working days in post, of every record that is to have a score."""
    least_days: int
    """Fewer of them, and there is no score."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much stands behind one person's score."""

    raters: int
    organisations: int


def columns(forms: Sequence[FormFact]) -> Forms:
    """Return the forms as arrays; an item that a form lacks is not observed."""
    items = sorted({item for form in forms for item in form.answers})
    table = np.full((len(forms), len(items)), np.nan)
    for row, form in enumerate(forms):
        for column, item in enumerate(items):
            value = form.answers.get(item)
            if value is not None:
                table[row, column] = value
    return Forms(
        person=np.array([str(form.record) for form in forms], dtype=np.str_),
        rater=np.array([form.rater for form in forms], dtype=np.str_),
        group=np.array([form.organisation for form in forms], dtype=np.str_),
        answers=table,
        home=np.array([form.home for form in forms], dtype=np.str_),
    )


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


def digest(basis: Basis, method: Method) -> str:
    """Return the SHA-256 (hex) of all that a computation depends on."""
    inputs = {
        "method": [method.name, method.version, method.digest],
        "exposure": {str(record): days for record, days in basis.days.items()},
        "minimum_exposure": basis.least_days,
        "forms": sorted(
            [str(f.record), f.rater, f.organisation, f.home, sorted(f.answers.items())]
            for f in basis.forms
        ),
    }
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
