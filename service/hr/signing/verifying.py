"""Check files of rows against the service's public keys, with nothing but the two.

The law: a file is as it was served only if every row in it is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.changes.rules import Op
from service.hr.feed.schemas import FeedItem, FeedPage
from service.hr.signing.signatures import Altered, check
from service.scores.publishing import PUBLISHED

PAGE: Final = frozenset(FeedPage.model_fields)
CHANGE: Final = frozenset(FeedItem.model_fields)
"""What rows are wrapped in holds this and no more: more could be taken for a row."""
NAMED_BY: Final = ("organisation", "id", "version")
"""What a change says of its row that the row says itself."""


class Unreadable(ValueError):
    """The file holds no rows that could be checked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is not as it was served."""

    row: str
    """Its id, if it has one."""
    place: int
    """Which row of the file it is, from 1."""
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a file."""

    rows: int
    faults: Sequence[Fault]


def keys_from(text: str) -> dict[str, ECKey]:
    """Return the keys of a JWKS by their ids; those of another kind are left out."""
    try:
        found = _parsed(text)["keys"]
        mine = [each for each in found if each.get("kty") == "EC" and "kid" in each]
        return {each["kid"]: ECKey.import_key(each) for each in mine}
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable("It is no JWKS (RFC 7517).") from error


def verify(text: str, keys: Mapping[str, ECKey]) -> Report:
    """Check each row of JSON or NDJSON: a row, a list, a page, or changes of a feed.

    A change without a row, as of something deleted, has nothing to check.
    """
    count, faults = 0, []
    for row in _rows(text):
        count += 1
        try:
            check(row, keys)
        except Altered as why:
            faults.append(Fault(str(row.get("id", "?")), count, str(why)))
    if count == 0:
        raise Unreadable("It holds no rows.")
    return Report(count, faults)


def _rows(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        yield from _among(_parsed(text))
    except json.JSONDecodeError:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield from _among(_line(line, number))


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_whole
        )
    except RecursionError:
        raise Unreadable("It is nested too deeply.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says a thing twice: who reads it may believe either."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("An object in it says the same thing twice.")
    return found


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python reads no more than some thousand digits.
        raise Unreadable("A number in it has too many digits.") from None


def _refuse(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no number of JSON.")


def _line(line: str, number: int) -> Any:  # noqa: ANN401 - as above
    try:
        return _parsed(line)
    except json.JSONDecodeError as error:
        raise Unreadable(f"Line {number} is no JSON: {error.msg}.") from error


def _among(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - as above
    """Give the rows in a value, whatever they are wrapped in.

    What only seems to be wrapped is given as it is: it is signed, or it is a fault.
    """
    match value:
        case {"items": list(rows)} if value.keys() <= PAGE:
            yield from _among(rows)
        case {"data": dict(row), "sequence": _} if _is_of(value, row):
            yield row
        case {"data": None, "sequence": _} if _has_no_row(value):
            return
        case list():
            for each in value:
                yield from _among(each)
        case dict():
            yield value
        case _:
            raise Unreadable("A row is a JSON object.")


def _is_of(change: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Say whether a change says of its row what the row says; it is not signed."""
    said = [name for name in NAMED_BY if name in change]
    return change.keys() <= CHANGE and all(
        change[name] == row.get(name) for name in said
    )


def _has_no_row(change: Mapping[str, Any]) -> bool:
    """Say whether a change is one of those that tell of no row."""
    without = change.get("op") == Op.DELETE or change.get("type") == PUBLISHED
    return change.keys() <= CHANGE and without
