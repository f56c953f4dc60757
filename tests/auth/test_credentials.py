"""Rotating secrets and keys, and the exceptions of stock clients."""

from datetime import timedelta
from typing import Any

import pytest

from service.auth import actions, client_keys, credentials, queries
from service.auth.actions import NoSuchClient, machine_made_id
from service.auth.credentials import (
    AnotherMethod,
    ClientIsDisabled,
    Leave,
    TooManySecrets,
)
from service.auth.queries import ClientSummary, SecretSummary
from service.auth.rules import ClientUnacceptable, knows_secret
from tests.auth.assertions import EC, JWKS
from tests.auth.conftest import KNOWN, NOW, SOMEBODY, Audited

pytestmark = pytest.mark.usefixtures("db")
LATER = NOW + timedelta(days=30)
TODAY = NOW.date()


def common(audited: Audited, **more: Any) -> dict[str, Any]:
    return {"caller": SOMEBODY, "now": NOW, "record": audited, **more}


async def with_secret(audited: Audited, method: str = "client_secret_post") -> str:
    client_id, _ = await actions.create_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        auth_method=method,
        new_credentials=lambda: (machine_made_id(), "first"),
        **common(audited),
    )
    return client_id


async def signing(audited: Audited) -> str:
    return await actions.create_signing_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        registered=client_keys.registered(jwks=JWKS),
        **common(audited),
    )


async def shown(client_id: str) -> ClientSummary:
    (found,) = await queries.summaries(client_id)
    return found


async def working(client_id: str, *words: str, days: float = 0) -> list[str]:
    client = await queries.client_of(client_id)
    assert client is not None
    now = NOW + timedelta(days=days)
    return [word for word in words if knows_secret(client, word, now)]


async def test_old_secrets_work_until_they_end(audited: Audited) -> None:
    """ "several per client for rotation"."""
    client_id = await with_secret(audited)
    secret = await credentials.rotate_secret(
        client_id, keep_until=LATER, **common(audited)
    )
    assert len(secret) == 43
    assert await working(client_id, "first", secret) == ["first", secret]
    assert await working(client_id, "first", secret, days=30) == [secret]
    summary = await shown(client_id)
    assert sorted(summary.secrets, key=str) == sorted(
        [SecretSummary(NOW, LATER), SecretSummary(NOW, None)], key=str
    )
    assert secret not in str(summary)
    assert audited.entries[-1] == ("operator:tester", "client.rotate-secret")


async def test_a_leaked_secret_ends_at_once(audited: Audited) -> None:
    client_id = await with_secret(audited)
    secret = await credentials.rotate_secret(
        client_id, keep_until=NOW, **common(audited)
    )
    assert await working(client_id, "first", secret) == [secret]


async def test_rotating_never_makes_an_old_secret_live_longer(
    audited: Audited,
) -> None:
    client_id = await with_secret(audited)
    soon = NOW + timedelta(days=1)
    for until in (soon, LATER):
        await credentials.rotate_secret(client_id, keep_until=until, **common(audited))
    assert await working(client_id, "first", days=1) == []


async def test_a_client_has_five_working_secrets_at_most(audited: Audited) -> None:
    client_id = await with_secret(audited)
    for _ in range(4):
        await credentials.rotate_secret(client_id, keep_until=LATER, **common(audited))
    with pytest.raises(TooManySecrets, match="keep none"):
        await credentials.rotate_secret(client_id, keep_until=LATER, **common(audited))
    await credentials.rotate_secret(client_id, keep_until=NOW, **common(audited))
    await credentials.rotate_secret(client_id, keep_until=LATER, **common(audited))
    assert len((await shown(client_id)).secrets) == 2


async def test_secrets_cannot_have_ended_in_the_past(audited: Audited) -> None:
    client_id = await with_secret(audited)
    with pytest.raises(ClientUnacceptable, match="0 days"):
        await credentials.rotate_secret(
            client_id, keep_until=NOW - timedelta(seconds=1), **common(audited)
        )


async def test_an_exception_is_dated_and_audited(audited: Audited) -> None:
    """ "refused, with a dated audited exception per client"."""
    client_id = await signing(audited)
    until = TODAY + timedelta(days=90)
    for leave in Leave:
        await credentials.allow(client_id, leave, until, **common(audited))
    summary = await shown(client_id)
    assert summary.endpoint_audience_until == summary.rs256_until == until
    assert [action for _, action in audited.entries[1:]] == ["client.exception"] * 2
    with pytest.raises(ClientUnacceptable, match="366 days"):
        await credentials.allow(
            client_id, Leave.RS256, TODAY + timedelta(days=367), **common(audited)
        )


async def test_keys_are_replaced_whole(audited: Audited) -> None:
    client_id = await signing(audited)
    assert (await shown(client_id)).key_ids == ["ec", "ed", "rsa"]
    jwk = EC.as_dict(private=False)
    del jwk["kid"]
    await credentials.replace_keys(
        client_id, client_keys.registered(jwks={"keys": [jwk]}), **common(audited)
    )
    assert (await shown(client_id)).key_ids == ["without kid"]
    address = client_keys.registered(uri="https://hr.example/jwks")
    await credentials.replace_keys(client_id, address, **common(audited))
    summary = await shown(client_id)
    assert (summary.key_ids, summary.jwks_uri) == ([], "https://hr.example/jwks")
    assert audited.entries[-1][1] == "client.replace-keys"


async def test_each_change_is_for_clients_of_its_method(audited: Audited) -> None:
    """ "one method per client"."""
    keys = client_keys.registered(jwks=JWKS)
    with pytest.raises(AnotherMethod, match="no secret"):
        await credentials.rotate_secret(
            await signing(audited), keep_until=LATER, **common(audited)
        )
    by_secret = await with_secret(audited)
    with pytest.raises(AnotherMethod, match="no exception"):
        await credentials.allow(by_secret, Leave.RS256, TODAY, **common(audited))
    with pytest.raises(AnotherMethod, match="no keys"):
        await credentials.replace_keys(by_secret, keys, **common(audited))


async def test_nothing_of_a_disabled_or_unknown_client_changes(
    audited: Audited,
) -> None:
    client_id = await with_secret(audited)
    await actions.disable_client(client_id, **common(audited))
    for refusal, which in ((ClientIsDisabled, client_id), (NoSuchClient, "hr-none")):
        with pytest.raises(refusal):
            await credentials.rotate_secret(which, keep_until=LATER, **common(audited))


async def test_a_client_that_signs_is_not_registered_without_keys(
    audited: Audited,
) -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        await with_secret(audited, "private_key_jwt")
    assert "public keys" in caught.value.faults[0].detail
