"""Asks at a registered address, and can be led nowhere else.

The law: a name is resolved once, every address it has is held against our own list, and
the connection goes to an address that passed; no redirect is followed, and nothing that
was answered is repeated to anyone.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import Final
from urllib.parse import urlsplit

import httpx

from service.errors import Unavailable, Unprocessable
from service.settings import settings

HTTPS: Final = 443
LONGEST_URL: Final = 500
"""Characters; as wide as the columns that hold one."""
NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
"""A DNS name whose last label starts with a letter: no address in any spelling."""
REST: Final = re.compile(r"[!-~]*")
"""Visible ASCII: what HTTP can carry in a request line."""
LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})

# `ipaddress` itself calls several of these global (Python 3.11.7), so it only tells
# which network an address is in. Sources: the IANA special-purpose address registries.
CLOSED_4: Final = (
    ip_network("0.0.0.0/8"),
    ip_network("10.0.0.0/8"),
    ip_network("100.64.0.0/10"),  # shared by carriers
    ip_network("127.0.0.0/8"),
    ip_network("168.63.129.16/32"),  # a public address that is Azure's own host
    ip_network("169.254.0.0/16"),  # link-local, and the clouds' metadata
    ip_network("172.16.0.0/12"),
    ip_network("192.0.0.0/24"),
    ip_network("192.0.2.0/24"),
    ip_network("192.31.196.0/24"),
    ip_network("192.52.193.0/24"),
    ip_network("192.88.99.0/24"),  # 6to4 relays
    ip_network("192.168.0.0/16"),
    ip_network("192.175.48.0/24"),
    ip_network("198.18.0.0/15"),
    ip_network("198.51.100.0/24"),
    ip_network("203.0.113.0/24"),
    ip_network("224.0.0.0/4"),
    ip_network("240.0.0.0/4"),
)
OPEN_6: Final = ip_network("2000::/3")
"""Global unicast; IPv4 inside IPv6, NAT64, unique local and multicast lie outside."""
CLOSED_6: Final = (
    ip_network("2001::/23"),  # Teredo and ORCHID among them
    ip_network("2001:db8::/32"),
    ip_network("2002::/16"),  # 6to4
    ip_network("2620:4f:8000::/48"),
    ip_network("3fff::/20"),
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a name."""


class AddressRefused(Unprocessable):
    """The service does not fetch from this address."""

    slug = "address-refused"


class NotFetched(Unavailable):
    """Another server did not give what the service needs of it."""

    slug = "not-fetched"


@dataclass(frozen=True, slots=True)
class Target:
    """An address as checked, before its name is resolved."""

    secure: bool
    host: str
    port: int
    rest: str
    """Path and query."""
    loopback: bool

    @property
    def authority(self) -> str:
        """Return what goes into the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS and self.secure else f"{host}:{self.port}"


def check_url(url: str, *, loopback: bool, longest: int = LONGEST_URL) -> Target:
    """Read an address to fetch from, or refuse it; `loopback` is for development.

    Addresses that are only shown are held to the same, and may be longer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused() from None
    if (
        len(url) > longest
        or not REST.fullmatch(url)
        or "\\" in url
        or "#" in url
        or "@" in parts.netloc
        or parts.netloc.endswith(":")
    ):
        raise _refused()
    rest = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if loopback and host in LOOPBACK_NAMES and parts.scheme in {"http", "https"}:
        secure = parts.scheme == "https"
        return Target(secure, host, port or (HTTPS if secure else 80), rest, True)  # noqa: FBT003 - in the order above
    if parts.scheme != "https" or port not in {None, HTTPS} or not NAME.fullmatch(host):
        raise _refused()
    return Target(True, host, HTTPS, rest, False)  # noqa: FBT003 - in the order above


def _refused() -> AddressRefused:
    return AddressRefused(
        "Give an https address with a public host name, on port 443, without user"
        " name or fragment."
    )


