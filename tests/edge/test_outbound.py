"""Where the service can be led to fetch from: nowhere but the public internet."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import ValidationError

from service.edge import outbound
from service.edge.outbound import AddressRefused, NotFetched, fetch, is_public
from service.settings import Settings, settings

PUBLIC = "93.184.215.14"
REFUSED = """
http://issuer.example/keys
http://127.0.0.1/
https://127.0.0.1/
https://127.0.0.1:443/
https://127.1/
https://127.0.1/
https://2130706433/
https://0x7f000001/
https://0x7f.0.0.1/
https://0x7f.1/
https://0177.0.0.1/
https://017700000001/
https://0/
https://0.0.0.0/
https://10.0.0.1/
https://172.16.0.1/
https://192.168.0.1/
https://169.254.169.254/latest/meta-data/
https://100.64.0.1/
https://224.0.0.1/
https://255.255.255.255/
https://93.184.215.14/
https://[::1]/
https://[::]/
https://[::ffff:127.0.0.1]/
https://[::ffff:7f00:1]/
https://[::127.0.0.1]/
https://[64:ff9b::7f00:1]/
https://[64:ff9b:1::7f00:1]/
https://[2002:7f00:1::]/
https://[fe80::1]/
https://[fe80::1%25eth0]/
https://[fc00::1]/
https://[fd00:ec2::254]/
https://[fec0::1]/
https://[ff02::1]/
https://[2001:db8::1]/
https://[::1
https://localhost/
https://LOCALHOST/
https://localhost./
https://issuer.example./
https://issuer..example/
https://.example/
https://-issuer.example/
https://issuer_.example/
https://issuer.example:80/
https://issuer.example:8443/
https://issuer.example:0/
https://issuer.example:99999/
https://issuer.example:x/
https://issuer.example:/
https://user@issuer.example/
https://user:password@issuer.example/
https://issuer.example@127.0.0.1/
https://127.0.0.1#@issuer.example/
https://127.0.0.1\\@issuer.example/
https://issuer.example\\@127.0.0.1/
https://issuer.example/keys#part
https://issuer.example/%00\x00
https://issuer.example/a b
https://issuer.example/a\tb
https://ïssuer.example/
https://①②⑦.⓪.⓪.①/
https://127。0。0。1/
https:issuer.example
https:///keys
//issuer.example/keys
issuer.example
ftp://issuer.example/
file:///etc/passwd
gopher://127.0.0.1:6379/_
data:application/json,{}
javascript:alert(1)
unix:/run/service.sock
"""
URLS = [
    *REFUSED.strip("\n").split("\n"),
    "",
    "https://issuer.example/\r\nHost: localhost",
    "https://issuer.example/" + "x" * 500,
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
]
INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1
127.255.0.1 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:93.184.215.14 64:ff9b::7f00:1
64:ff9b::5db8:d70e 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:10::1 2001:20::1
2001:db8::1 2002:7f00:1:: 2002:5db8:d70e:: 3fff::1 2620:4f:8000::1 5f00::1 fc00::1
fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 2606:2800::1%eth0 localhost 127.1
2130706433 0x7f000001
"""


@dataclass
class Sentinel:
    """Listens on loopback and counts who connects."""

    port: int
    connections: int = 0


@pytest.fixture
async def sentinel() -> AsyncIterator[Sentinel]:
    found = Sentinel(0)

    async def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    await server.wait_closed()


