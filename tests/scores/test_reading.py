"""What scores are computed from is read as of one moment."""

from service.db import transaction
from service.scores.reading import frozen
from tests.scoring import undone


async def isolation() -> str:
    async with transaction() as connection:
        said: str = await connection.fetchval("SHOW transaction_isolation")
    return said


async def test_all_that_is_read_is_of_one_snapshot(opened: None) -> None:
    async with frozen():
        assert await isolation() == "repeatable read"


async def test_inside_a_transaction_it_is_as_whoever_began_it_sees(
    opened: None,
) -> None:
    async with undone(), frozen():
        assert await isolation() == "read committed"
