"""Whatever departments do to objectives, in any order, what must hold holds."""

import pytest

from service.objectives.stages import CONTRIBUTION_STEPS, STEPS
from tests.objectives.machine.departments import Departments
from tests.objectives.machine.playing import play
from tests.objectives.machine.stored import Edge
from tests.sizes import SEED, SIZES


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_nothing_breaks_what_must_hold(departments: Departments) -> None:
    reached: set[Edge] = set()
    await play(departments, reached, examples=SIZES.machine_examples, first_seed=SEED)
    left_out = {*STEPS, *CONTRIBUTION_STEPS} - reached
    assert len(left_out) <= SIZES.machine_steps_left_out, left_out