@dataclass
class Names:
    """A resolver that gives the next of its answers each time it is asked."""

    answers: list[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


@dataclass
class Wire:
    """Stands where connections are made, and says what was asked of whom."""

    body: bytes = b"{}"
    status: int = 200
    down: frozenset[str] = frozenset()
    requests: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        async def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            if request.url.host in self.down:
                raise httpx.ConnectError("refused")
            return httpx.Response(
                self.status,
                stream=httpx.ByteStream(self.body),
                headers={"Location": "https://127.0.0.1/"},
            )

        return httpx.MockTransport(answer)


async def get(
    url: str = "https://issuer.example/keys?a=b",
    *,
    names: Names | None = None,
    wire: Wire | None = None,
    limit: int = 100,
    timeout: float = 5.0,  # noqa: ASYNC109 - passed on
) -> bytes:
    return await fetch(
        url,
        limit=limit,
        timeout=timeout,
        resolve=names or Names([[PUBLIC]]),
        transport=(wire or Wire()).transport(),
    )


@pytest.mark.parametrize("url", URLS)
async def test_odd_addresses_are_refused_before_they_are_resolved(url: str) -> None:
    """Abuse case 36: "https and 443 only"; at least 60 URLs, F17's among them."""
    names, wire = Names([["127.0.0.1"]]), Wire()
    with pytest.raises(AddressRefused):
        await get(url, names=names, wire=wire)
    assert (names.asked, wire.requests) == ([], [])


def test_the_corpus_is_as_long_as_promised() -> None:
    assert len(set(URLS)) >= 60


@pytest.mark.parametrize("address", INSIDE.split())
async def test_a_name_that_leads_inside_is_refused(
    address: str, sentinel: Sentinel
) -> None:
    """Abuse case 36: "check every address against an own list (F17)"."""
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        wire = Wire()
        with pytest.raises(AddressRefused):
            await get(names=Names([addresses]), wire=wire)
        assert wire.requests == []
    assert sentinel.connections == 0


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "172.32.0.1", "2606:2800:220:1::1", "2a00:1450::1"]
)
def test_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(address)


async def test_a_resolver_that_changes_its_answer_leads_nowhere(
    sentinel: Sentinel,
) -> None:
    """Abuse case 36: "resolve once … connect to that address"; DNS rebinding."""
    names, wire = Names([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]), Wire()
    assert await get(names=names, wire=wire) == b"{}"
    assert names.asked == [("issuer.example", 443)]
    (request,) = wire.requests
    assert str(request.url) == f"https://{PUBLIC}/keys?a=b"
    assert request.headers["host"] == "issuer.example"
    assert request.extensions["sni_hostname"] == "issuer.example"
    assert sentinel.connections == 0


