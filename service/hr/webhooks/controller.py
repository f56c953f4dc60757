"""HTTP for a client's webhooks: declare, delegate, present."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import MissingScope, machine
from service.edge.conditional import unless_known
from service.edge.idempotency import BY_NATURE, UNKEPT, AnswerNotKept
from service.edge.outbound import AddressRefused
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    Bound,
    link,
)
from service.edge.receiving import RECEIVERS
from service.edge.resuming import onwards, position_of
from service.hr.webhooks import actions, queries
from service.hr.webhooks.receiving import receive_challenge, receive_change
from service.hr.webhooks.rules import (
    ChallengeTooSoon,
    NotActive,
    NotItsSubject,
    NotProven,
    TooManySigningSecrets,
    TooManyWebhooks,
)
from service.hr.webhooks.schemas import (
    DeliveryOut,
    DeliveryPage,
    ReplayIn,
    ReplayOut,
    SecretMade,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPage,
    WebhookRotationIn,
)
from service.settings import settings

Caller = NamedDependency[Machine]
Asked = Request[Any, Any, Any]
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT, description="Page size.")]
Cursor = Annotated[
    str | None, Parameter(description="From a page's `next`; opaque.", max_length=4096)
]
WRITE: Final = machine(Scope.WEBHOOKS_WRITE)
PLACE: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How the outbox writes when a change was."""


class WebhookController(Controller):
    """Addresses of the client's that are told when its feeds move."""

    path = "/v1/webhooks"
    tags = ("Webhooks",)

    @get(
        operation_id="listWebhooks",
        summary="List webhooks",
        security=WRITE,
        responses={
            200: ResponseSpec(
                WebhookPage, generate_examples=False, description="All of them."
            )
        },
    )
    async def all(self, request: Asked, caller: Caller) -> Response[bytes]:
        """Return the client's webhooks, oldest first; there is one page."""
        page = WebhookPage(items=await queries.webhooks_of(caller))
        return unless_known(request, page.model_dump_json().encode())

    @post(
        operation_id="createWebhook",
        summary="Register a webhook",
        security=WRITE,
        opt={
            UNKEPT: True,
            RECEIVERS: (receive_change, receive_challenge),
            "refuses": (AddressRefused, MissingScope, TooManyWebhooks, AnswerNotKept),
        },
        responses={
            201: ResponseSpec(
                WebhookMade,
                generate_examples=False,
                description="It is registered; its secret is told only here.",
            )
        },
    )
    async def create(
        self, caller: Caller, data: JSONBody[WebhookIn]
    ) -> Response[WebhookMade]:
        """Take down an address; set it up with the secret, then verify it.

        Sent again under the same Idempotency-Key, it registers no other; but as the
        secret is not told twice, it is answered 409 with the webhook's Location.
        """
        made = await actions.register(data, caller, settings().clock())
        where = {"Location": f"/v1/webhooks/{made.id}"}
        return Response(made, status_code=201, headers=where)

    @get(
        "/{webhook:uuid}",
        operation_id="getWebhook",
        summary="Get a webhook",
        security=WRITE,
        responses={
            200: ResponseSpec(
                WebhookOut, generate_examples=False, description="The webhook."
            )
        },
    )
    async def one(
        self, request: Asked, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[bytes]:
        """Return one of the client's webhooks; never a secret."""
        found = await queries.webhook_of(webhook, caller)
        return unless_known(request, found.model_dump_json().encode())

    @delete(
        "/{webhook:uuid}",
        operation_id="deleteWebhook",
        summary="Delete a webhook",
        security=WRITE,
    )
    async def remove(self, caller: Caller, webhook: FromPath[UUID]) -> None:
        """Tell its address nothing any more, and forget it with its log."""
        await actions.remove(webhook, caller, settings().clock())

    @post(
        "/{webhook:uuid}/verifications",
        operation_id="verifyWebhook",
        summary="Verify a webhook",
        security=WRITE,
        status_code=200,
        opt={
            BY_NATURE: True,
            "refuses": (AddressRefused, ChallengeTooSoon, NotProven),
        },
    )
    async def verify(
        self, request: Asked, caller: Caller, webhook: FromPath[UUID]
    ) -> WebhookOut:
        """Challenge the address; once it has answered, it is told what changes.

        It is sent the event `joinedup.webhook.challenge` and answers 200 with
        `{"proof": "…"}`: in hexadecimal, the SHA-256 of `data.challenge`, a full stop
        and the secret. A disabled webhook is active again; replay what it missed.
        """
        return await actions.verify(
            webhook, caller, settings().clock(), issuer=request.app.state.issuer
        )

    @post(
        "/{webhook:uuid}/secrets",
        operation_id="rotateWebhookSecret",
        summary="Give a webhook a new secret",
        security=WRITE,
        opt={UNKEPT: True, "refuses": (TooManySigningSecrets, AnswerNotKept)},
        responses={
            201: ResponseSpec(
                SecretMade,
                generate_examples=False,
                description="The new secret, told only here.",
            )
        },
    )
    async def rotate(
        self, caller: Caller, webhook: FromPath[UUID], data: JSONBody[WebhookRotationIn]
    ) -> Response[SecretMade]:
        """Make a new secret; those it has sign beside it for as long as you say."""
        now = settings().clock()
        secret = await actions.rotate(webhook, data.keep_hours, caller, now)
        where = {"Location": f"/v1/webhooks/{webhook}"}
        return Response(SecretMade(secret=secret), status_code=201, headers=where)

    @post(
        "/{webhook:uuid}/replay",
        operation_id="replayWebhook",
        summary="Tell a webhook again",
        security=WRITE,
        status_code=202,
        opt={"refuses": (MissingScope, NotActive, NotItsSubject)},
    )
    async def replay(
        self, caller: Caller, webhook: FromPath[UUID], data: JSONBody[ReplayIn]
    ) -> ReplayOut:
        """Queue the changes of a feed from one number on, each under its old id."""
        return await actions.replay(webhook, data, caller, settings().clock())

    @get(
        "/{webhook:uuid}/deliveries",
        operation_id="listWebhookDeliveries",
        summary="List a webhook's deliveries",
        security=WRITE,
        responses={
            200: ResponseSpec(
                DeliveryPage, generate_examples=False, description="One page of them."
            )
        },
    )
    async def deliveries(
        self,
        request: Asked,
        caller: Caller,
        webhook: FromPath[UUID],
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return what it was told in the last month, latest changes first."""
        await queries.webhook_of(webhook, caller)
        bound = Bound(
            client=caller.client_id,
            organisations=caller.organisations,
            stream="webhook-deliveries",
            filter={"webhook": str(webhook)},
        )
        found = await queries.deliveries_of(
            webhook,
            caller.organisations,
            after=_place(position_of(request, cursor, bound)),
            limit=limit + 1,
        )
        shown, following = found[:limit], None
        if len(found) > limit:
            following = onwards(request, _position(shown[-1]), bound)
        page = DeliveryPage(items=shown, next=following)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )


def _position(last: DeliveryOut) -> dict[str, str]:
    return {"at": last.changed_at.strftime(PLACE), "id": str(last.id)}


def _place(position: dict[str, str] | None) -> tuple[str, UUID] | None:
    if position is None:
        return None
    return position["at"], UUID(position["id"])
