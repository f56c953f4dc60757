"""`python -m tests.feedback.signals.simulate`: how well each signal works, in full.

Prints the table that stands in the docstring of `service.feedback.signals`.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import click
import numpy as np

from service.feedback.signals.chance import WAYS, look
from service.feedback.signals.estimate import Forms, Whole, fit
from service.feedback.signals.rules import Kind
from tests.feedback.signals import network
from tests.feedback.signals.network import Shape, honest

Game = Callable[[Forms, int], tuple[Forms, Whole]]

GAMES: Final[dict[str, tuple[Kind, Game]]] = {
    "pairs": (Kind.RECIPROCAL_PAIR, partial(network.with_pairs, count=60)),
    "rings of 3": (Kind.RING, partial(network.with_rings, size=3, count=25)),
    "rings of 5": (Kind.RING, partial(network.with_rings, size=5, count=10)),
    "rings of 8": (Kind.RING, partial(network.with_rings, size=8, count=10)),
    "straight lines": (
        Kind.STRAIGHT_LINING,
        partial(network.with_straight_liners, count=40),
    ),
    "extremes": (Kind.EXTREME_ONLY, partial(network.with_extremes, count=40)),
    "severe": (Kind.SEVERITY_OUTLIER, partial(network.with_severe, count=40)),
    "hostile": (Kind.HOSTILE_FORM, partial(network.with_hostile, count=60)),
    "bursts": (Kind.LATE_BURST, partial(network.with_bursts, count=60, each=4)),
}
"""How people may game, and what should find it."""
SHAPES: Final = (Shape(), Shape(forms=6, items=8))
"""As the design was measured, and as the service's own form is mostly answered."""


def false_alarms(seeds: range, shape: Shape) -> dict[Kind, float]:
    """Return, by kind, the share that stands out where everybody is honest."""
    found = dict.fromkeys(WAYS, 0)
    among = dict.fromkeys(WAYS, 0)
    for seed in seeds:
        forms = honest(seed, shape)
        fitted = fit(forms)
        assert fitted is not None
        for kind, each in look(forms, fitted).items():
            found[kind] += len(each.members)
            among[kind] += each.among
    return {kind: found[kind] / among[kind] for kind in WAYS}


def power(game: str, seeds: range, shape: Shape) -> float:
    """Return the share of those who game that is found."""
    kind, play = GAMES[game]
    shares = []
    for seed in seeds:
        forms, gaming = play(honest(seed, shape), seed + 1_000)
        fitted = fit(forms)
        assert fitted is not None
        found = WAYS[kind](forms, fitted).members
        if kind is Kind.RECIPROCAL_PAIR:
            pairs = set(map(tuple, np.sort(found, axis=1).tolist()))
            hit = [tuple(pair) in pairs for pair in gaming.tolist()]
        else:
            hit = np.isin(gaming, found).ravel().tolist()
        shares.append(float(np.mean(hit)))
    return float(np.mean(shares))


def table(seeds: range) -> Iterator[str]:
    """Return the table, a line at a time."""
    for shape in SHAPES:
        yield f"{shape.people} people, {shape.forms:g} forms of {shape.items} items"
        for kind, share in false_alarms(seeds, shape).items():
            yield f"  {kind:18} false alarms {share:.3%}"
        for game, (kind, _) in GAMES.items():
            yield f"  {kind:18} found {power(game, seeds, shape):.2f} of {game}"


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for line in table(range(rounds)):
        click.echo(line)
