"""One connection of the pool, as it is handed from transaction to transaction.

The law: what one transaction did to its session is undone before another has it; where
that goes in the message that ends the transaction, it costs no round trip of its own.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg


class Lent(asyncpg.Connection):
    """A connection that goes back in order."""

    __slots__ = ("_in_order",)

    async def end(self, how: str) -> None:
        """COMMIT or ROLLBACK, as `how` says, and undo what else the session holds."""
        await self.execute(f"{how};\n{super().get_reset_query()}")
        self._in_order = True

    async def alone(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        """Run a statement that leaves nothing in the session but what it wrote."""
        rows = await self.fetch(statement, *arguments)
        self._in_order = True
        return rows

    def get_reset_query(self) -> str:
        """Return what the pool does when the connection goes back: nothing, if done.

        Once only: whoever has the connection next leaves it as they will.
        """
        done = getattr(self, "_in_order", False)
        self._in_order = False
        return "" if done else super().get_reset_query()


def beginning(isolation: str, *, readonly: bool, local: Mapping[str, str]) -> str:
    """Return the SQL that begins a transaction, with settings for it alone."""
    level = isolation.replace("_", " ").upper()
    mode = " READ ONLY" if readonly else ""
    begun = f"BEGIN ISOLATION LEVEL {level}{mode}"
    return ";".join([begun, *map(set_local, local, local.values())])


def set_local(name: str, value: str) -> str:
    """Return the SQL of a setting that holds until the transaction ends."""
    return f'SET LOCAL "{name}" = {literal(value)}'


def literal(text: str) -> str:
    r"""Return a text as SQL writes it, whatever `standard_conforming_strings` says."""
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
