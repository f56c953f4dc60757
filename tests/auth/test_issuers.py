"""What an issuer may be registered for, and what is then known of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.auth import issuer_actions, issuers
from service.auth.issuer_actions import (
    IssuerExists,
    NoSuchIssuer,
    discovered,
    list_issuers,
    remove,
)
from service.auth.issuers import (
    ExternalIssuer,
    Issuers,
    IssuerUnacceptable,
    all_registered,
    check,
)
from service.edge.outbound import AddressRefused
from tests.auth.an_issuer import AUDIENCE, URL, AnIssuer
from tests.auth.conftest import NOW, SOMEBODY, Audited, Clock
from tests.factories import an_organisation

WANTED = ExternalIssuer(
    organisation="hmt",
    issuer=URL,
    audience=AUDIENCE,
    jwks_uri=f"{URL}/keys",
    algorithms=("RS256", "ES256"),
    scopes=(("scores.read", "scores:read"), ("a=b", "cycles:read")),
    claims=(("tid", "8a1f=="), ("ver", "2.0")),
    person_claim="employee",
    person_source="workday",
    clients=("hr-portal",),
)
KNOWN = frozenset({"hmt", "defra"})


@pytest.fixture
async def organisations(db: None) -> None:
    await an_organisation("hmt")
    await an_organisation("defra")


async def add(wanted: ExternalIssuer = WANTED, audited: Audited | None = None) -> UUID:
    return await issuer_actions.add(
        wanted,
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=audited or Audited(),
        fetch=AnIssuer().fetch,
    )


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "organisation unknown": ({"organisation": "mod"}, "organisation"),
    "audience empty": ({"audience": ""}, "audience"),
    "audience with a blank": ({"audience": "a b"}, "audience"),
    "audience too long": ({"audience": "x" * 201}, "audience"),
    "no algorithm": ({"algorithms": ()}, "algorithm"),
    "algorithm none": ({"algorithms": ("none",)}, "algorithm"),
    "algorithm HS256": ({"algorithms": ("RS256", "HS256")}, "algorithm"),
    "scope of ours unknown": ({"scopes": (("a", "scores:write"),)}, "map"),
    "scope of theirs empty": ({"scopes": (("", "scores:read"),)}, "map"),
    "scope of theirs with a blank": ({"scopes": (("a b", "scores:read"),)}, "map"),
    "claim with an equals sign": ({"claims": (("a=b", "c"),)}, "claim-equals"),
    "claim's value empty": ({"claims": (("tid", ""),)}, "claim-equals"),
    "client with a blank": ({"clients": ("a b",)}, "client"),
    "person claim empty": ({"person_claim": ""}, "person-claim"),
    "person source outside ASCII": ({"person_source": "é"}, "person-source"),
}


@pytest.mark.parametrize(("change", "parameter"), FAULTS.values(), ids=FAULTS.keys())
def test_what_cannot_be_registered_is_named(
    change: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(IssuerUnacceptable) as refused:
        check(replace(WANTED, **change), KNOWN)
    assert [fault.parameter for fault in refused.value.faults] == [parameter]


def test_a_person_claim_needs_its_source_and_a_source_its_claim() -> None:
    for change in ({"person_claim": None}, {"person_source": None}):
        changed: dict[str, Any] = {**change}
        with pytest.raises(IssuerUnacceptable):
            check(replace(WANTED, **changed), KNOWN)
    check(replace(WANTED, person_claim=None, person_source=None), KNOWN)


def test_an_issuer_that_could_grant_nothing_is_refused() -> None:
    check(replace(WANTED, scopes=()), KNOWN)
    with pytest.raises(IssuerUnacceptable):
        check(replace(WANTED, scopes=(), person_claim=None, person_source=None), KNOWN)


def test_without_any_organisation_none_is_known() -> None:
    with pytest.raises(IssuerUnacceptable) as refused:
        check(WANTED, frozenset())
    assert refused.value.faults[0].detail == "Unknown 'hmt'; known: none."


async def test_what_is_registered_is_what_is_then_known(organisations: None) -> None:
    audited = Audited()
    made = await add(audited=audited)
    (found,) = await all_registered()
    assert (found.id, found.created_at, found.issuer) == (made, NOW, WANTED)
    (listed,) = await list_issuers(caller=SOMEBODY, now=NOW, record=audited)
    assert listed == found
    await remove(made, caller=SOMEBODY, now=NOW, record=audited)
    assert await all_registered() == []
    actions = [action for _, action in audited.entries]
    assert actions == ["issuer.add", "issuer.list", "issuer.remove"]


async def test_an_issuer_is_registered_once_for_an_audience(
    organisations: None,
) -> None:
    await add()
    with pytest.raises(IssuerExists):
        await add(replace(WANTED, organisation="defra"))
    await add(replace(WANTED, organisation="defra", audience="api://defra"))


async def test_what_is_not_registered_cannot_be_removed(db: None) -> None:
    with pytest.raises(NoSuchIssuer):
        await remove(uuid4(), caller=SOMEBODY, now=NOW, record=Audited())


@pytest.mark.parametrize("field", ["issuer", "jwks_uri"])
async def test_an_address_that_may_not_be_fetched_is_refused(
    organisations: None, field: str
) -> None:
    changed: dict[str, Any] = {field: "http://127.0.0.1/"}
    with pytest.raises(AddressRefused):
        await add(replace(WANTED, **changed))


async def test_a_key_set_without_a_usable_key_is_refused_at_once(
    organisations: None,
) -> None:
    async def empty(_: str) -> bytes:
        return b'{"keys": []}'

    with pytest.raises(IssuerUnacceptable, match="no key"):
        await issuer_actions.add(
            WANTED,
            known=KNOWN,
            caller=SOMEBODY,
            now=NOW,
            record=Audited(),
            fetch=empty,
        )


def publishing(body: str) -> Callable[[str], Any]:
    async def fetch(url: str) -> bytes:
        assert url == f"{URL}/.well-known/openid-configuration"
        return body.encode()

    return fetch


async def test_of_the_metadata_only_the_address_of_the_keys_is_taken() -> None:
    """oauth.md: "algorithms pinned in our configuration, never … from discovery"."""
    body = f'{{"issuer": "{URL}", "jwks_uri": "https://k.example/", "alg": "none"}}'
    assert await discovered(URL, publishing(body)) == "https://k.example/"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "[" * 100_000,
        "{}",
        '{"issuer": "https://evil.example", "jwks_uri": "https://k.example/"}',
        f'{{"issuer": "{URL}/", "jwks_uri": "https://k.example/"}}',
        f'{{"issuer": "{URL}"}}',
        f'{{"issuer": "{URL}", "jwks_uri": ["https://k.example/"]}}',
    ],
)
async def test_metadata_that_is_not_the_issuers_is_refused(body: str) -> None:
    """oauth.md: "metadata `issuer` equals the configured one"."""
    with pytest.raises(IssuerUnacceptable):
        await discovered(URL, publishing(body))


async def test_every_process_knows_of_a_change_within_ten_seconds(
    organisations: None,
) -> None:
    clock = Clock()
    here, there = Issuers(clock), Issuers(clock)
    assert await here.current() == await there.current() == frozenset()
    made = await add()
    clock.seconds = 9.9
    assert await here.current() == frozenset()
    clock.seconds = 10.0
    assert await here.current() == await there.current() == {WANTED}
    await remove(made, caller=SOMEBODY, now=NOW, record=Audited())
    clock.seconds = 20.0
    assert await there.current() == frozenset()


async def test_a_reading_that_failed_is_tried_again(
    organisations: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Issuers(Clock())
    await add()

    async def down() -> list[issuers.Registered]:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(issuers, "all_registered", down)
        with pytest.raises(ConnectionError):
            await here.current()
    assert await here.current() == {WANTED}
