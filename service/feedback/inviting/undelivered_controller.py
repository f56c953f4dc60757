"""HTTP for mail that came back: declare, delegate, present.

The law: it tells whose address to mend, and never what the mail was about.
"""

from litestar import Controller, get
from litestar.di import NamedDependency

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.db.reach import EVERYONE, within_reach
from service.feedback.inviting.schemas import UndeliveredList, UndeliveredOut
from service.jobs.undelivered import unreached


class UndeliveredController(Controller):
    """Whose mail comes back."""

    path = "/v1/undelivered"
    tags = ("Notices",)

    @get(
        operation_id="listUndelivered",
        summary="List whose mail comes back",
        security=person(Role.HR_ADMINISTRATOR),
    )
    async def all(self, caller: NamedDependency[SignedIn]) -> UndeliveredList:
        """Return your organisation's people whose present address takes no mail."""
        with within_reach(EVERYONE):  # Rows of no organisation, by the query's own.
            found = await unreached(caller.organisation)
        return UndeliveredList(
            items=[
                UndeliveredOut(
                    person=each.person,
                    name=each.name,
                    address=each.address,
                    since=each.since,
                )
                for each in found
            ]
        )
