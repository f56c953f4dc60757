from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.auth.client_assertion import TYPE
from service.auth.rules import AuthMethod
from service.auth.token_request import (
    FORM,
    Credentials,
    Sent,
    TokenRefused,
    TokenRequest,
    read,
)
from tests.auth.assertions import claims, form, signed


def sent(body: bytes, authorization: str = "Basic aWQ6c2VjcmV0") -> Sent:
    return Sent((FORM,), (authorization,), "", body)


def test_a_plain_request_is_read() -> None:
    request = read(sent(b"grant_type=client_credentials&scope=scores:read&empty="))
    assert request == TokenRequest(
        Credentials("id", AuthMethod.CLIENT_SECRET_BASIC, "secret"),
        {"grant_type": "client_credentials", "scope": "scores:read"},
    )


def test_a_secret_in_the_body_is_read() -> None:
    request = read(
        Sent((FORM,), (), "", b"grant_type=x&client_id=id&client_secret=a%20b")
    )
    assert request.credentials == Credentials(
        "id", AuthMethod.CLIENT_SECRET_POST, "a b"
    )


@pytest.mark.parametrize("more", [{}, {"client_id": "hr-1"}])
def test_an_assertion_names_its_client(more: dict[str, str]) -> None:
    """RFC 7521 section 4.2: `client_id` is optional, and must agree."""
    assertion = signed(claims())
    body = urlencode(form(assertion, **more)).encode()
    assert read(Sent((FORM,), (), "", body)).credentials == Credentials(
        "hr-1", AuthMethod.PRIVATE_KEY_JWT, assertion, "ec"
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_id": "hr-2"}, "client_id differs"),
        ({"client_assertion_type": TYPE + "x"}, "another type"),
        ({"client_assertion_type": ""}, "another type"),
        ({"client_assertion": "a.b"}, "not a signed JWT"),
        ({"client_assertion": signed(claims(sub=["hr-1"]))}, "no client id"),
        ({"client_assertion": signed(claims(sub="\ud800"))}, "no client id"),
        ({"client_assertion": signed(claims(sub="x" * 65))}, "no client id"),
    ],
)
def test_an_assertion_that_names_nobody_is_refused(
    changes: dict[str, str], why: str
) -> None:
    body = urlencode({**form(signed(claims())), **changes}).encode()
    outcome = attempt(Sent((FORM,), (), "", body))
    assert isinstance(outcome, TokenRefused)
    assert outcome.error == "invalid_client"
    assert why in outcome.why


def test_the_media_type_may_name_its_charset() -> None:
    spoken = Sent(
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8",),
        ("basic aWQ6c2VjcmV0",),
        "",
        b"grant_type=client_credentials",
    )
    assert read(spoken).client_id == "id"


def test_the_same_client_id_may_be_said_twice() -> None:
    assert read(sent(b"grant_type=x&client_id=id")).client_id == "id"


def test_the_refusal_never_repeats_what_was_sent() -> None:
    with pytest.raises(TokenRefused) as caught:
        read(sent(b"grant_type=x&sesame=1&sesame=2"))
    assert "sesame" not in caught.value.description


@given(
    types=st.lists(st.sampled_from([FORM, "text/plain", ""]) | st.text(), max_size=2),
    authorizations=st.lists(
        st.text(alphabet=st.characters(max_codepoint=255))
        | st.binary().map(lambda raw: "Basic " + raw.hex())
        | st.just("Basic aWQ6c2VjcmV0"),
        max_size=2,
    ),
    query=st.text(max_size=3),
    body=st.binary()
    | st.lists(
        st.sampled_from(
            [
                *("grant_type", "scope", "client_id", "%00", "=", "&", "%ED"),
                *("client_secret", "client_assertion", "client_assertion_type"),
            ]
        )
    ).map(lambda parts: "".join(parts).encode()),
)
@example([FORM], ["Basic aWQ6c2VjcmV0"], "", b"grant_type=x")
def test_whatever_the_bytes_it_is_read_or_refused(
    types: list[str], authorizations: list[str], query: str, body: bytes
) -> None:
    outcome = attempt(Sent(tuple(types), tuple(authorizations), query, body))
    if isinstance(outcome, TokenRefused):
        assert outcome.error in {"invalid_request", "invalid_client", "invalid_scope"}
    else:
        assert outcome.client_id
        assert outcome.parameters["grant_type"]


def attempt(request: Sent) -> TokenRequest | TokenRefused:
    try:
        return read(request)
    except TokenRefused as refused:
        return refused
