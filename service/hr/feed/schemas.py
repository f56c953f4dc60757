"""The change feed as HR systems see it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.changes.rules import Op, Stream
from service.directory.schemas import PersonOut
from service.edge.paging import Page
from service.hr.schemas import CollaborationScore
from service.objectives.presenting import ObjectiveOut
from service.records.schemas import RecordOut


class PersonEntry(PersonOut):
    """Somebody an organisation employs, and what its HR system knows them by."""

    title: Annotated[  # type: ignore[assignment]  # In the directory, posted or not.
        str | None, Field(description="Of the main posting; null without one.")
    ]
    source_system: str | None
    external_id: str | None


class FeedItem(BaseModel):
    """One change, told to one organisation.

    Keep the greater version of what you hold; a `delete` is a tombstone.
    """

    model_config = ConfigDict(frozen=True)

    organisation: str
    sequence: Annotated[
        int | None,
        Field(
            description="The organisation's next in this stream, one greater than the"
            " last; null in a full pull."
        ),
    ]
    type: Annotated[
        str,
        Field(
            description="`score`, `record`, `objective` or `person`; or `published`,"
            " which closes the publication of the cycle that `id` names.",
            examples=["score"],
        ),
    ]
    id: UUID
    version: Annotated[int, Field(description="Of what `data` holds.")]
    op: Op
    changed_at: Annotated[
        datetime | None, Field(description="Null in a full pull: as it stands.")
    ]
    data: Annotated[
        CollaborationScore | RecordOut | ObjectiveOut | PersonEntry | None,
        Field(description="As its own resource gives it now; null on a tombstone."),
    ]


class FeedPage(Page[FeedItem]):
    """One page of changes: at its end, `next` or `delta` leads on."""

    reached: Annotated[
        dict[str, int],
        Field(description="The number to which each organisation has been followed."),
    ]


class CopyDigest(BaseModel):
    """What one organisation's copy is, when it is whole."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    sequence: Annotated[int, Field(description="The last number.")]
    count: Annotated[int, Field(description="How many things there are.")]
    sha256: Annotated[
        str,
        Field(
            description="Hex, of `id:version` and a line feed for each, sorted by id."
        ),
    ]


class FeedDigest(BaseModel):
    """What a client's copy must come to once it has followed to these numbers."""

    model_config = ConfigDict(frozen=True)

    stream: Stream
    organisations: list[CopyDigest]
