"""The service's clock stands in the year of the cycle."""

from collections.abc import Iterator

import pytest

from service.settings import settings
from tests.factories import IN_THE_YEAR


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()
