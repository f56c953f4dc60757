"""One person without a number among eleven with one: the composites do not give it.

The attacker is an HR system that pulls everybody's figures. Each composite is linear in
feedback and objectives and shows the cycle's mean; were it exact, whoever has no figure
would be what is left when the others' raw means are taken off.
"""

from collections.abc import Mapping
from uuid import UUID

import numpy as np

from service.records.combining import Attainment
from service.scores.composing.composite import Component, components
from service.scores.composing.loading import scale_of
from service.scores.composing.objective import Assessed
from service.scores.computing import Worked, work_out
from service.scores.estimate import METHODS, value
from service.scores.inputs import Basis, FormFact
from tests.scores.composing.people import UNCOMBINED, an_objective

ITEMS = "abcde"
FROM = ("moj", "dft", "hmrc")
PEOPLE, FORMS, FEWER = 12, 5, 4
HIDDEN = UUID(int=0)
CYCLES = 16


def a_cycle(seed: int) -> tuple[Basis, dict[UUID, list[Assessed]]]:
    """Twelve people of five forms each; the first of four, too few for a number."""
    chance = np.random.default_rng(seed)
    forms: list[FormFact] = []
    found: dict[UUID, list[Assessed]] = {}
    for who in map(UUID, map("{:032x}".format, range(PEOPLE))):
        level = chance.normal(3.4, 0.6)
        for number in range(FEWER if who == HIDDEN else FORMS):
            marks = np.clip(np.rint(level + chance.normal(0, 0.6, len(ITEMS))), 1, 5)
            answers = dict(zip(ITEMS, map(int, marks), strict=True))
            rater = f"r{chance.integers(10**9)}"
            forms.append(FormFact(who, rater, FROM[number % 3], answers, "dwp"))
        attained = chance.integers(len(Attainment), size=2)
        found[who] = [an_objective([*Attainment][each]) for each in attained]
    return Basis(forms, dict.fromkeys(found, 200), 60), found


def recovered(worked: Worked, parts: Mapping[UUID, tuple[Component, ...]]) -> float:
    """What the others' figures say of the hidden person's raw mean, 0-100."""
    rows = [
        (of.value, of.reliability, parts[who][1].value, parts[who][2].value)
        for who, of in worked.outcomes.items()
        if who != HIDDEN
    ]
    own, reliability, attained, both = np.array(rows, dtype=float).T
    design = np.column_stack([np.ones(len(own)), own, attained])
    (constant, of_own, of_attained), *_ = np.linalg.lstsq(design, both, rcond=None)
    everybody = np.mean([part[1].value or 0.0 for part in parts.values()])
    mean = (50 - constant - of_attained * everybody) / of_own
    raw = mean + (own - mean) / reliability
    forms = FORMS * len(own) + FEWER
    return float((forms * mean - FORMS * raw.sum()) / FEWER)


def missed_by(seed: int) -> float | None:
    """How far off the attacker is; none in a cycle where others have no number too."""
    basis, found = a_cycle(seed)
    worked = work_out(basis, METHODS["mean", 1])
    assert worked.estimates is not None
    assert worked.outcomes[HIDDEN].value is None
    scale = scale_of(worked.estimates, worked.outcomes.values())
    parts = components(found, worked.outcomes, scale, UNCOMBINED)
    if sum(each[2].value is not None for each in parts.values()) < PEOPLE - 1:
        return None
    at = worked.estimates.person.tolist().index(str(HIDDEN))
    is_ = value(float(worked.estimates.raw[at]))
    return abs(recovered(worked, parts) - is_)


def test_nobody_without_a_number_is_worked_out_from_composites() -> None:
    missed = [by for seed in range(CYCLES) if (by := missed_by(seed)) is not None]
    assert len(missed) >= 6
    assert np.median(missed) > 5, [round(by, 2) for by in missed]
