"""Registering, listing and disabling clients."""

import pytest

from service.auth import actions, keys
from service.auth.actions import NoSuchClient
from service.auth.queries import SecretSummary
from service.auth.rules import ClientUnacceptable, digest
from service.auth.tables import OAuthClient, OAuthClientSecret
from tests.auth.conftest import KNOWN, NOW, SOMEBODY, Audited

pytestmark = pytest.mark.usefixtures("db")


async def create(audited: Audited, name: str = "Oracle at Defra") -> tuple[str, str]:
    return await actions.create_client(
        ["DEFRA", "HMT", "DEFRA"],
        ["scores:read", "cycles:read", "scores:read"],
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=audited,
        name=name,
    )


async def test_a_secret_is_256_bits_and_only_its_digest_is_stored(
    audited: Audited,
) -> None:
    client_id, secret = await create(audited)
    assert len(secret) == 43
    rows = await OAuthClientSecret.select().where(OAuthClientSecret.client == client_id)
    assert [row["digest"] for row in rows] == [digest(secret)]
    everything = str([rows, await OAuthClient.select()])
    assert secret not in everything
    assert audited.entries == [("operator:tester", "client.create")]


async def test_no_two_clients_are_alike(audited: Audited) -> None:
    made = [await create(audited) for _ in range(3)]
    assert len({part for pair in made for part in pair}) == 6


async def test_a_client_is_listed_and_shown_without_its_secret(
    audited: Audited,
) -> None:
    client_id, secret = await create(audited)
    listed = await actions.list_clients(caller=SOMEBODY, now=NOW, record=audited)
    shown = await actions.show(client_id, caller=SOMEBODY, now=NOW, record=audited)
    assert shown in listed
    assert secret not in str(shown)
    assert (shown.organisations, shown.scopes) == (
        ["DEFRA", "HMT"],
        ["cycles:read", "scores:read"],
    )
    assert shown.secrets == [SecretSummary(NOW, None)]
    assert (shown.disabled_at, shown.last_token_at) == (None, None)
    assert [action for _, action in audited.entries[1:]] == [
        "client.list",
        "client.show",
    ]


async def test_disabling_twice_is_as_good_as_once(audited: Audited) -> None:
    client_id, _ = await create(audited)
    for _ in range(2):
        await actions.disable_client(
            client_id, caller=SOMEBODY, now=NOW, record=audited
        )
    shown = await actions.show(client_id, caller=SOMEBODY, now=NOW, record=audited)
    assert shown.disabled_at == NOW
    assert [action for _, action in audited.entries].count("client.disable") == 1


async def test_an_unknown_client_is_refused(audited: Audited) -> None:
    for attempt in (actions.show, actions.disable_client):
        with pytest.raises(NoSuchClient, match="clients list"):
            await attempt("hr-none", caller=SOMEBODY, now=NOW, record=audited)
    assert audited.entries == []


@pytest.mark.parametrize(
    ("organisations", "scopes", "name", "says"),
    [
        (["DEFRA", "NASA"], ["scores:read"], "x", "'NASA'; known: DEFRA, HMT, MOD"),
        ([], ["scores:read"], "x", "at least one organisation of: DEFRA"),
        (["DEFRA"], ["scores:write"], "x", "'scores:write'; known: changes:read"),
        (["DEFRA"], [], "x", "at least one scope"),
        (["DEFRA"], ["scores:read"], " ", "printable"),
        (["DEFRA"], ["scores:read"], "a\nb", "printable"),
        (["DEFRA"], ["scores:read"], "x" * 201, "printable"),
    ],
)
async def test_a_bad_registration_names_the_choices(
    audited: Audited,
    organisations: list[str],
    scopes: list[str],
    name: str,
    says: str,
) -> None:
    before = await OAuthClient.count()
    with pytest.raises(ClientUnacceptable) as caught:
        await actions.create_client(
            organisations,
            scopes,
            known=KNOWN,
            caller=SOMEBODY,
            now=NOW,
            record=audited,
            name=name,
        )
    (fault,) = caught.value.faults
    assert says in fault.detail
    assert await OAuthClient.count() == before
    assert audited.entries == []


async def test_changing_the_keys_is_audited(audited: Audited) -> None:
    await keys.ensure_keys(NOW)
    for discard in (True, False):
        after = await actions.rotate_keys(
            caller=SOMEBODY, now=NOW, record=audited, discard=discard
        )
        assert after == await keys.statuses()
    assert [action for _, action in audited.entries] == ["keys.discard", "keys.rotate"]
