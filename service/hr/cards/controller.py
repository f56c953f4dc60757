"""HTTP for portals that show a record's card: declare, delegate, present."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.hr.cards import actions, rules
from service.hr.cards.schemas import CardOut
from service.settings import settings

EMBED: Final = "/embed/records/"
OrganisationCode = Annotated[
    str | None, Parameter(description="Code of one of the caller's organisations.")
]


class CardController(Controller):
    """Links to cards of records."""

    path = "/v1/records/{record:str}/cards"
    tags = ("Records",)

    @post(
        operation_id="createRecordCard",
        summary="Get a link to a record's card",
        security=machine(Scope.RECORDS_READ),
        opt={"refuses": (rules.NoPortal,)},
    )
    async def give(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Machine],
        record: FromPath[
            Annotated[
                str,
                Parameter(description="The record's id, or source:external_record_id."),
            ]
        ],
        organisation: FromQuery[OrganisationCode] = None,
    ) -> CardOut:
        """Return the address of a read-only page to frame, which serves five minutes.

        Only the origins that the organisation registered may frame it.
        """
        key, link = await actions.give(
            record, organisation, caller=caller, now=settings().clock()
        )
        issuer = str(request.app.state.issuer).rstrip("/")
        named = quote(record, safe=":")
        return CardOut(url=f"{issuer}{EMBED}{named}?key={key}", expires_at=link.until)
