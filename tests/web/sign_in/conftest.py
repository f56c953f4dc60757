"""The service with its pages for signing in, on this machine and elsewhere."""

import pytest
from litestar import Litestar

from service.app import create_app
from service.auth.authentication import remember_nothing
from service.settings import Settings, settings
from tests.factories import IN_THE_YEAR

HERE = "https://localhost"


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()


@pytest.fixture(scope="session")
def built() -> Litestar:
    return create_app(Settings(), HERE)


@pytest.fixture
def here(built: Litestar, monkeypatch: pytest.MonkeyPatch, db: None) -> Litestar:
    """The service on a developer's machine, where anybody may be anybody."""
    monkeypatch.setenv("JOINEDUP_DEV_SIGN_IN", "true")
    settings.cache_clear()
    remember_nothing(built.state)
    return built
