"""Rows of progress as callers see them, whichever statement read them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final
from uuid import UUID

from service.objectives.measuring import (
    ComparedWith,
    Direction,
    Indicator,
    plain_figure,
    progress,
    trend,
)
from service.objectives.presenting import PersonOut, Sight
from service.objectives.progress.schemas import (
    DissentOut,
    IndicatorOut,
    MilestoneOut,
    ReadingOut,
    StatusOut,
)

FOUR_PLACES: Final = Decimal("0.0001")

Row = Mapping[str, Any]


def milestone_out(row: Row, sight: Sight) -> MilestoneOut:
    """Present a milestone."""
    return MilestoneOut(
        id=row["id"],
        title=row["title"],
        due_on=row["due_on"],
        state=row["state"],
        met_at=in_utc(row["met_at"]) if row["met_at"] else None,
        met_by=acted(row["met_by"], row["met_for"], sight),
        version=row["version"],
    )


def indicator_out(row: Row, sight: Sight) -> IndicatorOut:
    """Present an indicator; `readings` are its last two that stand, oldest first."""
    figures = Indicator(
        baseline=plain_figure(row["baseline"]),
        target=plain_figure(row["target"]),
        direction=Direction(row["direction"]),
        unit=row["unit"],
        change_at=plain_figure(row["change_at"]),
        compared_with=ComparedWith(row["compared_with"]),
    )
    readings = row["readings"] or []
    values = [reading["value"] for reading in readings]
    return IndicatorOut(
        id=row["id"],
        title=row["title"],
        unit=figures.unit,
        baseline=figures.baseline,
        target=figures.target,
        direction=figures.direction,
        change_at=figures.change_at,
        compared_with=figures.compared_with,
        last_reading=reading_out(readings[-1], sight) if readings else None,
        trend=trend(figures, values),
        progress=_share(figures, values[-1]) if values else None,
        version=row["version"],
    )


def _share(figures: Indicator, value: Decimal) -> Decimal | None:
    """Return progress cut, not rounded: what is nearly there never shows as there."""
    share = progress(figures, value)
    if share is None:
        return None
    return plain_figure(share.quantize(FOUR_PLACES, ROUND_DOWN))


def reading_out(row: Row, sight: Sight) -> ReadingOut:
    """Present a reading."""
    return ReadingOut(
        id=row["id"],
        number=row["number"],
        value=plain_figure(row["value"]),
        as_of=row["as_of"],
        note=row["note"],
        corrects=row["corrects"],
        corrected_by=row.get("corrected_by"),
        organisation=row["organisation"],
        person=acted(row["person"], row["organisation"], sight),
        read_at=in_utc(row["read_at"]),
    )


def acted(
    person: UUID | str | None, organisation: str, sight: Sight
) -> PersonOut | None:
    """Return who acted, as far as the caller sees people of whom they acted for."""
    if person is None:
        return None
    return PersonOut.of(UUID(str(person)), organisation, sight)


def in_utc(value: datetime | str) -> datetime:
    """Return an instant in UTC, in whatever zone the database wrote it."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)


def status_out(
    row: Row, dissents: Collection[Row], sight: Sight, *, current: bool
) -> StatusOut:
    """Present a status; `dissents` are all from it, an organisation's in order."""
    standing = {each["organisation"]: each for each in dissents}
    return StatusOut(
        number=row["number"],
        current=current,
        status=row["status"],
        text=row["text"],
        organisation=row["organisation"],
        person=acted(row["person"], row["organisation"], sight),
        reported_at=in_utc(row["reported_at"]),
        dissents=[
            dissent_out(standing[code], row["number"], sight, stands=True)
            for code in sorted(standing)
        ],
    )


def dissent_out(row: Row, status: int, sight: Sight, *, stands: bool) -> DissentOut:
    """Present a dissent from the status of this number."""
    return DissentOut(
        id=row["id"],
        status=status,
        number=row["number"],
        stands=stands,
        organisation=row["organisation"],
        person=acted(row["person"], row["organisation"], sight),
        text=row["text"],
        lodged_at=in_utc(row["lodged_at"]),
    )
