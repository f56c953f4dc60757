"""Pages of records: one's own, one of them whole, and one's people. They only declare.

The law: a page shows of a record what the API shows the same person.
"""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.hr import wording
from service.hr.attachment import actions
from service.hr.attachment.listing import own_records, reports
from service.objectives import wording as objectives
from service.objectives.drawing import called
from service.settings import settings
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

Caller = NamedDependency[SignedIn]


class RecordPages(Controller):
    """Appraisal records, for whom they are about and those who answer for them."""

    path = "/"

    @get("/records", security=signed_in(), **PAGE)
    async def mine(self, request: AnyRequest, caller: Caller) -> Response[str]:
        """List the person's own records, the newest year first."""
        found = await own_records(caller, settings().clock().date())
        return page(
            request,
            "records/mine.html",
            title=say("Your appraisal records"),
            records=found,
            standing=wording.standing,
        )

    @get("/people", security=signed_in(), **PAGE)
    async def people(self, request: AnyRequest, caller: Caller) -> Response[str]:
        """List whom the person answers for, with their records of this year."""
        found = await reports(caller, settings().clock().date())
        return page(
            request,
            "people/mine.html",
            title=say("Your people"),
            people=found,
            standing=wording.standing,
        )

    @get("/records/{record:uuid}", security=signed_in(), **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Show one record with all that is attached to it."""
        now = settings().clock()
        issuer: str = request.app.state.issuer
        found, about = await actions.read_page(
            record, caller=caller, issuer=issuer, now=now
        )
        own = caller.id == found.person
        return page(
            request,
            "records/one.html",
            title=say("Your record, %(years)s", years=about.years)
            if own
            else say("%(name)s, %(years)s", name=about.name, years=about.years),
            record=found,
            about=about,
            own=own,
            manages=caller.id == about.manager,
            now=now,
            score=wording.in_words(found.score),
            words=wording,
            terms=objectives,
            called=called,
        )
