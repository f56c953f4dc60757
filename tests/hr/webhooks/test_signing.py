"""What signs an event, checked by the package that receivers use."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from service.auth.keys import WrongSecretKey
from service.hr.webhooks.signing import headers, new_secret, proof, seal, unseal
from tests.hr.webhooks.receiver import at_the_time

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
BODY = '{"type": "joinedup.score.upsert", "naïve": "£"}'.encode()


def test_each_of_several_secrets_verifies_and_no_other() -> None:
    first, second = new_secret(), new_secret()
    signed = headers(uuid4(), BODY, [second, first], NOW)
    with at_the_time(NOW):
        for secret in (first, second):
            assert Webhook(secret).verify(BODY, signed)["naïve"] == "£"
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(BODY, signed)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_what_was_altered_does_not_verify(name: str) -> None:
    secret = new_secret()
    signed = headers(uuid4(), BODY, [secret], NOW)
    with at_the_time(NOW):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY + b" ", signed)
        last = "6" if signed[name].endswith("5") else "5"
        altered = {**signed, name: signed[name][:-1] + last}
        assert altered != signed
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, altered)


def test_a_proof_is_no_signature() -> None:
    """Or whoever may challenge a receiver could have it sign events of theirs."""
    secret, id_ = new_secret(), uuid4()
    challenge = f"{id_}.{int(NOW.timestamp())}.{{}}"
    forged = {
        "webhook-id": str(id_),
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1,{proof(challenge, secret)}",
    }
    with at_the_time(NOW), pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", forged)


def test_a_sealed_secret_opens_only_as_what_it_is() -> None:
    id_, secret = uuid4(), new_secret()
    sealed = seal(secret, id_)
    assert unseal(sealed, id_) == secret
    for wrong, of in (
        (sealed, uuid4()),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), id_),
        (b"", id_),
    ):
        with pytest.raises(WrongSecretKey):
            unseal(wrong, of)
