"""Pages of the journey: who else takes part, and with what share. They only declare."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.access import finding
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.agreement.actions import named_part
from service.objectives.content import Content, Contributed
from service.objectives.drawing import opened, sent
from service.objectives.journey import asking, drawing, sharing
from service.objectives.journey.asking import PartnerForm, SavedForm
from service.objectives.journey.finding import MOST_FOUND, found_by, settable
from service.objectives.journey.restating import owners_named, with_partner, without
from service.objectives.journey.saving import onwards, save, save_shares
from service.objectives.offering import Kind
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole, whole
from service.objectives.rules import BadShares, NotYours
from service.settings import settings
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]
To = FromQuery[str | None]
Text = FromQuery[str | None]
SHARES_INVALID: Final = BadShares.slug


class PartnerPages(Controller):
    """Find partners, say what they contribute, share it out."""

    path = "/objectives/{objective:uuid}"

    @get("/partners", security=signed_in(), **PAGE)
    async def partners(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show who takes part, with what leads to others."""
        it = await opened(objective, Kind.CHANGE, caller)
        return sharing.partners(request, it)

    @get("/partners/find", security=signed_in(), **PAGE)
    async def find(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        q: Text = None,
    ) -> Response[str]:
        """Search other departments' people, by what they work on as well."""
        fact = await settable(objective, caller)
        filled, found, more = await found_by(q, caller)
        return sharing.found(
            request, fact, filled, found, most=MOST_FOUND if more else 0
        )

    @get("/partners/new", security=signed_in(), **PAGE)
    async def asking_partner(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        person: FromQuery[UUID],
        organisation: FromQuery[str],
    ) -> Response[str]:
        """Ask what somebody who was found will contribute."""
        fact = await settable(objective, caller)
        found = await finding.one(
            str(person), caller, organisation=organisation, now=settings().clock()
        )
        return sharing.partner(request, fact, found, None)

    @post("/partners/new", security=signed_in(), **PAGE)
    async def add_partner(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        person: FromQuery[UUID],
        organisation: FromQuery[str],
    ) -> Response[str]:
        """Add them; their share comes off the lead's."""
        it = await opened(objective, Kind.CHANGE, caller)
        found = await finding.one(
            str(person), caller, organisation=organisation, now=settings().clock()
        )
        filled = await sent(
            request,
            PartnerForm,
            asking.PARTNER,
            lambda form: save(
                it,
                form,
                with_partner(
                    it.fact,
                    Contributed(
                        found.organisation,
                        found.person,
                        form.role,
                        form.share,
                        form.commitment,
                    ),
                ),
                caller,
            ),
            {SHARES_INVALID: "share"},
        )
        if filled is None:
            return onwards(it, "partners", None)
        fact = await settable(objective, caller)
        return sharing.partner(request, fact, found, filled)

    @get("/partners/{contribution:uuid}/removal", security=signed_in(), **PAGE)
    async def removing(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Ask whether somebody is to be taken off."""
        it = await opened(objective, Kind.CHANGE, caller)
        return sharing.removal(request, it, _partner(it, contribution), None)

    @post("/partners/{contribution:uuid}/removal", security=signed_in(), **PAGE)
    async def remove(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Take them off; their share goes back to the lead."""
        it = await opened(objective, Kind.CHANGE, caller)
        part = _partner(it, contribution)
        filled = await sent(
            request,
            SavedForm,
            asking.REMOVAL,
            lambda form: save(
                it, form, without(it.fact, part.person, part.organisation), caller
            ),
        )
        if filled is None:
            return onwards(it, "partners", None)
        it = await whole(objective, caller, settings().clock())
        return sharing.removal(request, it, _partner(it, contribution), filled)

    @get("/shares", security=signed_in(), **PAGE)
    async def asking_shares(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask for everybody's share and role, and who is accountable."""
        it = await opened(objective, Kind.CHANGE, caller)
        return sharing.shares(request, it, None)

    @post("/shares", security=signed_in(), **PAGE)
    async def shares(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        to: To = None,
    ) -> Response[str]:
        """Save them, and go on to what it costs and brings."""
        it = await opened(objective, Kind.CHANGE, caller)
        model, sentences = asking.shares_form(it.fact.live)
        filled = await sent(
            request,
            model,
            sentences,
            lambda form: save_shares(it, form, _shared(it, form), caller),
            {**drawing.FIELDS, SHARES_INVALID: "share_0"},
        )
        if filled is None:
            return onwards(it, "costs", to)
        it = await whole(objective, caller, settings().clock())
        return sharing.shares(request, it, filled)


def _partner(it: Whole, contribution: UUID) -> ContributionFact:
    """Return a contribution that may be taken off: any but the lead's."""
    part = named_part(it.fact, contribution)
    if part.person == it.fact.person:
        raise NotYours("The lead contribution ends with the objective: withdraw that.")
    return part


def _shared(it: Whole, form: SavedForm) -> Content:
    says: dict[str, object] = dict(form)
    parts = tuple(
        Contributed(
            part.organisation,
            part.person,
            says.get(f"role_{number}", part.role),  # type: ignore[arg-type] # as asked
            says[f"share_{number}"],  # type: ignore[arg-type] # as asked
            says[f"commitment_{number}"],  # type: ignore[arg-type] # as asked
        )
        for number, part in enumerate(it.fact.live)
    )
    owners = owners_named(says["owner"])  # type: ignore[arg-type] # as asked
    return replace(it.fact.content, contributions=parts, owners=owners)
