"""Where a cursor leads, for whom, how long; and who is turned away."""

import base64
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.auth.caller import Machine, Scope
from service.auth.secret import derive
from service.changes.actions import note
from service.changes.epoch import raise_epoch
from service.changes.position import address_of, bound, here
from service.changes.rules import Change, Position, Stream
from service.edge.paging import LONGEST, seal
from service.hr.feed.rules import HORIZON, READS
from service.settings import settings as configured
from tests.factories import IN_THE_YEAR, OPERATOR, a_token
from tests.hr.feed.following import STREAMS, begun, items_of, said
from tests.scoring import Scene

START = "/v1/changes?stream={}"
CLIENT = "SELECT id FROM oauth_client ORDER BY created_at DESC, id LIMIT 1"


def cursor_of(address: str) -> str:
    return httpx.URL(address).params["cursor"]


async def noted(count: int, organisation: str = "hmt") -> None:
    rows = [
        Change(organisation, Stream.SCORES, "score", uuid4(), 1) for _ in range(count)
    ]
    await note(rows, now=configured().clock())


async def status_and_slug(
    client: httpx.AsyncClient, headers: dict[str, str], address: str
) -> tuple[int, str]:
    answer = await client.get(address, headers=headers)
    body = answer.json()
    assert answer.status_code != 200, body
    assert "items" not in body
    return answer.status_code, body["type"].rsplit("/", 1)[-1]


async def test_a_cursor_is_of_no_use_to_another_client(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    delta = await begun(client, await a_token(client, "hmt"), "scores")
    for codes in (("hmt",), ("dwp",), ("hmt", "dwp")):
        other = await a_token(client, *codes)
        refused = await status_and_slug(client, other, delta)
        assert refused == (400, "bad-cursor")


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_cursor_is_of_no_use_for_another_stream(
    client: httpx.AsyncClient, scene: Scene, stream: str
) -> None:
    headers = await a_token(client, "hmt")
    cursor = cursor_of(await begun(client, headers, stream))
    for other in {*STREAMS} - {stream}:
        address = f"{START.format(other)}&cursor={cursor}"
        refused = await status_and_slug(client, headers, address)
        assert refused == (400, "bad-cursor")


async def test_a_collection_s_cursor_is_none_of_the_feed_s(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    page = (await client.get("/v1/scores?limit=1", headers=headers)).json()
    address = f"{START.format('scores')}&cursor={cursor_of(page['next'])}"
    assert await status_and_slug(client, headers, address) == (400, "bad-cursor")
    feed = cursor_of(await begun(client, headers, "scores"))
    address = f"/v1/scores?cursor={feed}"
    assert await status_and_slug(client, headers, address) == (400, "bad-cursor")


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_a_cursor_that_was_tampered_with_is_refused(
    client: httpx.AsyncClient, scene: Scene, data: st.DataObject
) -> None:
    headers = await a_token(client, "hmt")
    cursor = cursor_of(await begun(client, headers, "scores"))
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    address = f"{START.format('scores')}&cursor={forged}"
    assert await status_and_slug(client, headers, address) == (400, "bad-cursor")


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "0", "1234"])
async def test_a_cursor_that_is_none_of_ours_is_refused(
    client: httpx.AsyncClient, scene: Scene, cursor: str
) -> None:
    headers = await a_token(client, "hmt")
    address = f"{START.format('scores')}&cursor={cursor}"
    assert await status_and_slug(client, headers, address) == (400, "bad-cursor")


async def sent_back(
    client: httpx.AsyncClient, headers: dict[str, str], address: str
) -> str:
    """Return where a 410 says to begin again; and from there it leads on."""
    answer = await client.get(address, headers=headers)
    assert answer.status_code == 410, answer.text
    assert answer.json()["type"].endswith("/resync-required")
    start = str(answer.links["start"]["url"])
    assert start in answer.json()["detail"]
    assert (await client.get(start, headers=headers)).status_code == 200
    return start


def beginning(stream: str) -> str:
    return f"https://joinedup.example{START.format(stream)}"


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_cursor_of_another_epoch_asks_for_a_full_pull(
    client: httpx.AsyncClient, published: Scene, stream: str
) -> None:
    """One that goes on, and one in the middle of a full pull."""
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, stream)
    start = f"{START.format(stream)}&limit=1"
    page = (await client.get(start, headers=headers)).json()
    await raise_epoch(reason="A test.", caller=OPERATOR, now=IN_THE_YEAR)

    for address in (delta, page["next"] or page["delta"]):
        assert await sent_back(client, headers, address) == beginning(stream)


