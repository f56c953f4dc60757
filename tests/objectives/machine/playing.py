"""Has Hypothesis play the machine, from a thread beside the test's loop."""

from collections.abc import Collection
from functools import partial
from typing import Final

from anyio import to_thread
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.objectives.machine.departments import Departments
from tests.objectives.machine.machine import Machine
from tests.objectives.machine.stored import Edge

STEPS_EACH: Final = 50
AT_ONCE: Final = 9
"""After ten examples Hypothesis turns to variations: six of each, and much the same."""
PHASES: Final = (Phase.generate, Phase.shrink)


async def play(
    departments: Departments,
    reached: set[Edge],
    *,
    examples: int,
    first_seed: int,
    phases: Collection[Phase] = PHASES,
) -> None:
    """Play so many examples, a few with each seed; raise what the first failure shows.

    `reached` takes up the steps that were taken of objectives and contributions.
    """
    for number, played in enumerate(range(0, examples, AT_ONCE)):
        chosen = settings(
            max_examples=min(AT_ONCE, examples - played),
            stateful_step_count=STEPS_EACH,
            phases=phases,
            database=None,
            deadline=None,
            derandomize=False,
            report_multiple_bugs=False,
            suppress_health_check=[*HealthCheck],
        )
        machine = seed(first_seed + number)(partial(Machine, departments, reached))
        await to_thread.run_sync(
            partial(run_state_machine_as_test, machine, settings=chosen)  # type: ignore[arg-type]  # whatever makes a machine will do
        )
