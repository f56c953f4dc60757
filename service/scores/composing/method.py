"""The composite's parameters as data, and the digest of all that it depends on.

The law: a change of any parameter, or of the code that uses it, is a new version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from service.objectives.rules import ContributionRole
from service.records import combining
from service.records.combining import Attainment

HERE: Final = Path(__file__).parent


def _attainments() -> Mapping[Attainment, float]:
    return dict(zip(Attainment, (0.0, 0.5, 1.0, 1.1, 1.2), strict=True))


def _roles() -> Mapping[ContributionRole, float]:
    return dict(zip(ContributionRole, (1.0, 0.7, 0.3), strict=True))


@dataclass(frozen=True)
class Parameters:
    """All numbers of a version."""

    attainment: Mapping[Attainment, float] = field(default_factory=_attainments)
    role: Mapping[ContributionRole, float] = field(default_factory=_roles)
    owner_without_contribution: float = 1.0
    """Weight of an accountable owner who contributes nothing of their own."""
    assumed_ratio: float = 2.0
    """k₀, variance within people to variance between them, where data cannot say."""
    level: float = 0.90
    middle: float = 50.0
    """Figure of a composite of 0 standard deviations."""
    per_deviation: float = 10.0
    """Figures to one standard deviation of people on one part."""
    fewest_people: int = 10
    """With a figure for a part, to hold anybody's against: else no composite."""

    @property
    def most(self) -> float:
        """Return the highest attainment."""
        return max(self.attainment.values())


@dataclass(frozen=True, slots=True)
class CompositeMethod:
    """A versioned way of composing, with all that its numbers depend on."""

    name: str
    version: int
    parameters: Mapping[str, Any]
    digest: str
    """SHA-256 (hex) of the code and the parameters as canonical JSON."""


def _method(name: str, version: int, parameters: Mapping[str, Any]) -> CompositeMethod:
    code = [*sorted(HERE.glob("*.py")), Path(combining.__file__)]
    source = "\0".join(path.read_text(encoding="utf-8") for path in code)
    canonical = json.dumps(dict(parameters), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(f"{source}\0{canonical}".encode()).hexdigest()
    return CompositeMethod(name, version, MappingProxyType(dict(parameters)), digest)


PARAMETERS: Final = Parameters()
COMPOSITE: Final = _method("composite", 1, asdict(PARAMETERS))