def is_public(address: str) -> bool:
    """Say whether an address is on the internet at large, by our own list."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in CLOSED_4)
    return (
        found.scope_id is None
        and found in OPEN_6
        and not any(found in network for network in CLOSED_6)
    )


def _is_loopback(address: str) -> bool:
    return ip_address(address) in (
        ip_network("::1/128") if ":" in address else ip_network("127.0.0.0/8")
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What is asked of another server, and how much of its answer is read."""

    method: str
    headers: Mapping[str, str]
    content: bytes
    limit: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server answered; of its body, hardly more than was asked for."""

    status: int
    headers: httpx.Headers
    body: bytes


async def fetch(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    limit: int,
    timeout: float,  # noqa: ASYNC109 - the whole exchange is held to it here
    resolve: Resolve | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> bytes:
    """Return what `url` answers to GET with 200: at most `limit` bytes, in `timeout`.

    Raises `AddressRefused` before any connection and `NotFetched` after.
    """
    sent = Sent("GET", {"Accept": "application/json", **(headers or {})}, b"", limit)
    answer = await _exchange(url, sent, timeout, resolve, transport)
    host = urlsplit(url).hostname
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise NotFetched(f"{host} answered {answer.status}, not 200.")
    if len(answer.body) > limit:
        raise NotFetched(f"{host} answered more than {limit} bytes.")
    return answer.body


async def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    limit: int = 0,
    timeout: float,  # noqa: ASYNC109 - the whole exchange is held to it here
    resolve: Resolve | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Answer:
    """Return what `url` answers to POST, whatever its status; raises as `fetch`."""
    sent = Sent("POST", headers, content, limit)
    return await _exchange(url, sent, timeout, resolve, transport)


async def _exchange(
    url: str,
    sent: Sent,
    timeout: float,  # noqa: ASYNC109 - the whole exchange is held to it here
    resolve: Resolve | None,
    transport: httpx.AsyncBaseTransport | None,
) -> Answer:
    target = check_url(url, loopback=settings().allow_loopback_fetch)
    try:
        async with asyncio.timeout(timeout):
            addresses = await (resolve or _resolved)(target.host, target.port)
            _check(target, addresses)
            return await _send(target, addresses, sent, transport)
    except (httpx.HTTPError, OSError, TimeoutError) as error:
        raise NotFetched(
            f"{target.host} did not answer ({type(error).__name__}): try again later."
        ) from error


async def _resolved(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _check(target: Target, addresses: Sequence[str]) -> None:
    """Refuse a name if even one of its addresses is not where we may go."""
    allowed = _is_loopback if target.loopback else is_public
    if not addresses or not all(map(allowed, addresses)):
        raise AddressRefused(
            f"{target.host} does not lie on the public internet: publish it there."
        )


async def _send(
    target: Target,
    addresses: Sequence[str],
    sent: Sent,
    transport: httpx.AsyncBaseTransport | None,
) -> Answer:
    """Ask the first address that takes the connection, under the target's name."""
    async with httpx.AsyncClient(
        verify=_tls(),
        transport=transport,
        timeout=None,  # noqa: S113 - `_exchange` holds all of it to its timeout
        trust_env=False,
        follow_redirects=False,
    ) as client:
        *others, last = addresses
        for address in others:
            with suppress(httpx.ConnectError):
                return await _read(client, target, address, sent)
        return await _read(client, target, last, sent)


@cache
def _tls() -> ssl.SSLContext:
    """Trust whom the system trusts; made once, as it takes 50 ms."""
    return ssl.create_default_context()


async def _read(
    client: httpx.AsyncClient, target: Target, address: str, sent: Sent
) -> Answer:
    host = f"[{address}]" if isinstance(ip_address(address), IPv6Address) else address
    scheme = "https" if target.secure else "http"
    body = bytearray()
    async with client.stream(
        sent.method,
        f"{scheme}://{host}:{target.port}{target.rest}",
        headers={
            **sent.headers,
            "Host": target.authority,
            "Accept-Encoding": "identity",
        },
        content=sent.content or None,
        extensions={"sni_hostname": target.host},
    ) as answer:
        if sent.limit:
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > sent.limit:
                    break
    return Answer(answer.status_code, answer.headers, bytes(body))
