"""Puts the service together; with `mounted` the only module that knows every other."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    nullcontext,
)
from typing import Any, Final
from uuid import UUID

from litestar import Litestar, Request, Response
from litestar.di import Provide

from service import logs
from service.access.queries import roles_of
from service.access.signing_in import DIRECTORY
from service.audit.actions import record
from service.auth import revocation
from service.auth.authentication import Authentication, remember_nothing
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.declared import check_declared
from service.auth.guard import enforce
from service.auth.secret import derive
from service.auth.tokens import Named
from service.db.hints import listening
from service.db.opening import database
from service.directory.importing.uploads import forgetting
from service.directory.provisioning import failures
from service.directory.provisioning.queries import person_signing_in
from service.directory.queries import emails_of
from service.docs.pages import docs
from service.edge.bodies import LIMIT, CheckedBodies
from service.edge.idempotency import KeptAnswers
from service.edge.limiting import RateLimited
from service.edge.nulls import refuse_null
from service.edge.openapi import About, served
from service.edge.requests import surround
from service.feedback.carrying import carry_nominations
from service.feedback.inviting.actions import mailing as mailing_raters
from service.feedback.inviting.schedule import see_to_bounces, see_to_mails
from service.feedback.schedule import see_to_windows
from service.hr.exports.actions import expiring, making
from service.hr.webhooks.sending import forget_attempts, telling
from service.jobs.housekeeping import tidying
from service.jobs.mail import mailing
from service.jobs.worker import Deliver, delivering
from service.mounted import CONTROLLERS, PAGES, PLACES
from service.objectives.assigning.copying import CarryRaters
from service.objectives.feed import see_to_sharing
from service.settings import Settings, settings
from service.web import failing
from service.web.language import Speaking
from service.web.pages import NAVIGATION

VERSION: Final = "1.0.0"
"""Of the API, not of the service."""
DOCUMENTED_ISSUER: Final = "https://joinedup.example"
"""Stands in the committed OpenAPI document; each service says its own."""
SCOPES: Final = {
    Scope.CYCLES_READ: "Read cycles.",
    Scope.RECORDS_READ: "Read appraisal records, with all that is attached to them.",
    Scope.RECORDS_WRITE: "Attach appraisal records.",
    Scope.PEOPLE_READ: "Find people.",
    Scope.PEOPLE_WRITE: "Provision people over SCIM.",
    Scope.OBJECTIVES_READ: "Read shared objectives.",
    Scope.OBJECTIVES_WRITE: "Propose shared objectives.",
    Scope.FEEDBACK_REQUEST: "Propose raters, and have them drawn.",
    Scope.SCORES_READ: "Read scores.",
    Scope.EXPORTS_WRITE: "Have files of scores made.",
    Scope.CHANGES_READ: "Follow what changes of what else the token may read.",
    Scope.WEBHOOKS_WRITE: "Have an address told what changes.",
}
TAGS: Final = {
    "Scores": "Collaboration scores, once they are published.",
    "Changes": "What changed, in the order it was committed; nothing is missed.",
    "Records": "Appraisal records, attached to HR systems' own.",
    "Objectives": "Objectives that departments own together.",
    "Feedback": "What colleagues in other departments are asked, and by whose draw.",
    "Cycles": "Appraisal years.",
    "Exports": "Files of scores for HR systems.",
    "Webhooks": "Addresses of HR systems that are told when a feed moves.",
    "Moderation": "Managers' judgements, panels, and views of consistency.",
    "OAuth": "Tokens for HR systems.",
    "Clients": "HR systems that may ask for tokens of one organisation.",
    "People": "People in post, of organisations that share with the caller's.",
    "Provisioning": "People whom an identity provider looks after, over SCIM 2.0.",
    "Notices": "What people are told.",
    "Service": "How the service is.",
}


def about(issuer: str) -> About:
    """Return what the OpenAPI document says that no handler knows."""
    scopes = {scope.value: text for scope, text in SCOPES.items()}
    return About(issuer=issuer, version=VERSION, scopes=scopes, tags=TAGS)


async def provide_caller(request: Request[Any, Any, Any]) -> Machine | SignedIn:
    """Give handlers who is behind the request; the guard has let them in."""
    caller: Machine | SignedIn = request.scope["user"]
    return caller


def ways_out(chosen: Settings, issuer: str) -> Mapping[str, Deliver]:
    """Return how each kind of mail is sent; while there is no way out it is held."""
    return {
        **mailing(chosen, issuer, emails_of),
        **mailing_raters(chosen, issuer),
        **making(issuer, chosen.data_dir),
    }


async def provide_carry_raters() -> CarryRaters:
    """Give objectives, which know of no feedback, what carries raters to a copy."""
    return carry_nominations


async def person_of(named: Named) -> UUID | None:
    """Find whom an organisation knows by what its issuer calls them."""
    return await person_signing_in(
        named.source, named.external_id, organisation=named.organisation
    )


def working(
    chosen: Settings, issuer: str
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Return what an app does from its start to its end beside answering."""

    @asynccontextmanager
    async def at_work(app: Litestar) -> AsyncIterator[None]:
        # Elsewhere `joinedup worker` delivers.
        ways = ways_out(chosen, issuer) if chosen.embedded else {}
        async with (
            database(chosen),
            tidying(
                chosen.clock,
                see_to_windows,
                see_to_mails,
                see_to_bounces,
                see_to_sharing,
                forget_attempts,
                expiring(chosen.data_dir),
                forgetting(chosen.data_dir),
            ),
            delivering(ways, chosen.clock),
            telling(chosen.clock, issuer) if chosen.embedded else nullcontext(),
            listening(revocation.CHANNEL, app.state.revocations.hint),
        ):
            yield

    return at_work


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Render any exception: a page where pages are, else what programs read."""
    if failing.is_page(request):
        return failing.answer(request, error)
    return failures.answer(request, error)


def create_app(chosen: Settings, issuer: str) -> Litestar:
    """Build the ASGI app that answers at `issuer`, its public base URL."""
    app = Litestar(
        [*CONTROLLERS, *PAGES, served(about(issuer)), *docs(about(issuer))],
        guards=[enforce],
        before_request=refuse_null,
        middleware=[
            Speaking(),
            Authentication(),
            RateLimited(),
            CheckedBodies(),
            KeptAnswers(),
        ],
        dependencies={
            "caller": Provide(provide_caller),
            "carry_raters": Provide(provide_carry_raters),
        },
        exception_handlers={Exception: answer},
        lifespan=[working(chosen, issuer)],
        request_max_body_size=LIMIT,
        openapi_config=None,
        logging_config=None,
    )
    app.state.issuer = issuer
    setattr(app.state, NAVIGATION, PLACES)
    app.state.person_of = person_of
    app.state.roles_of = roles_of
    app.state.directory = DIRECTORY
    app.state.record = record
    remember_nothing(app.state)
    app.state.cursor_key = derive("cursor")
    app.state.rate_limit = chosen.rate_limit
    check_declared(app)
    surround(app, chosen)
    return app


def served_app() -> Litestar:
    """Build the app of a server process, whose settings say its issuer."""
    chosen = settings()
    logs.set_up(chosen)
    return create_app(chosen, issuer_of(chosen))


def issuer_of(chosen: Settings) -> str:
    """Return the public base URL; `serve` sets it from where it listens."""
    return str(chosen.issuer or DOCUMENTED_ISSUER).rstrip("/")
