"""The small app, and a database whose commits are real."""

from collections.abc import AsyncIterator

import httpx
import pytest

from service.db import transaction
from tests.edge.small_app import calling, small_app


@pytest.fixture
async def caller() -> AsyncIterator[httpx.AsyncClient]:
    """A caller who is signed in. Nothing it asks for needs the database."""
    async with calling(small_app()) as client:
        yield client


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    async with calling(small_app(), user="") as client:
        yield client


@pytest.fixture
async def committing(opened: None) -> AsyncIterator[None]:
    """Two requests at once see each other's commits only outside a transaction."""
    yield
    async with transaction() as connection:
        await connection.execute(
            "DELETE FROM kept_answer WHERE caller = 'thing' OR caller ~ '^test:'"
        )
