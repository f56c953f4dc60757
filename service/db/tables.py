"""What table declarations share."""

from enum import StrEnum

from piccolo.constraints import Check


def one_of(column: str, values: type[StrEnum]) -> Check:
    """Hold a column to an enum; Piccolo's `choices` alone are not enforced."""
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f'"{column}" IN ({listed})')
