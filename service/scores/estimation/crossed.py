"""Method `crossed` version 1: people apart from their raters' severity.

Pure: arrays in, estimates out. Same forms in, in any order, same bytes out, on any
number of cores: forms are sorted first, and no sum is left to threads.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from service.scores.estimation.marks import (
    Stage,
    form_marks,
    inside_forms,
    refuse_none,
    refuse_twice,
)
from service.scores.estimation.model import (
    HIGHEST,
    LOWEST,
    ROUNDING,
    Counts,
    Cycle,
    Estimates,
    Floats,
    Forms,
    Truths,
    WhyNot,
    Z,
    certainty,
    interval,
)
from service.scores.estimation.network import comparable, components
from service.scores.estimation.order import Ordered, ordered
from service.scores.estimation.predicting import Effects, effects
from service.scores.estimation.reml import Fit, NotFound, fit
from service.scores.estimation.system import Design, design

DENSE: Final = 1_500
"""People up to whom equations are solved in full."""
WINSOR: Final = 1.5
"""In standard deviations of a form's residual."""
PASSES: Final = 4
INFLATION: Final = 1.005 / 0.97
"""Of standard errors: the closed form leaves out a little, and so do variances that
are themselves estimated."""
CERTAIN: Final = 2.0
"""Standard errors of s²p that it must exceed."""


def estimate_crossed(forms: Forms) -> Estimates:
    """Estimate everyone's score apart from their raters' severity.

    A mark is y = μ + p + r + l + ε, Var ε = s²d + s²e/m for m observed items, item
    effects taken out beforehand; score = μ + p. SE² = c²/(1/s²p + Σ w(1 - w/D)), with
    c = 1.005/0.97. Refuses what `mean` refuses. Where the forms cannot tell people
    apart, everyone has the mean and no reliability, and the cycle says why.
    """
    refuse_none(forms)
    of = ordered(forms)
    refuse_twice(of.people, of.raters, of.person, of.rater)
    form_marks(of.answers)
    stage = inside_forms(of.answers)
    why_not = _hopeless(of, stage.mark)
    if why_not is not None:
        return _alike(of, stage, why_not, {})
    model, free = _design(of, stage)
    try:
        found = fit(model, free, dense=len(of.people) <= DENSE)
    except NotFound:
        return _alike(of, stage, WhyNot.VARIANCES_NOT_FOUND, {})
    variances = _variances(found, stage)
    if not found.free[1]:
        return _alike(of, stage, WhyNot.PEOPLE_DO_NOT_DIFFER, variances)
    if found.theta[1] <= CERTAIN * _error_of_person_variance(found):
        return _alike(of, stage, WhyNot.DIFFERENCES_NOT_CERTAIN, variances)
    return _apart(of, stage, found, variances)


def _hopeless(of: Ordered, mark: Floats) -> WhyNot | None:
    if len(of.people) == 1:
        return WhyNot.ONE_PERSON
    if len(of.raters) == 1:
        return WhyNot.ONE_RATER
    if int(of.count.max()) == 1:
        return WhyNot.ONE_FORM_EACH
    return WhyNot.PEOPLE_DO_NOT_DIFFER if float(mark.var()) <= ROUNDING else None


def _design(of: Ordered, stage: Stage) -> tuple[Design, Truths]:
    """Return the equations' design, and which variances the forms can tell.

    Raters of one form each cannot be told from its residual, nor a group from its only
    rater, nor the only group from μ.
    """
    used, cluster = np.unique(of.group, return_inverse=True)
    raters = len(of.raters)
    grouped = 1 < len(used) < raters
    free = np.array([True, True, raters < len(of.person), grouped])
    model = design(
        stage.mark,
        stage.variance / stage.items,
        np.ones((len(of.person), 1)),
        of.person,
        of.rater,
        cluster if grouped else None,
    )
    return model, free


def _variances(found: Fit, stage: Stage) -> dict[str, float]:
    names = ("form", "person", "rater", "rater_group")[: len(found.theta)]
    each = np.where(found.free, found.theta, 0.0)
    variances = dict(zip(names, map(float, each), strict=True))
    return {**variances, "residual": stage.variance}


def _error_of_person_variance(found: Fit) -> float:
    """Return the standard error of s²p; without end where rounding hides it."""
    each = found.information[np.ix_(found.free, found.free)]
    place = int(found.free[:1].sum())
    variance = float(np.linalg.pinv(each, hermitian=True)[place, place])
    return float(np.sqrt(variance)) if variance > 0 else np.inf


