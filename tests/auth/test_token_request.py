import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.auth.token_request import FORM, Sent, TokenRefused, TokenRequest, read


def sent(body: bytes, authorization: str = "Basic aWQ6c2VjcmV0") -> Sent:
    return Sent((FORM,), (authorization,), "", body)


def test_a_plain_request_is_read() -> None:
    request = read(sent(b"grant_type=client_credentials&scope=scores:read&empty="))
    assert request == TokenRequest(
        "id", "secret", {"grant_type": "client_credentials", "scope": "scores:read"}
    )


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
        st.sampled_from(["grant_type", "scope", "client_id", "%00", "=", "&", "%ED"])
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
