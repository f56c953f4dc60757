"""The methods of scoring, by name and version, each with all its numbers depend on.

The law: a method that has published is never changed; a change of its code, parameters
or thresholds changes its digest and is a new version.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from service import suppression
from service.scores import rules
from service.scores.estimation import (
    crossed,
    marks,
    mean,
    model,
    network,
    order,
    predicting,
    reml,
    solving,
    system,
    traces,
)
from service.scores.estimation.crossed import estimate_crossed
from service.scores.estimation.marks import LEAST_ITEMS, form_marks
from service.scores.estimation.mean import ASSUMED_CORRELATION, estimate_mean
from service.scores.estimation.model import (
    HIGHEST,
    LEVEL,
    LOWEST,
    WHY_NOT_TITLES,
    Counts,
    Cycle,
    Estimates,
    Floats,
    Forms,
    NoForms,
    People,
    Truths,
    UnusableForm,
    WhyNot,
    Z,
    certainty,
    evidence,
    interval,
)

__all__ = [
    "CROSSED",
    "LEVEL",
    "MEAN",
    "METHODS",
    "WHY_NOT_TITLES",
    "Counts",
    "Cycle",
    "Estimates",
    "Floats",
    "Forms",
    "Method",
    "NoForms",
    "People",
    "Truths",
    "UnusableForm",
    "WhyNot",
    "for_release",
    "form_marks",
    "value",
]

VALUE_PER_POINT: Final = 25.0


@dataclass(frozen=True, slots=True)
class Method:
    """A versioned formula with all that its numbers depend on."""

    name: str
    version: int
    parameters: Mapping[str, Any]
    digest: str
    """SHA-256 (hex) of its sources and the parameters as canonical JSON."""
    estimate: Callable[[Forms], Estimates]
    sources: tuple[Path, ...] = ()


def _digest(sources: Sequence[Path], parameters: Mapping[str, Any]) -> str:
    found = hashlib.sha256()
    for path in sources:
        source = path.read_text(encoding="utf-8")  # line ends made the same
        found.update(f"{path.name}\0{source}\0".encode())
    found.update(
        json.dumps(dict(parameters), sort_keys=True, separators=(",", ":")).encode()
    )
    return found.hexdigest()


SHARED: Final[Mapping[str, Any]] = {
    "scale": [LOWEST, HIGHEST],
    "value_per_point": VALUE_PER_POINT,
    "least_items": LEAST_ITEMS,
    "level": LEVEL,
    "policy": asdict(rules.POLICY),
    "number": asdict(suppression.NUMBER),
    "words": asdict(suppression.WORDS),
    "rater_bands": suppression.RATER_BANDS,
}


def _method(
    name: str,
    version: int,
    estimate: Callable[[Forms], Estimates],
    modules: Sequence[ModuleType],
    parameters: Mapping[str, Any],
) -> Method:
    every = MappingProxyType({**SHARED, **parameters})
    sources = (Path(__file__), *(Path(str(of.__file__)) for of in modules))
    return Method(name, version, every, _digest(sources, every), estimate, sources)


MEAN: Final = _method(
    "mean",
    1,
    estimate_mean,
    [model, marks, order, mean],
    {"assumed_correlation": ASSUMED_CORRELATION},
)
CROSSED: Final = _method(
    "crossed",
    1,
    estimate_crossed,
    [
        model,
        marks,
        order,
        system,
        solving,
        traces,
        predicting,
        reml,
        network,
        crossed,
    ],
    {
        "dense": crossed.DENSE,
        "winsor": crossed.WINSOR,
        "passes": crossed.PASSES,
        "inflation": crossed.INFLATION,
        "certain": crossed.CERTAIN,
        "determination": network.LEAST_DETERMINATION,
        "linking": network.LEAST_LINKING,
        "seed": traces.SEED,
        "tolerance": [reml.TOLERANCE, reml.CLOSE, reml.CLOSER],
        "final": predicting.FINAL,
    },
)
METHODS: Final[Mapping[tuple[str, int], Method]] = MappingProxyType(
    {(method.name, method.version): method for method in (MEAN, CROSSED)}
)


def for_release(estimates: Estimates) -> tuple[Floats, Floats, Floats]:
    """Return each person's reliability, low and high as they may leave the service.

    They are those for the fewest raters of the person's band, one form a rater: as many
    forms, each telling what the person's own tell on average.
    """
    fewest = np.array([suppression.fewest(int(k)) for k in estimates.forms])
    released = evidence(estimates) * (fewest / estimates.forms)
    reliability, error = certainty(estimates.cycle, released)
    low, high = interval(estimates.score, Z * error)
    return reliability, low, high


def value(score: float) -> float:
    """Return a point of the 1-5 scale as published, from 0 to 100."""
    return VALUE_PER_POINT * (score - LOWEST)