def _alike(
    of: Ordered, stage: Stage, why_not: WhyNot, variances: Mapping[str, float]
) -> Estimates:
    """Return estimates that tell nobody from anybody, and why."""
    mean = float(stage.mark.mean())
    raw = np.bincount(of.person, stage.mark) / of.count
    nothing = np.zeros(len(of.people))
    cycle = Cycle(
        mean=mean,
        person_variance=0.0,
        variances=MappingProxyType(dict(variances)),
        severity_share=None,
        assumed=False,
        why_not=why_not,
        inflation=INFLATION,
        details=MappingProxyType({"inputs": of.digest}),
    )
    part = components(of.person, of.rater)
    everyone = np.full(len(of.people), mean)
    low, high = interval(everyone, nothing)
    return Estimates(
        cycle=cycle,
        person=of.people,
        forms=of.count,
        raw=raw,
        severity=nothing,
        score=everyone,
        reliability=nothing,
        standard_error=nothing,
        half_width=nothing,
        low=low,
        high=high,
        pull=nothing,
        comparable=part == 0,
        component=part,
        influence=nothing,
    )


def _apart(
    of: Ordered, stage: Stage, found: Fit, variances: Mapping[str, float]
) -> Estimates:
    """Return everyone's estimates from a fit that tells them apart."""
    system, variance = found.system, float(found.theta[1])
    mark = drawn_in(found, stage.mark)
    best = effects(system, mark, found.inverse)
    cycle = Cycle(
        mean=float(best.terms[0]),
        person_variance=variance,
        variances=MappingProxyType(dict(variances)),
        severity_share=_severity_share(variances, stage.items),
        assumed=False,
        inflation=INFLATION,
        details=_details(of, found, int((mark != stage.mark).sum())),
    )
    weight = np.asarray(np.bincount(of.person, system.weight), dtype=np.float64)
    raw = np.bincount(of.person, system.weight * mark) / weight
    pull = weight / (weight + 1 / variance)
    score, severity = _scored(of, found, best, (cycle.mean, raw, pull, weight))
    reliability, error = certainty(cycle, system.diagonal * variance - 1)
    low, high = interval(score, Z * error)
    part = components(of.person, of.rater)
    return Estimates(
        cycle=cycle,
        person=of.people,
        forms=of.count,
        raw=raw,
        severity=severity,
        score=score,
        reliability=reliability,
        standard_error=error,
        half_width=Z * error,
        low=low,
        high=high,
        pull=pull,
        comparable=comparable(system, of.person, of.rater, of.home, part),
        component=part,
        influence=_influence(of.person, found, stage.mark) / error,
    )


def drawn_in(found: Fit, mark: Floats) -> Floats:
    """Return the marks winsorised: none further off than 1.5 SD of its residual.

    Off what all effects make it; those are worked out anew in each of four passes.
    """
    bound = WINSOR / np.sqrt(found.system.weight)
    drawn = mark
    for _ in range(PASSES):
        level = effects(found.system, drawn, found.inverse).level
        drawn = np.clip(mark, level - bound, level + bound)
    return drawn


def _scored(
    of: Ordered,
    found: Fit,
    best: Effects,
    known: tuple[float, Floats, Floats, Floats],
) -> tuple[Floats, Floats]:
    """Return scores and severity; what would leave the scale is corrected less."""
    mean, raw, pull, weight = known
    rater = best.eliminated
    if found.system.design.cluster is not None:
        rater = rater + best.clusters[found.system.design.cluster]
    severity = np.bincount(of.person, found.system.weight * rater[of.rater]) / weight
    score = np.clip(mean + pull * (raw - mean - severity), LOWEST, HIGHEST)
    return score, raw - mean - (score - mean) / pull


def _severity_share(variances: Mapping[str, float], items: Counts) -> float:
    answer = variances["residual"] / float(items.mean())
    raters = variances["rater"] + variances.get("rater_group", 0.0)
    return raters / (raters + variances["person"] + variances["form"] + answer)


def _details(of: Ordered, found: Fit, winsorised: int) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            "solver": "pcg" if found.log_likelihood is None else "dense",
            "iterations": found.iterations,
            "probes": found.probes,
            "theta": found.theta.tolist(),
            "information": found.information.tolist(),
            "log_likelihood": found.log_likelihood,
            "winsorised": winsorised,
            "inputs": of.digest,
        }
    )


def _influence(person: Counts, found: Fit, mark: Floats) -> Floats:
    """Return each person's largest |h e/(1 - h)|, with h = w/(W + 1/s²p).

    The residual e is of the marks as they were given: by so much a form would move the
    score if none were winsorised. Of winsorised ones it never comes to one standard
    error, and whoever games would be seen by nobody.
    """
    residual = mark - effects(found.system, mark, found.inverse).level
    weight = found.system.weight
    share = weight / (np.bincount(person, weight) + 1 / found.theta[1])[person]
    most = np.zeros(int(person.max()) + 1)
    np.maximum.at(most, person, np.abs(share * residual / (1 - share)))
    return most
