"""Sign-in for development and demonstrations: as anybody, without proof.

The law: it is there only where JOINEDUP_DEV_SIGN_IN says so, on this machine and for
whoever sits at it; everywhere else it does not exist.
"""

from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request

from service.auth.sign_in import sessions
from service.auth.sign_in.directory import Candidate, Directory
from service.auth.sign_in.sessions import Session
from service.db.reach import EVERYONE, only, within_reach
from service.errors import NotFound
from service.settings import LOOPBACK, settings

AnyRequest = Request[Any, Any, Any]
FORWARDED: Final = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
)
"""Headers of what a proxy sends on, which may stand on this machine for others."""


class NoDevelopment(NotFound):
    """There is no sign-in for development here."""

    slug = "no-development"


def check(request: AnyRequest) -> None:
    """Refuse as if it were not there, unless this machine asks where it is switched on.

    The settings refuse an issuer elsewhere; `serve --host` may listen elsewhere still.
    """
    here = urlsplit(str(request.app.state.issuer)).hostname in LOOPBACK
    if not settings().dev_sign_in or not here or not _is_local(request):
        raise NoDevelopment("It is not switched on.")


def is_offered(request: AnyRequest) -> bool:
    """Say whether it is to be offered to whoever asks."""
    try:
        check(request)
    except NoDevelopment:
        return False
    return True


def _is_local(request: AnyRequest) -> bool:
    """Say whether somebody at this machine asks it, and by its own name.

    Another site's name may be made to lead here, and its page then reads the answer.
    """
    client = request.client
    try:
        near = client is not None and ip_address(client.host).is_loopback
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    sent_on = any(name in request.headers for name in FORWARDED)
    return near and asked in LOOPBACK and not sent_on


async def people(words: str, directory: Directory, now: datetime) -> list[Candidate]:
    """Return whom to choose from, by words of name, title, organisation or role."""
    with within_reach(EVERYONE):
        return await directory.people_like(words, now.date())


async def begin(
    person: UUID,
    organisation: str,
    directory: Directory,
    now: datetime,
    *,
    replacing: str | None = None,
) -> Session:
    """Begin a visit as somebody whom an organisation lets in."""
    with within_reach(only([organisation])):
        roles = await directory.roles_if_known(person, organisation, now.date())
        if roles is None:
            raise NoDevelopment("Choose somebody from the list.")
        name = await directory.name_of(person, organisation)
    return await sessions.begin(
        person, organisation, name, now=now, replacing=replacing
    )
