"""Pages on which HR administrators look after their HR systems' webhooks."""

from collections.abc import Collection
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import Field

from service.access import client_actions
from service.access.rules import Role
from service.auth.caller import Scope, SignedIn
from service.auth.guard import MissingScope, signed_in
from service.changes.rules import Stream
from service.edge.outbound import LONGEST_URL
from service.errors import Refusal
from service.hr.webhooks import actions, queries
from service.hr.webhooks.acting import Its, of_client, of_webhook
from service.hr.webhooks.rules import Subject
from service.hr.webhooks.schemas import ReplayIn, WebhookIn
from service.hr.webhooks.wording import OVER, REASONS, STATES, SUBJECTS
from service.settings import settings
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/webhooks"
SHOWN: Final = 50
"""Deliveries on a page: the latest."""
SIGNS_ON: Final = 24
"""Hours for which an old secret signs beside a new one."""


class WebhookForm(Form):
    """Where an HR system is to be told, and of what."""

    client: str
    url: Annotated[str, Field(max_length=LONGEST_URL)]
    streams: Annotated[list[Subject], Field(min_length=1)]


class ReplayForm(Form):
    """From where a webhook is told again."""

    stream: Stream
    from_sequence: Annotated[int, Field(ge=1, le=2**62)]


SENTENCES: Final = {
    ("client", "*"): mark("Select which HR system it is for"),
    ("url", "*"): mark("Enter an https address"),
    ("streams", "*"): mark("Select what it is to hear of"),
    ("stream", "*"): mark("Select what it is to be told again"),
    ("from_sequence", "*"): mark("Enter the number to begin with, 1 or more"),
}
FIELDS: Final = {
    "address-refused": "url",
    "webhook-not-subscribed": "stream",
}


