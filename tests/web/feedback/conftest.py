"""The asked cycle, seen through the pages of those who are asked."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from service.auth.authentication import remember_nothing
from tests.feedback.conftest import db, in_the_window, scene
from tests.feedback.over_http import forget_rates
from tests.jobs.catcher import Catcher, catching
from tests.scoring import Scene
from tests.web.feedback.rating import Rating, a_rating
from tests.web.visiting import the_app

__all__ = ["db", "in_the_window", "scene"]


@pytest.fixture
def fresh(db: None) -> Litestar:
    """The service, which remembers nothing of what other tests asked."""
    app = the_app()
    remember_nothing(app.state)
    forget_rates(app)
    return app


@pytest.fixture
async def rater(fresh: Litestar, scene: Scene) -> AsyncIterator[Rating]:
    """dwp1, who is asked about hmt1 and has signed in."""
    async with a_rating(scene, fresh) as rating:
        yield rating


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with catching() as caught:
        yield caught
