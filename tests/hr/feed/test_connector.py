"""The reference connector, stopped anywhere and started again."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from openapi.examples.connector import Copy, Missed, Refused
from service.changes.actions import note
from service.changes.epoch import raise_epoch
from service.changes.rules import Change, Op, Stream
from service.scores.actions import publish
from tests.factories import IN_THE_YEAR, OPERATOR, RELEASED, a_token
from tests.hr.feed.following import Follower, pulled, said
from tests.scoring import KEY, SIZES, Scene


class Stopped(Exception):
    """The connector's process ended here."""


def stops(monkeypatch: pytest.MonkeyPatch, name: str, after: int) -> None:
    """Have one of the copy's own functions stop it when it is called once more."""
    real: Callable[..., object] = getattr(Copy, name)
    left = after

    def stopping(copy: Copy, *arguments: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stopped
        return real(copy, *arguments)

    monkeypatch.setattr(Copy, name, stopping)


@pytest.mark.parametrize("after", [0, 1, 2, 5])
@pytest.mark.parametrize("where", ["_place", "_check_dense", "_keep_item"])
async def test_stopped_anywhere_it_goes_on_where_it_was(
    client: httpx.AsyncClient,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    after: int,
) -> None:
    """In a full pull, while scores are published, and while it follows."""
    headers = await a_token(client, *SIZES)
    copy = Follower(client, headers, ["scores", "people"], limit=2)
    await copy.follow("people", 1)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    for stream in ("people", "scores"):
        with monkeypatch.context() as patch:
            stops(patch, where, after)
            for _ in range(3):
                with pytest.raises(Stopped):
                    await copy.follow(stream)
        again = Copy(copy.database, stream, copy.get)
        copy.copies[stream] = again
        while await copy.is_equal(stream) is not True:
            await copy.follow(stream, 1)
        assert copy.held(stream) == await pulled(client, headers, stream)


async def test_asked_to_begin_again_it_drops_what_is_there_no_more(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    copy = Follower(client, headers, ["people"], limit=2)
    await copy.follow("people")
    gone = published.people["hmt1"]
    # As in a backup: nobody told the feed of it.
    await said(
        "UPDATE person_details SET valid_to = $2 WHERE person = $1",
        gone,
        IN_THE_YEAR.date(),
    )
    await raise_epoch(reason="A test.", caller=OPERATOR, now=IN_THE_YEAR)
    assert str(gone) in {row[2] for row in copy.held("people")}

    await copy.follow("people")

    assert str(gone) not in {row[2] for row in copy.held("people")}
    assert await copy.is_equal("people") is True
    assert copy.held("people") == await pulled(client, headers, "people")


async def test_a_hole_in_the_numbers_stops_it(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    copy = Follower(client, await a_token(client, "hmt"), ["people"])
    await copy.follow("people")
    rows = [Change("hmt", Stream.PEOPLE, "person", uuid4(), 1) for _ in range(3)]
    await note(rows, now=IN_THE_YEAR)
    real = copy.get

    def leaving_one_out(address: str) -> object:
        status, page = real(address)
        if "items" in page:
            del page["items"][1]
        return status, page

    copy.copies["people"].get = leaving_one_out  # type: ignore[assignment]  # broken on purpose
    with pytest.raises(Missed):
        await copy.follow("people")


async def test_an_older_version_never_replaces_a_newer_one(
    client: httpx.AsyncClient, published: Scene
) -> None:
    """What was deleted and is there again: the pull saw it, and then comes the past."""
    headers = await a_token(client, "hmt")
    copy = Follower(client, headers, ["people"], limit=2)
    await copy.follow("people", 1)
    person = published.people["hmt1"]
    deleted = Change("hmt", Stream.PEOPLE, "person", person, 1, Op.DELETE)
    back = Change("hmt", Stream.PEOPLE, "person", person, 2)
    await note([deleted, back], now=IN_THE_YEAR)

    await copy.follow("people")

    assert copy.held("people") == await pulled(client, headers, "people")
    assert await copy.is_equal("people") is True


async def test_a_refusal_is_said_and_nothing_is_lost(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    copy = Follower(client, headers, ["scores"])
    await copy.follow("scores")
    held = copy.held("scores")
    await said("UPDATE oauth_client SET scopes = array_remove(scopes, 'scores:read')")
    with pytest.raises(Refused, match="may do less by now"):
        await copy.follow("scores")
    assert copy.held("scores") == held
