"""What an export may be, how long it is kept, and how it is refused.

Pure. The law: a file is whole or it is not there.
"""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Final

from service.errors import Conflict, Fault, Refusal, Unprocessable

KEPT_FOR: Final = timedelta(hours=24)
"""From when it is asked for until its file is deleted."""
MOST: Final = 20
"""Exports of one client that have not expired."""


class ExportFormat(StrEnum):
    """What a file of scores is for."""

    CSV = "csv"
    NDJSON = "ndjson"
    ORACLE_HDL = "oracle-hdl"
    SUCCESSFACTORS_CSV = "successfactors-csv"
    WORKDAY_CSV = "workday-csv"


MAPPED: Final = frozenset(
    {
        ExportFormat.ORACLE_HDL,
        ExportFormat.SUCCESSFACTORS_CSV,
        ExportFormat.WORKDAY_CSV,
    }
)
"""Formats that a layout describes."""


class ExportState(StrEnum):
    """How far an export has come."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class TooManyExports(Conflict):
    """The client has as many exports as are kept at a time."""

    slug = "too-many-exports"


class ExportNotReady(Conflict):
    """The file is not there yet, or could not be made."""

    slug = "export-not-ready"


class ExportExpired(Refusal):
    """The file was deleted when it expired."""

    status: ClassVar[int] = 410
    slug = "export-expired"


class LayoutNeedsOrganisation(Unprocessable):
    """A file of this layout is of one organisation."""

    slug = "export-of-several-organisations"


class BadLayout(Unprocessable):
    """An organisation's own layout cannot be used."""

    slug = "export-layout-invalid"


def check_room(there_are: int) -> None:
    """Refuse one export too many."""
    if there_are >= MOST:
        raise TooManyExports(
            f"{MOST} exports have not expired yet: use one of them, or wait; each is"
            f" kept for {KEPT_FOR // timedelta(hours=1)} hours."
        )


def check_one(wanted: ExportFormat, organisations: list[str]) -> None:
    """Refuse a mapped file of several organisations, whose layouts may differ."""
    if wanted in MAPPED and len(organisations) != 1:
        fault = Fault("It is required for this format.", pointer="#/organisation")
        raise LayoutNeedsOrganisation(
            "Say of which: send `organisation`.", faults=[fault]
        )