async def test_a_cursor_ahead_of_the_feed_asks_for_a_full_pull(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    """As after a restore that nobody noticed."""
    headers = await a_token(client, "hmt")
    await noted(3)
    delta = await begun(client, headers, "scores")
    ahead = await a_number_on(delta)
    assert await sent_back(client, headers, ahead) == beginning("scores")


async def a_number_on(address: str) -> str:
    """The address as we would give it one number later."""
    at = await here(Stream.SCORES, ["hmt"])
    machine = Machine(await said(CLIENT), frozenset({"hmt"}), frozenset(Scope))
    key, bounds = derive("cursor"), bound(machine, Stream.SCORES)
    assert seal(at.plain(), key=key, bound_to=bounds) == cursor_of(address)
    later = Position(at.epoch, {"hmt": at.reached["hmt"] + 1})
    cursor = seal(later.plain(), key=key, bound_to=bounds)
    return f"{START.format('scores')}&cursor={cursor}"


async def test_a_cursor_from_before_the_horizon_asks_for_a_full_pull(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "scores")
    day = timedelta(days=1)
    now = configured().clock()
    young = Change("hmt", Stream.SCORES, "score", uuid4(), 1)
    await note([young], now=now - HORIZON + day)
    items, later = await items_of(client, headers, delta)
    assert len(items) == 1

    await note([young], now=now - HORIZON - day)
    assert await sent_back(client, headers, later) == beginning("scores")


async def test_who_is_behind_by_much_reads_to_the_end_however_old_it_grows(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    """Only what comes first after a cursor must be young."""
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "scores")
    await noted(5)
    items, _ = await items_of(client, headers, f"{delta}&limit=2")
    assert len(items) == 5


# Who may not.


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_stream_needs_its_own_scope_and_that_of_the_feed(
    client: httpx.AsyncClient, scene: Scene, stream: str
) -> None:
    own = READS[Stream(stream)]
    for missing in (own, Scope.CHANGES_READ):
        left = [scope for scope in Scope if scope is not missing]
        headers = await a_token(client, "hmt", scopes=left)
        for address in (
            START.format(stream),
            f"/v1/changes/digest?stream={stream}",
        ):
            answer = await client.get(address, headers=headers)
            assert answer.status_code == 403, answer.text
            assert missing in answer.json()["detail"]
            assert "insufficient_scope" in answer.headers["www-authenticate"]
    headers = await a_token(client, "hmt", scopes=[own, Scope.CHANGES_READ])
    assert (await client.get(START.format(stream), headers=headers)).is_success


LESS = {
    "without the scope": "UPDATE oauth_client SET scopes = array_remove(scopes,"
    " 'scores:read') WHERE id = $1",
    "without the feed's scope": "UPDATE oauth_client SET scopes = array_remove(scopes,"
    " 'changes:read') WHERE id = $1",
    "moved": "UPDATE oauth_client_organisation SET organisation = 'dft'"
    " WHERE client = $1 AND organisation = 'hmt'",
    "of fewer organisations": "DELETE FROM oauth_client_organisation"
    " WHERE client = $1 AND organisation = 'hmt'",
    "disabled": "UPDATE oauth_client SET disabled_at = created_at WHERE id = $1",
}


@pytest.mark.parametrize("less", LESS.values(), ids=LESS)
async def test_rights_that_end_in_the_middle_end_it_at_the_next_page(
    client: httpx.AsyncClient, published: Scene, less: str
) -> None:
    """The token still says what it said, and is not looked at again for a while."""
    headers = await a_token(client, "hmt", "dwp")
    start = START.format("scores")
    pulling = (await client.get(f"{start}&limit=1", headers=headers)).json()["next"]
    delta = await begun(client, headers, "scores")
    await noted(2)
    await said(less, await said(CLIENT))

    for address in (pulling, delta, start, "/v1/changes/digest?stream=scores"):
        refused = await status_and_slug(client, headers, address)
        assert refused == (403, "rights-changed")


def test_a_client_of_hundreds_of_organisations_still_has_a_cursor() -> None:
    codes = [f"organisation-{number}" for number in range(400)]
    machine = Machine("hr-0123456789abcdef", frozenset(codes), frozenset(Scope))
    at = Position(uuid4(), dict.fromkeys(codes, 99_999))
    address = address_of(
        at,
        Stream.SCORES,
        machine,
        issuer="https://joinedup.example",
        key=b"k",
        after=[str(uuid4()), codes[-1]],
    )
    assert len(cursor_of(address)) <= LONGEST
