"""One service for all clients of a test process."""

from collections.abc import Iterator

import pytest

from tests.clients.served import Served, a_service


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with a_service() as it:
        yield it
