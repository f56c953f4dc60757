"""Every page on a phone and at a desk: accessible, no wider, and nothing leaves."""

import pytest

from tests.web.browser import WIDTHS, Site, too_wide, violations, with_axe
from tests.web.everywhere.conftest import Hung
from tests.web.everywhere.gallery import NO_PAGE, ROOMS
from tests.web.everywhere.showing import showing

pytestmark = [pytest.mark.slow, with_axe]


@pytest.mark.timeout(900)  # Two cores may be shared by others.
@pytest.mark.parametrize("room", ROOMS)
async def test_it_is_fit_to_be_seen(served: Site, hung: Hung, room: str) -> None:
    wrong = []
    for visit in ROOMS[room](hung.world):
        if visit.leads or visit.route in NO_PAGE:
            continue
        async with showing(served, hung.world, visit, width=WIDTHS[0]) as page:
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 900})
                faults = [*await violations(page), *await too_wide(page)]
                wrong += [(visit.path, visit.who, width, each) for each in faults]
    assert wrong == []
    assert served.seen.quiet, served.seen
