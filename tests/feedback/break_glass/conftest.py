"""HR administrators and data protection officers of two organisations."""

import pytest

from service.access.rules import Role
from tests.feedback.break_glass.asking import APPROVES, ASKS, BESIDE
from tests.feedback.over_http import Callers
from tests.feedback.results.living import role
from tests.scoring import Scene


@pytest.fixture
async def officers(callers: Callers, scene: Scene) -> None:
    await role(scene.people[ASKS], Role.HR_ADMINISTRATOR, "hmt")
    await role(scene.people[APPROVES], Role.DATA_PROTECTION_OFFICER, "hmt")
    await role(scene.people[BESIDE], Role.DATA_PROTECTION_OFFICER, "hmt")
    await role(scene.people["dwp1"], Role.HR_ADMINISTRATOR, "dwp")
    await role(scene.people["dwp2"], Role.DATA_PROTECTION_OFFICER, "dwp")
