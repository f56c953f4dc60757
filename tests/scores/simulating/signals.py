"""Forms of a made-up service as signals look at them, and how those who game are found.

The ways to game are those of `tests.feedback.signals`, whose own network has other
habits: what finds people in one alone would not be found by this.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from service.feedback.signals.chance import WAYS, look
from service.feedback.signals.estimate import Fit, Forms, fit
from service.feedback.signals.rules import Kind
from tests.feedback.signals.simulate import GAMES
from tests.scores.simulating.world import Made, World, made

LATE: Final = 0.2
"""Share of forms that come on the last day."""
SERVICES: Final[Mapping[str, World]] = MappingProxyType(
    {
        "ten raters": World(people=2_500, raters=10),
        "lenient departments": World(
            people=2_500, raters=10, department=0.10, halo=0.25
        ),
        "severity 30 %": World(people=2_500, raters=10, rater=0.30, halo=0.23),
    }
)


def looked_at(one: Made, seed: int) -> Forms:
    """Return the forms as signals take them."""
    rng = np.random.default_rng(seed)
    late = rng.random(len(one.rater)) < LATE
    people = 1 + int(max(one.subject.max(), one.rater.max()))
    return Forms(people, one.subject, one.rater, one.forms.answers, late)


def fitted(forms: Forms) -> Fit:
    """Return the fit of forms that are known to have one."""
    found = fit(forms)
    assert found is not None
    return found


def false_alarms(world: World, seeds: range) -> dict[Kind, tuple[int, int]]:
    """Return, by kind, how many stand out though all are honest, and among whom."""
    found = dict.fromkeys(WAYS, (0, 0))
    for seed in seeds:
        forms = looked_at(made(world, seed), seed)
        for kind, each in look(forms, fitted(forms)).items():
            count, among = found[kind]
            found[kind] = count + len(each.members), among + each.among
    return found


def power(world: World, game: str, seeds: range) -> float:
    """Return the share of those who game that is found; of pairs, not to be asked."""
    kind, play = GAMES[game]
    shares = []
    for seed in seeds:
        forms, gaming = play(looked_at(made(world, seed), seed), seed + 1_000)
        shares.append(np.isin(gaming, WAYS[kind](forms, fitted(forms)).members).mean())
    return float(np.mean(shares))
