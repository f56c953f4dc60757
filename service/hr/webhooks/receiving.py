"""What an HR system serves at the address of its webhook, for the OpenAPI document.

The law: what is said here of answers is what `sending` and `proving` do with them.
"""

from typing import Annotated, Final

from litestar import post
from litestar.openapi import ResponseSpec
from litestar.params import Body, HeaderParameter

from service.hr.webhooks.rules import ATTEMPTS
from service.hr.webhooks.schemas import (
    MEDIA_TYPE,
    WebhookChallenge,
    WebhookEvent,
    WebhookProof,
)

Id = Annotated[
    str,
    HeaderParameter(
        name="webhook-id",
        description="The event's `id`, the same on every attempt and in replays.",
    ),
]
Timestamp = Annotated[
    str,
    HeaderParameter(
        name="webhook-timestamp",
        pattern="^[0-9]+$",
        description="When this attempt was made, in seconds since 1970.",
    ),
]
Signature = Annotated[
    str,
    HeaderParameter(
        name="webhook-signature",
        description="By Standard Webhooks 1.0: `v1,` and the Base64 of the HMAC-SHA256,"
        " under the webhook's secret, of `webhook-id`, `webhook-timestamp` and the body"
        " with full stops between; one for each secret that works, spaces between.",
    ),
]
TAGS: Final = ("Webhooks",)


@post(
    "/change",
    operation_id="receiveChange",
    summary="Hear that a feed has moved",
    tags=TAGS,
    status_code=204,
    responses={
        204: ResponseSpec(None, description="It is taken, as by any 2xx."),
        410: ResponseSpec(None, description="Tell this address nothing any more."),
        429: ResponseSpec(
            None, description="Not now, as by 503: `Retry-After` is respected."
        ),
        500: ResponseSpec(
            None,
            description=f"Not taken, as by anything else: it is tried {ATTEMPTS} times"
            " in three days; then the webhook is disabled.",
        ),
    },
)
async def receive_change(
    data: Annotated[WebhookEvent, Body(media_type=MEDIA_TYPE)],
    webhook_id: Id,
    webhook_timestamp: Timestamp,
    webhook_signature: Signature,
) -> None:
    """Check the signature, answer within 15 seconds, then read the feed to its end.

    It names what changed and tells nothing of it. Events come in the order of their
    numbers within an organisation and stream, at least once.
    """


@post(
    "/challenge",
    operation_id="receiveChallenge",
    summary="Show that the address holds the secret",
    tags=TAGS,
    status_code=200,
    responses={
        200: ResponseSpec(WebhookProof, generate_examples=False, description="It does.")
    },
)
async def receive_challenge(
    data: Annotated[WebhookChallenge, Body(media_type=MEDIA_TYPE)],
    webhook_id: Id,
    webhook_timestamp: Timestamp,
    webhook_signature: Signature,
) -> None:
    """Answer with the proof within 10 seconds; it comes when a webhook is verified."""
