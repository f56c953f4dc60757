from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from joserfc.jwk import ECKey

from service.auth import tokens
from service.auth.caller import Scope
from service.auth.rules import (
    Client,
    ClientUnacceptable,
    Secret,
    check_registration,
    digest,
    knows_secret,
    scopes_for,
)
from tests.auth.conftest import NOW

CLIENT = Client(
    id="hr-1",
    auth_method="client_secret_basic",
    scopes=frozenset({"scores:read", "cycles:read"}),
    organisations=frozenset({"DEFRA"}),
    secrets=(),
    disabled=False,
)


@pytest.mark.parametrize(
    ("known", "auth_method", "says"),
    [
        ({"DEFRA"}, "none", "Unknown auth 'none'; known: client_secret_basic"),
        ((), "client_secret_basic", "known: none yet: import organisations first"),
    ],
)
def test_every_fault_says_how_to_mend_it(
    known: Collection[str], auth_method: str, says: str
) -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        check_registration(
            ["DEFRA"], ["scores:read"], name="x", auth_method=auth_method, known=known
        )
    assert says in caught.value.faults[0].detail


def test_a_token_longer_than_is_read_cannot_come_to_be() -> None:
    codes = [f"{n:040}" for n in range(101)]
    registration = partial(
        check_registration,
        scopes=[*Scope],
        name="x",
        auth_method="client_secret_basic",
        known=codes,
    )
    registration(codes[:100])
    with pytest.raises(ClientUnacceptable) as caught:
        registration(codes)
    assert "At most 100" in caught.value.faults[0].detail
    claims = tokens.claims_of(
        issuer="https://" + "x" * 200,
        client_id="x" * 64,
        organisations=frozenset(codes[:100]),
        scopes=[*Scope],
        jti="x" * 64,
        now=NOW,
        seconds=600,
    )
    token = tokens.sign(claims, ECKey.generate_key("P-256"))
    assert len(token) < tokens.LONGEST


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, ["cycles:read", "scores:read"]),
        ("scores:read", ["scores:read"]),
        ("scores:read cycles:read scores:read", ["cycles:read", "scores:read"]),
        ("scores:read people:read", None),
        ("people:read", None),
        ("", None),
        ("SCORES:READ", None),
    ],
)
def test_every_scope_asked_for_is_granted_or_none_is(
    asked: str | None, granted: list[str] | None
) -> None:
    assert scopes_for(CLIENT, asked) == granted


def test_a_secret_is_known_until_the_instant_it_expires() -> None:
    client = replace(
        CLIENT, secrets=(Secret(digest("one"), None), Secret(digest("two"), NOW))
    )
    assert knows_secret(client, "one", NOW)
    assert knows_secret(client, "two", NOW - timedelta(microseconds=1))
    assert not knows_secret(client, "two", NOW)
    assert not knows_secret(client, "three", NOW - timedelta(days=1))
    assert not knows_secret(CLIENT, "one", NOW)
