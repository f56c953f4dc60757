"""Pools, draws, windows and requests as callers send and see them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from service.edge.paging import Page
from service.feedback.filling import Filled
from service.feedback.form.hinting.words import Kind
from service.feedback.form.items import Basis, ContactFrequency
from service.feedback.form.schemas import FormOut
from service.feedback.life import State
from service.feedback.rules import Origin
from service.objectives.schemas import Named

Reason = Annotated[
    str, Field(min_length=1, max_length=1000, description="Plain text; name nobody.")
]
Code = Annotated[str, Field(max_length=60)]
Words = Annotated[str, Field(max_length=4000, description="Plain text.")]


def whole(value: object) -> object:
    """Refuse what would be read as a number and was sent as none: `true`, or "4".

    Litestar overrides pydantic's own `strict`.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("send a whole number")


Number = Annotated[int, BeforeValidator(whole)]


class Sent(BaseModel):
    """What a caller sends: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What a caller sees."""

    model_config = ConfigDict(frozen=True)


class NomineeIn(Sent):
    """A colleague: by organisation and id, or by an e-mail address there."""

    organisation: Annotated[str | None, Field(max_length=40, examples=["dwp"])] = None
    person: Named | None = None
    email: Annotated[
        str | None, Field(min_length=3, max_length=254, examples=["sam@dwp.example"])
    ] = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        by_name = self.organisation is not None and self.person is not None
        half = (self.organisation is None) != (self.person is None)
        if half or by_name == (self.email is not None):
            raise ValueError("give organisation and person, or email")
        return self


class NominationsIn(Sent):
    """Colleagues who worked with the subject, for the pool."""

    people: Annotated[list[NomineeIn], Field(min_length=1, max_length=20)]
    origin: Annotated[
        Literal["subject", "manager"] | None,
        Field(description="For whom an HR system proposes; of a person it is known."),
    ] = None


class ReasonIn(Sent):
    """Why."""

    reason: Reason


class NominationOut(Shown):
    """Somebody in the pool: it looks the same before and after the draw."""

    id: UUID
    origin: Origin
    state: Annotated[
        State,
        Field(
            description="`proposed`, `vetoed` or `objected`: never whether they were"
            " drawn."
        ),
    ]
    person: Annotated[
        UUID | None, Field(description="Null where an address was given.")
    ]
    name: str | None
    email: str | None
    objective: Annotated[UUID | None, Field(description="What they share.")]
    reason: str | None


class PoolOut(Shown):
    """The pool that a record's raters are drawn from."""

    items: list[NominationOut]


class DrawOut(Shown):
    """How a pool stands, for whoever draws: never who is in it, or was drawn."""

    record: UUID
    proposed: Annotated[int, Field(description="How many colleagues are in the pool.")]
    heavily_proposed: Annotated[
        int,
        Field(
            description="How many of them stand in more than eight pools of this"
            " window: they may be asked for more than they can answer."
        ),
    ]
    drawn_at: datetime | None


class ExtensionIn(Sent):
    """When the window closes instead, and when it is released."""

    closes_at: AwareDatetime
    releases_at: Annotated[
        AwareDatetime | None,
        Field(description="Left out: as long after closing as the framework says."),
    ] = None


class WindowOut(Shown):
    """The three instants of a cycle's feedback, in UTC."""

    cycle: UUID
    opens_at: datetime
    closes_at: datetime
    releases_at: datetime


class SubjectOut(Shown):
    """Whom the feedback is about."""

    name: str
    title: str | None
    organisation: str


class SharedOut(Shown):
    """An objective that rater and subject share."""

    id: UUID
    title: str


class RequestListed(Shown):
    """One of the caller's own requests."""

    id: UUID
    subject: SubjectOut
    state: Annotated[State, Field(description="Nobody but you sees it.")]
    unsent: Annotated[
        bool, Field(description="Something was saved that has not been submitted.")
    ]
    opens_at: datetime
    closes_at: datetime
    releases_at: datetime


class RequestPage(Page[RequestListed]):
    """The caller's own requests that can still be acted on."""


class RequestOut(RequestListed):
    """One of the caller's own requests, with all that helps to answer it."""

    confidentiality: Annotated[
        str, Field(description="To be read before the first question.")
    ]
    small_pool: Annotated[
        str | None,
        Field(description="To be read as well, where few could have been drawn."),
    ]
    form: FormOut
    objectives: Annotated[
        list[SharedOut], Field(description="Those the feedback can be tied to.")
    ]


class HintOut(Shown):
    """Words of the draft that may tell the subject who wrote them."""

    pointer: Annotated[str, Field(examples=["#/texts/keep_doing"])]
    start: Annotated[int, Field(description="The first character, from 0.")]
    end: Annotated[int, Field(description="After the last.")]
    kind: Kind
    says: Annotated[str, Field(description="What to tell the rater.")]


class HintsOut(Shown):
    """What to point out before the draft is submitted; nothing is blocked."""

    items: list[HintOut]


class Contact(Sent):
    """How rater and subject worked together."""

    months: Annotated[Number | None, Field(description="Of the year: 0 to 12.")] = None
    frequency: ContactFrequency | None = None


class Response(Sent):
    """A form as far as it is filled in; null is not said yet, but of an answer."""

    answers: Annotated[
        dict[Code, Number | None],
        Field(description="By item; null: not observed."),
    ]
    examples: dict[Code, Words] = {}
    texts: dict[Code, Words] = {}
    contact: Contact = Field(default_factory=Contact)
    basis: Basis | None = None
    objective: UUID | None = None

    @classmethod
    def of(cls, filled: Filled) -> Self:
        """Present a draft to its rater."""
        return cls(
            answers=dict(filled.answers),
            examples=dict(filled.examples),
            texts=dict(filled.texts),
            contact=Contact(months=filled.months, frequency=filled.frequency),
            basis=filled.basis,
            objective=filled.objective,
        )

    def filled(self) -> Filled:
        """Return what the rater says."""
        return Filled(
            answers=self.answers,
            examples=self.examples,
            texts=self.texts,
            months=self.contact.months,
            frequency=self.contact.frequency,
            basis=self.basis,
            objective=self.objective,
        )