async def test_twin_that_resolves_again_reaches_the_sentinel(
    sentinel: Sentinel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: checked by one answer and connected by the next, it is led."""
    names = Names([[PUBLIC], ["127.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", Rebound(names, sentinel.port))
    assert all(map(is_public, await names("issuer.example", 443)))
    reader, writer = await asyncio.open_connection("issuer.example", 443)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    assert sentinel.connections == 1


@dataclass
class Rebound:
    """The system's resolver under an attacker's name server."""

    names: Names
    port: int

    def __call__(self, *_: object, **__: object) -> list[tuple[object, ...]]:
        (address,) = self.names.answers.pop(0)
        where = (address, self.port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", where)]


async def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    wire = Wire(down=frozenset({PUBLIC}))
    assert await get(names=Names([[PUBLIC, "2606:2800::1"]]), wire=wire) == b"{}"
    assert [r.url.host for r in wire.requests] == [PUBLIC, "2606:2800::1"]


async def test_when_none_takes_a_connection_it_is_not_fetched() -> None:
    wire = Wire(down=frozenset({PUBLIC, "8.8.8.8"}))
    with pytest.raises(NotFetched):
        await get(names=Names([[PUBLIC, "8.8.8.8"]]), wire=wire)


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 404, 500])
async def test_no_redirect_is_followed_and_only_200_counts(status: int) -> None:
    wire = Wire(status=status, body=b"a secret of the other server")
    with pytest.raises(NotFetched) as refused:
        await get(wire=wire)
    assert len(wire.requests) == 1
    assert "secret" not in str(refused.value)


async def test_no_more_is_read_than_the_limit() -> None:
    assert len(await get(wire=Wire(body=b"x" * 100))) == 100
    with pytest.raises(NotFetched):
        await get(wire=Wire(body=b"x" * 101))


async def test_a_name_that_does_not_resolve_is_not_fetched() -> None:
    async def unknown(_: str, __: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NotFetched):
        await fetch("https://issuer.example/", limit=1, timeout=1, resolve=unknown)


async def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        await get(names=Names([[]]))


async def test_a_server_that_never_ends_is_given_up() -> None:
    async def never(_: str, __: int) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(NotFetched):
        await fetch("https://issuer.example/", limit=1, timeout=0.05, resolve=never)


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def served(body: bytes) -> tuple[asyncio.Server, int, list[bytes]]:
    heard: list[bytes] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        size = str(len(body)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + size + b"\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1], heard


async def test_development_fetches_from_loopback_by_the_real_resolver(
    on_loopback: None,
) -> None:
    server, port, heard = await served(b'{"keys": []}')
    async with server:
        for host in ("127.0.0.1", "localhost"):
            found = await fetch(f"http://{host}:{port}/jwks", limit=99, timeout=5)
            assert found == b'{"keys": []}'
    assert f"Host: 127.0.0.1:{port}".encode() in heard[0]
    assert f"Host: localhost:{port}".encode() in heard[1]


async def test_without_the_setting_loopback_is_never_reached(
    sentinel: Sentinel,
) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(AddressRefused):
            await fetch(f"http://{host}:{sentinel.port}/", limit=1, timeout=1)
    assert sentinel.connections == 0


async def test_the_setting_opens_loopback_and_nothing_else(on_loopback: None) -> None:
    for url in ("http://10.0.0.1/", "https://169.254.169.254/", "http://a.example/"):
        with pytest.raises(AddressRefused):
            await get(url)
    with pytest.raises(AddressRefused):  # Somebody's hosts file.
        await get("http://localhost/", names=Names([["10.0.0.1"]]))
    wire = Wire()
    await get("https://[::1]/", names=Names([["::1"]]), wire=wire)
    assert str(wire.requests[0].url) == "https://[::1]/"
    assert wire.requests[0].headers["host"] == "[::1]"


async def test_a_server_that_proves_nothing_is_refused(on_loopback: None) -> None:
    """The name is checked against the certificate, though an address is dialled."""
    dialled = 0

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal dialled
        dialled += 1
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(NotFetched):
            await fetch(f"https://localhost:{port}/", limit=9, timeout=5)
    assert dialled
    context = outbound._tls()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_loopback_is_refused_to_a_public_service() -> None:
    for issuer in ("http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]"):
        assert Settings(issuer=issuer, allow_loopback_fetch=True).allow_loopback_fetch
    with pytest.raises(ValidationError, match="JOINEDUP_ALLOW_LOOPBACK_FETCH"):
        Settings(issuer="https://joinedup.example", allow_loopback_fetch=True)


async def posted(url: str, wire: Wire, *, limit: int = 10) -> outbound.Answer:
    return await outbound.post(
        url,
        b'{"a": 1}',
        {"Content-Type": "application/json", "Host": "elsewhere.example"},
        limit=limit,
        timeout=5,
        resolve=Names([[PUBLIC]]),
        transport=wire.transport(),
    )


@pytest.mark.parametrize("url", URLS)
async def test_nothing_is_posted_to_odd_addresses(url: str) -> None:
    wire = Wire()
    with pytest.raises(AddressRefused):
        await posted(url, wire)
    assert wire.requests == []


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 308, 410, 500])
async def test_whatever_is_answered_to_a_post_is_returned_and_not_followed(
    status: int,
) -> None:
    wire = Wire(status=status, body=b"x" * 100)
    answer = await posted("https://hr.example/in?to=us", wire)

    (request,) = wire.requests
    assert (request.method, request.content) == ("POST", b'{"a": 1}')
    assert str(request.url) == f"https://{PUBLIC}/in?to=us"
    assert request.headers["host"] == "hr.example"
    assert request.extensions["sni_hostname"] == "hr.example"
    assert answer.status == status
    assert answer.headers["location"] == "https://127.0.0.1/"
    assert len(answer.body) > 10  # Whoever reads it can tell that it is too long.


async def test_of_an_answer_that_nobody_reads_nothing_is_read() -> None:
    class Unread(httpx.AsyncByteStream):
        def __aiter__(self) -> AsyncIterator[bytes]:
            raise AssertionError("It was read")

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Unread())

    found = await outbound.post(
        "https://hr.example/",
        b"",
        {},
        limit=0,
        timeout=5,
        resolve=Names([[PUBLIC]]),
        transport=httpx.MockTransport(answer),
    )
    assert (found.status, found.body) == (200, b"")
