"""A card shows in a portal's frame what its HR system may read, for five minutes."""

import re
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner

from service.audit.tables import Disclosure
from service.auth.caller import Scope
from service.auth.tables import OAuthClient, OAuthClientOrganisation
from service.cli import joinedup
from service.db import transaction
from service.hr.cards import rules
from service.hr.cards.actions import portals_of, register, remove
from service.hr.cards.links import CardLink, read, signed
from service.settings import settings
from tests.factories import OPERATOR
from tests.hr.attachment.asking import Asking
from tests.hr.cards.conftest import PORTAL, later, link, opened


async def test_a_portal_shows_what_its_hr_system_may_read(
    asking: Asking, portal: str
) -> None:
    await asking.joint.proposed()
    given = await link(asking, "hmt")
    assert given.status_code == 201
    answer = await opened(asking, given)
    assert answer.status_code == 200
    assert "Not published yet" in answer.text
    assert "set-cookie" not in answer.headers
    allowed = answer.headers["content-security-policy"]
    assert f"frame-ancestors {portal};" in allowed
    assert "form-action 'none'" in allowed
    assert len(re.findall("<h1", answer.text)) == 1
    assert "<script" not in answer.text


async def test_whoever_was_told_is_written_down(asking: Asking, portal: str) -> None:
    before = await Disclosure.count()
    await opened(asking, await link(asking, "hmt"))
    assert await Disclosure.count() > before


async def test_another_organisation_cannot_tell_the_record_exists(
    asking: Asking, portal: str
) -> None:
    assert (await link(asking, "moj")).status_code == 404


async def test_without_a_portal_there_is_no_link(asking: Asking) -> None:
    answer = await link(asking, "hmt")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/portal-none")


async def test_after_five_minutes_it_shows_nothing(
    asking: Asking, portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = await link(asking, "hmt")
    later(monkeypatch, 299)
    assert (await opened(asking, given)).status_code == 200
    later(monkeypatch, 1)
    over = await opened(asking, given)
    assert over.status_code == 410
    assert "five minutes" in over.text
    assert str(asking.joint.on.id) not in over.text
    assert f"frame-ancestors {portal};" in over.headers["content-security-policy"]


async def ended(how: str) -> None:
    if how == "disabled":
        now = settings().clock()
        await OAuthClient.update({OAuthClient.disabled_at: now}, force=True)
    elif how == "without the scope":
        scopes = [Scope.SCORES_READ.value]
        await OAuthClient.update({OAuthClient.scopes: scopes}, force=True)
    else:
        await OAuthClientOrganisation.delete(force=True)


@pytest.mark.parametrize("how", ["disabled", "without the scope", "elsewhere"])
async def test_a_client_that_may_no_more_shows_nothing(
    asking: Asking, portal: str, how: str
) -> None:
    given = await link(asking, "hmt")
    await ended(how)
    assert (await opened(asking, given)).status_code == 410


async def test_the_portal_s_own_scope_is_needed(asking: Asking, portal: str) -> None:
    answer = await link(asking, "hmt", scopes=[Scope.SCORES_READ])
    assert answer.status_code == 403


async def test_a_link_that_was_changed_leads_nowhere(
    asking: Asking, portal: str
) -> None:
    given = (await link(asking, "hmt")).json()["url"]
    base, _, key = given.partition("?key=")
    for place in range(0, len(key), 7):
        other = "A" if key[place] != "A" else "B"
        changed = f"{base}?key={key[:place]}{other}{key[place + 1 :]}"
        answer = await asking.client.get(changed, headers={"accept": "text/html"})
        assert answer.status_code == 404, place
        assert "Not published yet" not in answer.text
    other = base.replace(str(asking.joint.on.id), str(uuid4()))
    moved = await asking.client.get(f"{other}?key={key}")
    assert moved.status_code == 404
    nothing = await asking.client.get(f"{base}?key=", headers={"accept": "text/html"})
    assert nothing.status_code == 404


def test_a_link_says_what_was_signed() -> None:
    until = settings().clock().replace(microsecond=0) + timedelta(minutes=5)
    written = CardLink("hmt-hr", "hmt", uuid4(), "workday:é", until)
    assert read(signed(written)) == written
    assert read("x" * 1001) is None
    assert read("é") is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://hr.hmt.example",
        "https://hr.hmt.example/",
        "https://HR.hmt.example",
        "https://*.hmt.example",
        "https://hr.hmt.example https://elsewhere.example",
        "https://hr.hmt.example; script-src *",
        "https://user@hr.hmt.example",
        "https://hr",
        "https://-hr.hmt.example",
        "https://hr.hmt.example:0",
        "'self'",
        "https://hr.hmt.example\n",
    ],
)
def test_a_portal_is_one_origin(origin: str) -> None:
    with pytest.raises(rules.BadPortal):
        rules.check_origin(origin)


async def test_there_is_an_end_to_portals(asking: Asking) -> None:
    now = settings().clock()
    for number in range(rules.MOST):
        origin = f"https://hr{number}.hmt.example:8443"
        assert await register("hmt", origin, caller=OPERATOR, now=now)
    assert not await register("hmt", origin, caller=OPERATOR, now=now)
    with pytest.raises(rules.TooManyPortals):
        await register("hmt", PORTAL, caller=OPERATOR, now=now)
    await remove("hmt", origin, caller=OPERATOR, now=now)
    assert len(await portals_of("hmt")) == rules.MOST - 1
    with pytest.raises(rules.NoSuchPortal):
        await remove("hmt", origin, caller=OPERATOR, now=now)


async def test_the_database_takes_no_origin_that_a_header_could_not(
    asking: Asking,
) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="portal_origin_is_one"):
        async with transaction() as connection:
            await connection.execute(
                "INSERT INTO portal VALUES ('hmt', 'https://a; script-src *', now())"
            )


def test_the_command_says_what_it_takes() -> None:
    said = CliRunner().invoke(joinedup, ["portals", "add", "--help"])
    assert said.exit_code == 0
    assert "https://HOST" in said.output
