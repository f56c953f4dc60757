"""RFC 8785: the one way to write a JSON value down, whoever does it.

The law: what two programs read the same, they write the same, byte for byte.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final

EXACT: Final = 2**53
"""Beyond it, a number of JSON may be read as its neighbour."""
LARGEST: Final = 10**308
LONGEST: Final = 21
"""Digits that ECMAScript writes before the point; from there on by exponent."""
SMALLEST: Final = -6
"""Noughts after the point, less one, from which on it is by exponent."""


class NoCanonicalForm(ValueError):
    """The value holds what JSON cannot carry from one program to another."""


def canonical(value: Any) -> bytes:  # noqa: ANN401 - whatever json.loads gives
    """Return a JSON value in the form of RFC 8785."""
    try:
        return _written(value).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise NoCanonicalForm("A text is no Unicode, or it is too deep.") from error


def _written(value: Any) -> str:  # noqa: ANN401 - as above
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return _integer(value)
        case float():
            return _number(value)
        case Mapping():
            # By UTF-16 code units (3.2.3), which is another order than code points'.
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            pairs = (f"{_written(name)}:{_written(value[name])}" for name in names)
            return f"{{{','.join(pairs)}}}"
        case list():
            return f"[{','.join(map(_written, value))}]"
    raise NoCanonicalForm(f"{type(value).__name__} is nothing of JSON's.")


def _integer(value: int) -> str:
    written = str(value)
    if abs(value) > EXACT and (
        abs(value) >= LARGEST or _number(float(value)) != written
    ):
        raise NoCanonicalForm("A number is not the same everywhere.")
    return written


def _number(value: float) -> str:
    """Write a number as ECMAScript does: the fewest digits that mean it (7.1.12.1)."""
    if not isfinite(value):
        raise NoCanonicalForm("JSON has no infinity, and no number that is none.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    found = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, found.digits))
    point = len(digits) + int(found.exponent)
    if SMALLEST < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if 0 < point <= LONGEST:
        whole, rest = digits[:point].ljust(point, "0"), digits[point:]
        return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
    rest = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
