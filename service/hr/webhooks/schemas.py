"""What clients send and see of their webhooks, and what their addresses are told."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.changes.rules import Stream
from service.edge.outbound import LONGEST_URL
from service.edge.paging import Page
from service.hr.webhooks.rules import (
    MOST_REPLAYED,
    Event,
    Subject,
    WebhookReason,
    WebhookState,
)

MEDIA_TYPE: Final = "application/cloudevents+json"


class WebhookIn(BaseModel):
    """Where a client wants to be told, and of what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[
        str,
        Field(
            max_length=LONGEST_URL,
            description="An https address with a public host name, on port 443.",
            examples=["https://hr.example/joined-up"],
        ),
    ]
    streams: Annotated[
        list[Subject],
        Field(
            min_length=1,
            max_length=len(Subject),
            description="What it is to hear of, of all organisations that the client"
            " serves; for each, the token needs the scope to read it.",
        ),
    ]


class WebhookRotationIn(BaseModel):
    """How a webhook's secret is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep_hours: Annotated[
        int,
        Field(ge=0, le=168, description="Hours that those it has go on signing."),
    ] = 24


class ReplayIn(BaseModel):
    """From where a webhook is told again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[str, Field(max_length=40, examples=["hmt"])]
    stream: Stream
    from_sequence: Annotated[
        int, Field(ge=1, le=2**62, description="The first number to be told again.")
    ]


class SigningSecretOut(BaseModel):
    """When one of a webhook's secrets was made and when it ends, never itself."""

    model_config = ConfigDict(frozen=True)

    created_at: datetime
    expires_at: datetime | None


class WebhookOut(BaseModel):
    """An address that is told when the client's feeds move."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    url: str
    streams: list[Subject]
    state: WebhookState
    reason: Annotated[
        WebhookReason | None,
        Field(
            description="Why it is disabled: its address answered 410 (`gone`), or did"
            " not take an event for three days (`not_taken`)."
        ),
    ]
    created_at: datetime
    state_at: Annotated[datetime, Field(description="Since when it is in its state.")]
    secrets: list[SigningSecretOut]


class WebhookPage(Page[WebhookOut]):
    """A client's webhooks: few enough for one page."""


class WebhookMade(WebhookOut):
    """A new webhook. The secret is told here and nowhere else."""

    secret: Annotated[str, Field(examples=["whsec_…"])]


class SecretMade(BaseModel):
    """A webhook's new secret, told here and nowhere else."""

    model_config = ConfigDict(frozen=True)

    secret: Annotated[str, Field(examples=["whsec_…"])]


class ReplayOut(BaseModel):
    """What was queued to be told again."""

    model_config = ConfigDict(frozen=True)

    queued: Annotated[
        int, Field(description=f"Changes; at most {MOST_REPLAYED} a call.")
    ]
    to_sequence: Annotated[
        int | None,
        Field(description="The last of them: go on after it. Null if there is none."),
    ]


class AttemptOut(BaseModel):
    """One attempt to tell an event."""

    model_config = ConfigDict(frozen=True)

    number: int
    at: datetime
    status: Annotated[int | None, Field(description="What the address answered.")]
    error: Annotated[str | None, Field(description="Why it did not answer.")]
    milliseconds: int


class DeliveryOut(BaseModel):
    """An event and what became of it."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[UUID, Field(description="The event's, and its `webhook-id`.")]
    type: str
    organisation: str
    stream: Subject
    sequence: int | None
    entity: UUID
    state: Literal["pending", "delivered", "given_up"]
    changed_at: datetime
    next_attempt_at: Annotated[
        datetime | None,
        Field(description="Null before the first, and once it is over."),
    ]
    attempts: list[AttemptOut]


class DeliveryPage(Page[DeliveryOut]):
    """One page of deliveries, those of the latest changes first."""


class ChangeTold(BaseModel):
    """Which thing changed, and the number to read the feed up to."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    stream: Subject
    sequence: Annotated[
        int | None,
        Field(description="Null for the steps of a cycle: no feed has them."),
    ]
    id: UUID
    version: int
    op: Annotated[
        str,
        Field(
            description="`upsert` or `delete`; of a cycle: `opened`, `closed` (its"
            " feedback window has), `published`."
        ),
    ]


class ChallengeTold(BaseModel):
    """What an address is asked to make its proof of."""

    model_config = ConfigDict(frozen=True)

    challenge: str


class CloudEvent(BaseModel):
    """What every event has around its data: CloudEvents 1.0."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[UUID, Field(description="The same on every attempt and in replays.")]
    source: Annotated[str, Field(description="The service's public base URL.")]
    type: str
    subject: Annotated[str, Field(description="The id of what it is about.")]
    time: Annotated[str, Field(description="When it came about (RFC 3339).")]
    datacontenttype: Literal["application/json"]


class WebhookEvent(CloudEvent):
    """What an address is sent: it names what changed, and tells nothing of it."""

    type: Annotated[str, Field(examples=["joinedup.score.upsert"])]
    data: ChangeTold

    @classmethod
    def of(cls, event: Event, issuer: str) -> Self:
        """Present an event to whom it is told."""
        return cls(
            specversion="1.0",
            id=event.id,
            source=issuer,
            type=type_of(event.type, event.op),
            subject=str(event.entity),
            time=event.at,
            datacontenttype="application/json",
            data=ChangeTold(
                organisation=event.organisation,
                stream=Subject(event.stream),
                sequence=event.sequence or None,
                id=event.entity,
                version=event.version,
                op=event.op,
            ),
        )


class WebhookChallenge(CloudEvent):
    """What an address is sent before it is told anything: it has to give its proof."""

    type: Literal["joinedup.webhook.challenge"]
    data: ChallengeTold

    @classmethod
    def of(
        cls, id_: UUID, webhook: UUID, challenge: str, issuer: str, now: datetime
    ) -> Self:
        """Return the event that asks an address for its proof."""
        return cls(
            specversion="1.0",
            id=id_,
            source=issuer,
            type="joinedup.webhook.challenge",
            subject=str(webhook),
            time=now.isoformat(),
            datacontenttype="application/json",
            data=ChallengeTold(challenge=challenge),
        )


class WebhookProof(BaseModel):
    """What an address answers to a challenge."""

    model_config = ConfigDict(frozen=True)

    proof: Annotated[
        str,
        Field(
            description="SHA-256, in hexadecimal, of `data.challenge`, a full stop and"
            " the webhook's secret."
        ),
    ]


def type_of(type_: str, op: str) -> str:
    """Return the type of an event as it is told."""
    return f"joinedup.{type_}.{op}"
