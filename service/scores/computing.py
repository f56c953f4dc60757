"""From forms to everybody's outcome by one method: the whole of a computation, pure.

The law: the same basis and method give the same outcomes, to the last digit.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from service.scores import inputs
from service.scores.estimate import METHODS, Estimates, Method
from service.scores.inputs import Basis
from service.scores.outcome import Outcome, decide_all
from service.scores.rules import UnknownMethod

RUNS: Final = UUID("6f2c1b5e-8f0c-5d0e-9a3f-2d6c1c6a7b41")
"""Namespace of the ids of computations."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a computation."""

    digest: str
    """SHA-256 (hex) of all it depended on."""
    estimates: Estimates | None
    """None without any form."""
    outcomes: Mapping[UUID, Outcome]
    """By record."""


def method_of(name: str, version: int | None = None) -> Method:
    """Return a method of this name: of this version, or else the newest."""
    found = [
        method
        for (known, number), method in METHODS.items()
        if known == name and version in {None, number}
    ]
    if not found:
        there = ", ".join(f"{name} {number}" for name, number in sorted(METHODS))
        wanted = name if version is None else f"{name} {version}"
        raise UnknownMethod(f"There is no method {wanted}; use: {there}.")
    return max(found, key=lambda method: method.version)


def work_out(basis: Basis, method: Method) -> Worked:
    """Return everybody's outcome."""
    estimates = method.estimate(inputs.columns(basis.forms)) if basis.forms else None
    return Worked(
        inputs.digest(basis, method),
        estimates,
        decide_all(
            estimates, inputs.evidence(basis.forms), basis.days, basis.least_days
        ),
    )


def id_of(cycle: UUID, digest: str, components: str) -> UUID:
    """Return the id of a computation: done again with the same end, it is the same.

    `components` is the JSON of what it composed; empty where nothing was.
    """
    composed = hashlib.sha256(components.encode()).hexdigest()
    return uuid5(RUNS, f"{cycle} {digest} {composed}")
