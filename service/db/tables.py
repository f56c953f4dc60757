"""What table declarations share."""

from collections.abc import Iterable
from enum import StrEnum

from piccolo.constraints import Check


def one_of(column: str, values: Iterable[StrEnum]) -> Check:
    """Hold a column to an enum, or part of it; Piccolo's `choices` enforce nothing."""
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f'"{column}" IN ({listed})')
