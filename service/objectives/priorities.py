"""The public priorities an objective may serve, as their publishers number them.

Its law: a scheme states only what its source states; what nobody has checked says so.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from service.errors import Fault, Unprocessable
from service.records.framework_parts import Confidence, Data, Named, Text

SCHEMES: Final = Path(__file__).parent / "schemes"

PriorityCode = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
AsPublished = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""ISO 8601 to the day, the month or the year, as exactly as the source bears it."""


class UnknownPriority(Unprocessable):
    """There is no public priority of this scheme and code."""

    slug = "objective-priority-unknown"


class Priority(Data):
    """One priority, as its publisher numbers and words it."""

    code: PriorityCode
    title: Text


class Scheme(Named):
    """A published list of priorities, in its publisher's order."""

    publisher: Text
    source: Text
    date: AsPublished
    confidence: Confidence
    note: Text
    """What was checked, what was not, and what the file leaves out."""
    entries: Annotated[tuple[Priority, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _numbers_each_once(self) -> Self:
        codes = [entry.code for entry in self.entries]
        if len(set(codes)) < len(codes):
            raise ValueError("two priorities have the same code")
        return self


def check_priority(scheme_code: str, code: str) -> Priority:
    """Return the priority of this code in the scheme; refuse what there is not."""
    listed = scheme(scheme_code)
    for entry in listed.entries:
        if entry.code == code:
            return entry
    detail = (
        f"{listed.title} has no {code!r}: give one of its {len(listed.entries)} codes,"
        f" such as {listed.entries[0].code!r} or {listed.entries[-1].code!r}."
    )
    raise UnknownPriority(detail, faults=[Fault(detail, pointer="#/priority/code")])


def titled(code: str, of_scheme: str) -> str:
    """Return a priority as people read it, with its scheme."""
    found = check_priority(of_scheme, code)
    return f"{found.title} ({scheme(of_scheme).title})"


def scheme(code: str) -> Scheme:
    """Return the scheme of this code; refuse a code that there is not."""
    known = {each.code: each for each in schemes()}
    if code in known:
        return known[code]
    detail = f"There is no scheme {code!r}: use one of {', '.join(known)}."
    raise UnknownPriority(detail, faults=[Fault(detail, pointer="#/priority/scheme")])


@cache
def schemes() -> tuple[Scheme, ...]:
    """Return every scheme there is, in the order of their codes."""
    return tuple(read(path) for path in sorted(SCHEMES.glob("*.toml")))


def read(path: Path) -> Scheme:
    """Read a scheme from its data file, which is named by its code.

    Raises pydantic's `ValidationError` when a key is unknown, missing or wrong.
    """
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return Scheme.model_validate({**listed, "code": path.stem})