class WebhookPages(Controller):
    """Webhooks of one organisation's HR systems."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the webhooks of the organisation's clients."""
        clients = await client_actions.clients_of(caller, settings().clock())
        found = await queries.webhooks_among([each.client_id for each in clients])
        return page(
            request,
            "hr/webhooks.html",
            title=say("Webhooks"),
            listed=[
                (client.name, webhook, say(STATES[webhook.state]))
                for client in clients
                for webhook in found.get(client.client_id, ())
            ],
            clients=bool(clients),
        )

    @get("/new", security=ADMINISTRATOR, **PAGE)
    async def new(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Ask for an address."""
        return await _asked(request, caller, started(), 200)

    @post("/new", security=ADMINISTRATOR, **PAGE)
    async def register(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Take an address down, and show its secret once."""
        filled = await read(request, WebhookForm, SENTENCES)
        if filled.form is not None:
            now = settings().clock()
            machine = await of_client(filled.form.client, caller, now)
            wanted = WebhookIn(url=filled.form.url, streams=filled.form.streams)
            try:
                made = await actions.register(wanted, machine, now, by=caller)
                return _told(request, made.id, made.secret)
            except MissingScope:
                filled = _beyond(filled, wanted.streams, machine.scopes)
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _asked(request, caller, filled, UNPROCESSABLE)

    @get("/{webhook:uuid}", security=ADMINISTRATOR, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[Any]:
        """Show a webhook and what it was told."""
        its = await of_webhook(webhook, caller, settings().clock())
        return await _shown(request, its, started(), 200)

    @post("/{webhook:uuid}/verifications", security=ADMINISTRATOR, **PAGE)
    async def verify(
        self, request: AnyRequest, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[Any]:
        """Challenge the address."""
        now, issuer = settings().clock(), request.app.state.issuer
        its = await of_webhook(webhook, caller, now)
        try:
            await actions.verify(webhook, its.machine, now, issuer=issuer, by=caller)
        except Refusal as refusal:
            return await _refused(request, its, refusal)
        return see_other(f"{HERE}/{webhook}")

    @post("/{webhook:uuid}/secrets", security=ADMINISTRATOR, **PAGE)
    async def rotate(
        self, request: AnyRequest, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[Any]:
        """Give it a new secret, shown once; the old one signs for a day beside it."""
        now = settings().clock()
        its = await of_webhook(webhook, caller, now)
        try:
            made = await actions.rotate(webhook, SIGNS_ON, its.machine, now, by=caller)
        except Refusal as refusal:
            return await _refused(request, its, refusal)
        return _told(request, webhook, made)

    @post("/{webhook:uuid}/replay", security=ADMINISTRATOR, **PAGE)
    async def replay(
        self, request: AnyRequest, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[Any]:
        """Queue changes again."""
        now = settings().clock()
        its = await of_webhook(webhook, caller, now)
        filled = await read(request, ReplayForm, SENTENCES)
        if filled.form is not None:
            wanted = ReplayIn(
                organisation=caller.organisation, **filled.form.model_dump()
            )
            try:
                await actions.replay(webhook, wanted, its.machine, now, by=caller)
                return see_other(f"{HERE}/{webhook}")
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _shown(request, its, filled, UNPROCESSABLE)

    @get("/{webhook:uuid}/delete", security=ADMINISTRATOR, **PAGE)
    async def ask_to_delete(
        self, request: AnyRequest, caller: Caller, webhook: FromPath[UUID]
    ) -> Response[Any]:
        """Ask whether a webhook is to be forgotten."""
        its = await of_webhook(webhook, caller, settings().clock())
        return page(
            request,
            "hr/confirm.html",
            title=say("Delete this webhook"),
            back=f"{HERE}/{webhook}",
            says=[
                its.webhook.url,
                say("Its address is told nothing any more, and its log is deleted."),
            ],
            button=say("Delete"),
        )

    @post("/{webhook:uuid}/delete", security=ADMINISTRATOR, **PAGE)
    async def delete(self, caller: Caller, webhook: FromPath[UUID]) -> Response[Any]:
        """Forget a webhook."""
        now = settings().clock()
        its = await of_webhook(webhook, caller, now)
        await actions.remove(webhook, its.machine, now, by=caller)
        return see_other(HERE)


def _beyond(
    filled: Filled[Any], wanted: Collection[Subject], held: Collection[Scope]
) -> Filled[Any]:
    """Return it with what the HR system may not read, as the form calls that."""
    names = ", ".join(say(SUBJECTS[each]) for each in wanted if each.scope not in held)
    said = say("Leave out what this HR system may not read: %(names)s", names=names)
    return Filled(filled.values, {**filled.errors, "streams": said})


async def _asked(
    request: AnyRequest, caller: SignedIn, filled: Filled[Any], status: int
) -> Response[str]:
    clients = await client_actions.clients_of(caller, settings().clock())
    return page(
        request,
        "hr/webhook_new.html",
        title=say("Add a webhook"),
        status=status,
        filled=filled,
        clients=[
            {"value": each.client_id, "text": each.name}
            for each in clients
            if each.disabled_at is None and Scope.WEBHOOKS_WRITE in each.scopes
        ],
        subjects=[{"value": s, "text": say(name)} for s, name in SUBJECTS.items()],
    )


async def _refused(request: AnyRequest, its: Its, refusal: Refusal) -> Response[str]:
    filled: Filled[Any] = Filled()
    return await _shown(request, its, filled.refused(refusal), UNPROCESSABLE)


async def _shown(
    request: AnyRequest, its: Its, filled: Filled[Any], status: int
) -> Response[str]:
    webhook = its.webhook
    found = await queries.deliveries_of(
        webhook.id, its.machine.organisations, after=None, limit=SHOWN
    )
    return page(
        request,
        "hr/webhook.html",
        title=say("Webhook of %(name)s", name=its.client.name),
        status=status,
        filled=filled,
        webhook=webhook,
        state=say(STATES[webhook.state]),
        reason=say(REASONS[webhook.reason]) if webhook.reason else None,
        active=webhook.state == "active",
        hears=[say(SUBJECTS[each]) for each in webhook.streams],
        replayable=[
            {"value": stream, "text": say(SUBJECTS[Subject(stream.value)])}
            for stream in Stream
            if stream.value in webhook.streams
        ],
        deliveries=[(each, say(OVER[each.state])) for each in found],
    )


def _told(request: AnyRequest, webhook: UUID, secret: str) -> Response[str]:
    """Show what the receiver is set up with; it is shown nowhere else."""
    return page(
        request,
        "hr/secret.html",
        title=say("Set up the receiver with this"),
        back=f"{HERE}/{webhook}",
        told=[(say("Signing secret"), secret)],
        secret=True,
    )
