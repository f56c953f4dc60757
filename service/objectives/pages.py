"""Pages of shared objectives: mine, one, and how it came to be. They only declare."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives import actions, history, wording
from service.objectives.comparing import changes
from service.objectives.drawing import (
    asked,
    back_to,
    called,
    contributors,
    drawn,
    opened,
    sent,
)
from service.objectives.forms import (
    NO_SENTENCES,
    REASONS,
    PlainForm,
    ReasonForm,
    reason_field,
)
from service.objectives.happening import happened
from service.objectives.listing import asked_of, listed
from service.objectives.offering import Kind, offers
from service.objectives.priorities import titled
from service.objectives.reading import Whole, whole, wholes
from service.objectives.showing import looked_at
from service.settings import settings
from service.web.forms import Filled
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

Caller = NamedDependency[SignedIn]


class ObjectivePages(Controller):
    """Objectives that departments own together, for the people in them."""

    path = "/objectives"

    @get(security=signed_in(), **PAGE)
    async def mine(
        self, request: AnyRequest, caller: Caller, done: FromQuery[str | None] = None
    ) -> Response[str]:
        """List what the person has to do with, and what of it waits for them."""
        now = settings().clock()
        found = [
            listed(it, caller, asked_of(it, offers(it, caller, now)), contributors(it))
            for it in await wholes(caller, now)
        ]
        return page(
            request,
            "objectives/mine.html",
            title=say("Shared objectives"),
            done=wording.DONE.get(done or ""),
            found=sorted(found, key=lambda each: (not each.asked, each.title)),
            words=wording,
        )

    @get("/{objective:uuid}", security=signed_in(), **PAGE)
    async def one(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        done: FromQuery[str | None] = None,
    ) -> Response[str]:
        """Show one objective, and what the person can do with it now."""
        now = settings().clock()
        it = await whole(objective, caller, now)
        found = offers(it, caller, now)
        return drawn(
            request,
            "one",
            it,
            it.says.title,
            offers=found,
            asked=asked_of(it, found),
            contributors=contributors(it),
            done=wording.DONE.get(done or ""),
            priority=_priority(it),
            on_record=caller.id in {it.fact.person, _manager(it)},
        )

    @get("/{objective:uuid}/history", security=signed_in(), **PAGE)
    async def history(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show what it has said, as differences, and how it moved on."""
        day = settings().clock().date()
        async with looked_at(objective, caller, "versions") as seen:
            told = await history.whole(*seen, caller, day)
        versions, steps, agreements, sight = told
        return page(
            request,
            "objectives/history.html",
            title=say("History"),
            objective=objective,
            about=seen[0].content.title,
            versions=[
                (each, [*changes(each.changes, sight.names)])
                for each in reversed(versions)
            ],
            happened=happened(steps, agreements),
            words=wording,
            called=called,
        )

    @get("/{objective:uuid}/withdrawal", security=signed_in(), **PAGE)
    async def withdrawing(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask why it is withdrawn."""
        it = await opened(objective, Kind.WITHDRAW, caller)
        return _withdrawal(request, it, None)

    @post("/{objective:uuid}/withdrawal", security=signed_in(), **PAGE)
    async def withdraw(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Take it back for good."""
        filled = await sent(
            request,
            ReasonForm,
            REASONS,
            lambda form: actions.withdraw(
                objective,
                reason=form.reason,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "withdrawn")
        it = await whole(objective, caller, settings().clock())
        return _withdrawal(request, it, filled)

    @get("/{objective:uuid}/closure", security=signed_in(), **PAGE)
    async def closing(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask whether it is to be closed."""
        return _closure(request, await opened(objective, Kind.CLOSE, caller), None)

    @post("/{objective:uuid}/closure", security=signed_in(), **PAGE)
    async def close(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Close it: nothing of it changes any more."""
        filled = await sent(
            request,
            PlainForm,
            NO_SENTENCES,
            lambda _: actions.close(objective, caller=caller, now=settings().clock()),
        )
        if filled is None:
            return back_to(objective, "closed")
        it = await whole(objective, caller, settings().clock())
        return _closure(request, it, filled)


def _priority(it: Whole) -> str | None:
    named = it.fact.content.priority
    return titled(named.code, of_scheme=named.scheme) if named else None


def _manager(it: Whole) -> UUID | None:
    return it.standing.managers.get(it.fact.person)


def _withdrawal(
    request: AnyRequest, it: Whole, filled: Filled[ReasonForm] | None
) -> Response[str]:
    return asked(
        request,
        it,
        filled,
        title=say("Withdraw this objective"),
        intro=[
            say("You cannot undo this. Everyone in it is told, and sees the reason.")
        ],
        fields=[reason_field(say("Why do you withdraw it?"))],
        button=say("Withdraw objective"),
        warning=True,
    )


def _closure(
    request: AnyRequest, it: Whole, filled: Filled[PlainForm] | None
) -> Response[str]:
    return asked(
        request,
        it,
        filled,
        title=say("Close this objective"),
        intro=[say("Once it is closed, nothing of it changes any more.")],
        fields=[],
        button=say("Close objective"),
    )
