"""`python -m tests.scores.simulating`: all that the simulations tell, in tables.

Slow at 20 made-up cycles each: `python -m tests.scores.simulating 5` for a quick look.
"""

import sys
from collections.abc import Iterator

import click

from tests.feedback.signals.simulate import GAMES
from tests.scores.simulating.figures import METHODS, SCENARIOS, figures
from tests.scores.simulating.hostile import shifts
from tests.scores.simulating.signals import SERVICES, false_alarms, power


def scores(seeds: int) -> Iterator[str]:
    """Return how well each method does in each scenario, a line at a time."""
    heads = ("forms", "rank", "coverage", "released", "half-width")
    yield f"{'':22} {'':8} " + " ".join(f"{head:>10}" for head in heads)
    for scenario, world in SCENARIOS.items():
        for method in METHODS:
            found = figures(world, method, seeds)
            cells = (
                f"{found.forms:10.2f}",
                f"{found.rank:10.3f}",
                f"{found.coverage:10.3f}",
                f"{found.released:10.3f}",
                f"{found.half_width:10.3f}",
            )
            yield f"{scenario:22} {method:8} " + " ".join(cells)


def hostile(seeds: int) -> Iterator[str]:
    """Return by how much one hostile form of five moves a score, a line at a time."""
    for method in METHODS:
        moved, plain = shifts(5, method, seeds)
        yield (
            f"one hostile form of five: {method} {moved.mean():+.3f}"
            f" (worst {moved.min():+.3f}),"
            f" the average that counts {plain.mean():+.3f}"
        )


def signals(seeds: int) -> Iterator[str]:
    """Return false alarms, and who is found of those who game, a line at a time."""
    for service, world in SERVICES.items():
        yield service
        for kind, (count, among) in false_alarms(world, range(seeds)).items():
            yield f"  {kind:18} false alarms {count} of {among:,} ({count / among:.3%})"
        for game in GAMES:
            if game != "pairs":
                found = power(world, game, range(seeds))
                yield f"  {GAMES[game][0]:18} found {found:.2f} of {game}"


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for table in (scores, hostile, signals):
        for line in table(rounds):
            click.echo(line)
