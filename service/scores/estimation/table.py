"""The crossed model fitted to anybody's table of ratings, to check the method by.

Pure: columns in, variances and effects out. Nothing is drawn in unless asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from service.scores.estimation.crossed import DENSE, drawn_in
from service.scores.estimation.model import Floats, People, UnusableForm
from service.scores.estimation.predicting import Effects, cross, effects
from service.scores.estimation.reading import Ratings, Tabled, tabled
from service.scores.estimation.reml import Fit, NotFound, fit
from service.scores.estimation.system import Design, design

Solver = Literal["auto", "dense", "pcg"]

MOST_DENSE: Final = 12_000
"""Levels beyond which the dense solver would want gigabytes."""
COMPONENTS: Final = ("person", "rater", "rater_group", "form", "residual")


@dataclass(frozen=True, slots=True)
class Effect:
    """A level's effect and its conditional standard deviation."""

    name: str
    effect: float
    sd: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the model makes of a table."""

    variances: Mapping[str, float]
    persons: Sequence[Effect]
    raters: Sequence[Effect]
    terms: Sequence[Effect]
    """Fixed effects and their standard errors."""
    forms: int
    iterations: int
    probes: int
    solver: str
    log_likelihood: float | None
    winsorised: int


def fit_table(ratings: Ratings, *, solver: Solver, winsorise: bool) -> Fitted:
    """Fit `rating ~ fixed + (1|person) + (1|rater)` by REML.

    With items, each (person, rater) is a form whose items share its own effect; without
    them each row is a form. Refuses a table from which a variance cannot be told, or
    that has an item of a form twice.
    """
    forms = tabled(ratings)
    model, turned = _model(forms)
    levels = model.sizes[0]
    if solver == "dense" and levels > MOST_DENSE:
        raise UnusableForm(
            f"The dense solver holds up to {MOST_DENSE:,} persons; use --solver pcg."
        )
    dense = solver == "dense" or (solver == "auto" and levels <= DENSE)
    free = np.array([True, True, True, forms.cluster is not None])
    try:
        found = fit(model, free, dense=dense)
    except NotFound as why:
        raise UnusableForm(f"{why} There may be too few ratings.") from why
    items, spread = _items(forms, found)
    mark = forms.stage.mark - (forms.shares * (items - forms.stage.effects)).sum(axis=1)
    used = drawn_in(found, mark) if winsorise else mark
    best = effects(found.system, used, found.inverse)
    kept, eliminated = _sides(found, best)
    persons, raters = (eliminated, kept) if turned else (kept, eliminated)
    terms = _named(np.array(forms.terms), best.terms, np.diagonal(best.terms_variance))
    return Fitted(
        variances=_variances(forms, found, turned=turned),
        persons=_named(forms.people, *persons),
        raters=_named(forms.raters, *raters),
        terms=[*terms, *_named(forms.items, items, spread)],
        forms=len(mark),
        iterations=found.iterations,
        probes=found.probes,
        solver="dense" if dense else "pcg",
        log_likelihood=found.log_likelihood,
        winsorised=int((used != mark).sum()),
    )


def _items(forms: Tabled, found: Fit) -> tuple[Floats, Floats]:
    """Return item effects, which sum to 0, and their variances.

    What forms say inside themselves is joined with what they say by which items they
    have: to the precision N/s²e of the first that of the second is added, X'PX.
    """
    stage = forms.stage
    if not len(forms.items) or stage.variance == 0:
        return stage.effects, np.zeros(len(stage.effects))

    def projected(values: Floats) -> Floats:
        level = effects(found.system, values, found.inverse).level
        return np.asarray(found.system.weight * (values - level))

    columns = np.column_stack([projected(share) for share in forms.shares.T])
    precision = stage.normal / stage.variance + cross(forms.shares, columns)
    variance = np.linalg.pinv(precision, rcond=1e-9, hermitian=True)
    slope = (forms.shares * projected(stage.mark)[:, None]).sum(axis=0)
    effect = stage.effects + (variance * slope).sum(axis=1)
    return effect, np.maximum(np.diagonal(variance), 0.0)


def _model(forms: Tabled) -> tuple[Design, bool]:
    """Return the design, and whether it keeps raters: the smaller side stays.

    Of raters' groups, raters are solved away with them.
    """
    sides = (forms.person, forms.rater)
    turned = forms.cluster is None and len(forms.raters) < len(forms.people)
    return (
        design(
            forms.stage.mark,
            forms.stage.variance / forms.stage.items,
            forms.fixed,
            *(sides[::-1] if turned else sides),
            forms.cluster,
        ),
        turned,
    )


def _sides(
    found: Fit, best: Effects
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return effects and their variances, of the kept side and the other.

    Exact where S⁻¹ is known, otherwise in closed form: 1/(1/θ + Σ w(1 - w/A)).
    """
    system = found.system
    if found.inverse is not None and found.traces.variance is not None:
        own = np.diagonal(found.inverse)
        return (best.kept, own), (best.eliminated, found.traces.variance)
    rows, columns = system.design.pairs
    lost = np.bincount(columns, system.across.data**2 / system.own[rows])
    other = 1 / (system.other - lost)
    return (best.kept, 1 / system.diagonal), (best.eliminated, other)


def _variances(forms: Tabled, found: Fit, *, turned: bool) -> Mapping[str, float]:
    each = np.where(found.free, found.theta, 0.0).tolist()
    known = len(forms.items) > 0
    sides = ("rater", "person") if turned else ("person", "rater")
    names = ("form" if known else "residual", *sides, "rater_group")
    variances = dict(zip(names, each, strict=False))
    if known:
        variances["residual"] = forms.stage.variance
    return {name: variances[name] for name in COMPONENTS if name in variances}


def _named(names: People, values: Floats, variance: Floats) -> list[Effect]:
    sd = np.sqrt(variance)
    return [
        Effect(name, float(value), float(error))
        for name, value, error in zip(names.tolist(), values, sd, strict=True)
    ]
