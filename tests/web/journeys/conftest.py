"""One Chromium for all journeys; the service anew for each, in its transaction."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest
from playwright.async_api import Browser

from service.settings import settings
from tests.feedback.over_http import forget_rates
from tests.web.browser import Site, chromium, serving
from tests.web.journeys.walking import WINDOWS, Walking, Window

TurnClock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock_as_before() -> Iterator[None]:
    """Leave no settings of a journey behind, its clock among them."""
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@pytest.fixture(params=WINDOWS, ids=str)
def window(request: pytest.FixtureRequest) -> Window:
    found: Window = request.param
    return found


@pytest.fixture
async def served(db: None, browser: Browser) -> AsyncIterator[Site]:
    """Nothing leaves the service, the policy blocks nothing, no dialog opens."""
    async with serving(browser) as found:
        yield found
        assert found.seen.quiet, found.seen


@pytest.fixture
def walking(served: Site, window: Window) -> Walking:
    return Walking(served, window)


@pytest.fixture
def turn_clock(served: Site, monkeypatch: pytest.MonkeyPatch) -> TurnClock:
    """Put the service's clock on; limits by the minute are not what is walked for."""

    def turn(now: datetime) -> None:
        monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
        settings.cache_clear()
        forget_rates(served.app)

    return turn
