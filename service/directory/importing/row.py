"""One row's cells, each checked as it is read.

The law: whatever is wrong with a cell is noted with its column, and what to do.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from service.directory.importing.report import Findings, Place
from service.directory.rules import WHOLE, squeezed

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SHARE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}0*)?|\.[0-9]{1,4}0*")
FIRST_DAY: Final = date(1940, 1, 1)
"""Nobody serving today began earlier."""
AHEAD: Final = timedelta(days=5 * 366)
"""How far ahead HR plans, at most."""


@dataclass(slots=True)
class Row:
    """A row of a file. Once something is wrong with it, it is `refused`."""

    place: Place
    cells: dict[str, str]
    findings: Findings
    refused: bool = False

    def refuse(self, column: str, detail: str, remedy: str) -> None:
        """Note what is wrong in a column."""
        self.refused = True
        self.findings.reject(self.place, column, detail, remedy)

    def optional(self, column: str, most: int) -> str | None:
        """Return a cell's text of at most `most` characters, or None if empty."""
        text = self.cells.get(column, "")
        if control := CONTROL.search(text):
            self.refuse(
                column,
                f"It holds a control character (U+{ord(control[0]):04X}).",
                "Remove the character; NUL in a file often means a broken export.",
            )
            return None
        text = squeezed(text)
        if len(text) > most:
            self.refuse(
                column,
                f"It has {len(text)} characters; at most {most} are kept.",
                "Shorten it.",
            )
            return None
        return text or None

    def text(self, column: str, most: int) -> str:
        """Return a cell's text, which must not be empty."""
        refused, self.refused = self.refused, False
        text = self.optional(column, most)
        if text is None and not self.refused:
            self.refuse(column, "It is empty.", "Fill it in.")
        self.refused |= refused
        return text or ""

    def day(self, column: str, *, today: date) -> date:
        """Return a cell's day, written YYYY-MM-DD."""
        text = self.text(column, 40)
        if not text:
            return today
        day = None
        if DAY.fullmatch(text):
            try:
                day = date.fromisoformat(text)
            except ValueError:
                self.refuse(
                    column, f"There is no day {text}.", "Correct the date (YYYY-MM-DD)."
                )
                return today
        if day is None:
            self.refuse(
                column,
                f"{text!r} is not a date.",
                "Write it as YYYY-MM-DD, such as 2026-04-01.",
            )
            return today
        if not FIRST_DAY <= day <= today + AHEAD:
            self.refuse(
                column,
                f"{text} is not a day on which anybody serves.",
                f"Write a day between {FIRST_DAY} and {today + AHEAD}.",
            )
        return day

    def share(self, column: str) -> Decimal:
        """Return a cell's share of a full-time week, above 0 and at most 1."""
        text = self.text(column, 40)
        share = Decimal(text) if SHARE.fullmatch(text) else None
        if share is not None and 0 < share <= WHOLE:
            return share
        if text:
            self.refuse(
                column,
                f"{text!r} is no share of a full-time week.",
                "Write a number above 0 and at most 1, with at most four decimals,"
                " such as 0.6.",
            )
        return Decimal(WHOLE)
