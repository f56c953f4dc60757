"""oauth.md, "People's sign-in": sessions."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.access.actions import end, grant
from service.access.rules import Role
from service.auth.sign_in import sessions
from service.auth.sign_in.tables import WebSession
from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.directory.provisioning.tables import ProvisionedUser
from service.directory.tables import PersonIdentifier
from tests.auth.conftest import NOW
from tests.auth.sign_in.conftest import Somebody
from tests.factories import OPERATOR, an_organisation
from tests.web.visiting import Visitor, visiting


async def looked(visitor: Visitor) -> int:
    """The status of a page for people, asked for without staying signed in."""
    return (await visitor.client.get("/mine")).status_code


async def rows() -> list[dict[str, object]]:
    found: list[dict[str, object]] = await WebSession.select()
    return found


async def test_who_has_a_session_is_named_on_a_page(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages, name="Ada Byrne") as visitor:
        answer = await visitor.get("/mine")

    assert answer.status_code == 200
    said = answer.json()
    assert (said["person"], said["organisation"]) == (str(somebody.id), "hmt")
    assert (said["name"], said["roles"]) == ("Ada Byrne", [])


async def test_only_ids_that_exist_count(pages: Litestar, somebody: Somebody) -> None:
    """'only ids that exist count': Litestar keeps whatever id the cookie brings."""
    brought = sessions.new_id()
    async with visiting(None, app=pages) as visitor:
        visitor.client.cookies.set(sessions.COOKIE, brought)
        assert await looked(visitor) == 401

    assert await rows() == []
    assert await sessions.current(brought, NOW) is None


@pytest.mark.parametrize(
    "id_", ["", "x", "x" * 42, "x" * 44, "x" * 10_000, "é" * 43, "'; DROP--", "a b"]
)
async def test_what_is_no_id_is_not_looked_for(
    pages: Litestar, somebody: Somebody, id_: str
) -> None:
    assert await sessions.current(id_, NOW) is None
    transport = httpx.ASGITransport(app=pages)  # type: ignore[arg-type] # ASGI by another name
    async with httpx.AsyncClient(transport=transport, base_url="https://x") as client:
        cookie = f"{sessions.COOKIE}={id_}".encode()
        answer = await client.get("/mine", headers={b"Cookie": cookie})

    assert answer.status_code == 401


async def test_a_new_id_at_sign_in(somebody: Somebody) -> None:
    """'new id at sign-in', and the one before it is over: fixation gains nothing."""
    before = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    after = await sessions.begin(
        somebody.id, "hmt", "Ada", now=NOW, replacing=before.id
    )

    assert after.id != before.id
    assert await sessions.current(before.id, NOW) is None
    assert await sessions.current(after.id, NOW) == after


async def test_sha_256_of_the_id_is_the_key(somebody: Somebody) -> None:
    """'SHA-256 of the id is the key': a copy of the database opens no session."""
    session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)

    (row,) = await rows()
    assert row["digest"] == sessions.digest_of(session.id)
    assert session.id not in repr(row)
    assert sessions.ID.fullmatch(session.id)


async def test_eight_hours_are_the_longest(somebody: Somebody) -> None:
    """'8 h absolute'."""
    session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    step = timedelta(minutes=29)
    at = NOW
    while at + step < NOW + sessions.LONGEST:
        at += step
        assert await sessions.current(session.id, at) is not None

    assert await sessions.current(session.id, NOW + timedelta(hours=8)) is None


async def test_half_an_hour_idle_is_the_longest(somebody: Somebody) -> None:
    """'30 min idle', counted from when the person was last there."""
    session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    there = NOW + timedelta(minutes=29)

    assert await sessions.current(session.id, there) is not None
    assert await sessions.current(session.id, there + timedelta(minutes=29))
    assert await sessions.current(session.id, there + timedelta(minutes=59)) is None


async def test_it_is_written_once_a_minute_that_somebody_is_there(
    somebody: Somebody,
) -> None:
    """'write on change'."""
    session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    await sessions.current(session.id, NOW + timedelta(seconds=59))
    assert [row["seen_at"] for row in await rows()] == [NOW]

    await sessions.current(session.id, NOW + timedelta(seconds=60))
    assert [row["seen_at"] for row in await rows()] == [NOW + timedelta(seconds=60)]


async def test_a_stranger_leaves_no_row_and_gets_no_session(
    pages: Litestar, somebody: Somebody
) -> None:
    """Litestar's sessions 'create rows for anonymous visitors'. Ours do not."""
    async with visiting(None, app=pages) as visitor:
        answer = await visitor.get("/welcome")

    assert answer.json()["person"] is None
    assert sessions.COOKIE not in answer.headers.get("set-cookie", "")
    assert await rows() == []


async def test_the_cookie_is_for_this_host_alone(somebody: Somebody) -> None:
    """'`__Host-` cookies, Secure, HttpOnly, SameSite=Lax'."""
    session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    header = sessions.cookie_of(session).to_header(header="")

    assert header.startswith(f"__Host-session={session.id};")
    parts = {part.strip().lower() for part in header.split(";")[1:]}
    assert parts == {"path=/", "secure", "httponly", "samesite=lax"}


async def test_who_left_is_out_at_once(pages: Litestar, somebody: Somebody) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        assert await looked(visitor) == 200
        await PersonIdentifier.update({PersonIdentifier.valid_to: NOW.date()}).where(
            PersonIdentifier.person == somebody.id
        )
        assert await looked(visitor) == 401

    assert await rows() == []


@pytest.mark.parametrize("active", [True, False])
async def test_active_false_ends_sessions(
    pages: Litestar, somebody: Somebody, *, active: bool
) -> None:
    """security.md: '`active:false` ends sessions', within 60 s; here it is at once."""
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        assert await looked(visitor) == 200
        await ProvisionedUser.insert(
            ProvisionedUser(
                organisation="hmt",
                person=somebody.id,
                user_name="ada@hmt.example",
                name_key="ada@hmt.example",
                active=active,
                said="{}",
                version=1,
                created_at=NOW,
                changed_at=NOW,
            )
        )
        assert await looked(visitor) == (200 if active else 401)


async def test_a_role_counts_from_the_next_page_and_until_it_ends(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        assert (await visitor.get("/hr")).status_code == 403
        given = await grant(
            somebody.id,
            Role.HR_ADMINISTRATOR,
            organisation="hmt",
            until=NOW.date() + timedelta(days=9),
            caller=OPERATOR,
            now=NOW,
        )
        assert (await visitor.get("/hr")).json()["roles"] == ["hr_administrator"]
        await end(given, caller=OPERATOR, now=NOW)
        assert (await visitor.get("/hr")).status_code == 403


async def test_a_session_gives_no_role_of_another_organisation(
    pages: Litestar, somebody: Somebody
) -> None:
    await an_organisation("defra")
    async with visiting(somebody.id, "defra", app=pages) as visitor:
        assert await looked(visitor) == 401


async def test_whoever_sees_nobody_sees_no_session(somebody: Somebody) -> None:
    await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    with within_reach(NOBODY):
        async with transaction():
            assert await rows() == []


async def test_what_is_over_is_forgotten(somebody: Somebody) -> None:
    old = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
    new = await sessions.begin(
        somebody.id, "hmt", "Ada", now=NOW + timedelta(minutes=20)
    )

    assert await sessions.forget_sessions(NOW + timedelta(minutes=35)) == 1
    assert await sessions.end(old.id) is None
    assert await sessions.end(new.id) is not None
    assert await sessions.end(str(uuid4())) is None
