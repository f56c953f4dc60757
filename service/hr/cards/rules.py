"""How long a card's link serves, and which portals there can be.

Pure.
"""

import re
from datetime import timedelta
from typing import Final

from service.errors import Conflict, NotFound, Unprocessable

LIFE: Final = timedelta(minutes=5)
MOST: Final = 10
"""Portals of an organisation; each stands in a header of every card."""
ORIGIN: Final = re.compile(
    r"https://(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::[1-9][0-9]{0,4})?"
)
"""A scheme, a host by its name, and a port where it is not the usual one."""


class NoPortal(Conflict):
    """No portal of the organisation is registered, so nothing may frame a card."""

    slug = "portal-none"


class BadPortal(Unprocessable):
    """A portal is registered by the origin of its pages."""

    slug = "portal-invalid"


class TooManyPortals(Conflict):
    """The organisation has as many portals as it may."""

    slug = "too-many-portals"


class NoSuchPortal(NotFound):
    """The organisation has no portal of this origin."""

    slug = "no-such-portal"


def check_origin(origin: str) -> None:
    """Refuse what a browser would not take for one origin, or for more than one."""
    if not ORIGIN.fullmatch(origin):
        raise BadPortal(
            "Give the portal as https://HOST, in small letters, with :PORT if it is not"
            " the usual one and with nothing behind it: https://hr.example.gov.uk"
        )


def check_one_more(there: int) -> None:
    """Refuse more portals than are kept."""
    if there >= MOST:
        raise TooManyPortals(
            f"It has {there}: remove one with `joinedup portals remove` first."
        )
