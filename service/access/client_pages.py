"""Pages on which HR administrators look after HR systems that may ask for tokens."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter
from pydantic import BeforeValidator, Field

from service.access import client_actions
from service.access.rules import Role
from service.access.schemas import ClientIn, CredentialsOut
from service.auth.caller import Scope, SignedIn
from service.auth.guard import signed_in
from service.auth.queries import ClientSummary
from service.auth.rules import LONGEST_NAME, AuthMethod
from service.errors import Refusal
from service.settings import settings
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import (
    PAGE,
    UNPROCESSABLE,
    AnyRequest,
    page,
    see_other,
)

Caller = NamedDependency[SignedIn]
ClientId = Annotated[str, Parameter(min_length=1, max_length=64)]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/clients"
MAY: Final = {
    Scope.CYCLES_READ: mark("Read cycles"),
    Scope.RECORDS_READ: mark("Read appraisal records"),
    Scope.RECORDS_WRITE: mark("Attach appraisal records"),
    Scope.PEOPLE_READ: mark("Find people"),
    Scope.PEOPLE_WRITE: mark("Add and change people"),
    Scope.OBJECTIVES_READ: mark("Read shared objectives"),
    Scope.OBJECTIVES_WRITE: mark("Propose shared objectives"),
    Scope.FEEDBACK_REQUEST: mark("Propose raters and have them drawn"),
    Scope.SCORES_READ: mark("Read published scores"),
    Scope.CHANGES_READ: mark("Follow what changes"),
    Scope.EXPORTS_WRITE: mark("Have files of scores made"),
    Scope.WEBHOOKS_WRITE: mark("Be told what changes at an address"),
}
PROVES: Final = {
    AuthMethod.CLIENT_SECRET_BASIC: mark("A secret in a header (the usual way)"),
    AuthMethod.CLIENT_SECRET_POST: mark("A secret in the form it sends"),
    AuthMethod.PRIVATE_KEY_JWT: mark("A signature with its own key"),
}


def _read_keys(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except RecursionError as error:
        raise ValueError("nested too deep") from error


class ClientForm(Form):
    """What a new HR system's client is to be."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    scopes: Annotated[list[Scope], Field(min_length=1)]
    auth_method: AuthMethod
    jwks: Annotated[dict[str, Any] | None, BeforeValidator(_read_keys)] = None
    jwks_uri: Annotated[str | None, Field(max_length=500)] = None
    dpop: bool = False


class RotateForm(Form):
    """For how long the secrets go on working that there are."""

    keep_days: Annotated[int, Field(ge=0, le=90)]


SENTENCES: Final = {
    ("name", "missing"): mark("Enter a name for the HR system"),
    ("name", "*"): mark("The name must have 200 characters or fewer"),
    ("scopes", "*"): mark("Select what the HR system may do"),
    ("auth_method", "*"): mark("Select how the HR system proves who it is"),
    ("jwks", "*"): mark("The keys must be a JSON Web Key Set"),
    ("jwks_uri", "*"): mark(
        "The address of the keys must have 500 characters or fewer"
    ),
    ("keep_days", "*"): mark("Enter a number of days from 0 to 90"),
}


class ClientPages(Controller):
    """HR systems of one organisation."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the organisation's clients."""
        found = await client_actions.clients_of(caller, settings().clock())
        return page(request, "hr/clients.html", title=say("HR systems"), clients=found)

    @get("/new", security=ADMINISTRATOR, **PAGE)
    async def new(self, request: AnyRequest) -> Response[Any]:
        """Ask what a new client is to be."""
        usual = started(auth_method=AuthMethod.CLIENT_SECRET_BASIC)
        return _asked(request, usual, status=200)

    @post("/new", security=ADMINISTRATOR, **PAGE)
    async def create(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Register a client, and show its secret once."""
        filled = await read(request, ClientForm, SENTENCES)
        if filled.form is not None:
            try:
                made = await client_actions.create(
                    ClientIn(**filled.form.model_dump()), caller, settings().clock()
                )
                return _told(request, made, filled.form.scopes)
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return _asked(request, filled)

    @get("/{client:str}", security=ADMINISTRATOR, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, client: FromPath[ClientId]
    ) -> Response[Any]:
        """Show one client; never a secret."""
        found = await client_actions.client_of(client, caller, settings().clock())
        return _shown(request, found, started(keep_days=30))

    @post("/{client:str}/secrets", security=ADMINISTRATOR, **PAGE)
    async def rotate(
        self, request: AnyRequest, caller: Caller, client: FromPath[ClientId]
    ) -> Response[Any]:
        """Give a client a new secret, and show it once."""
        filled = await read(request, RotateForm, SENTENCES)
        now = settings().clock()
        if filled.form is not None:
            try:
                made = await client_actions.rotate(
                    client, filled.form.keep_days, caller, now
                )
                return _told(request, made)
            except Refusal as refusal:
                filled = filled.refused(refusal)
        found = await client_actions.client_of(client, caller, now)
        return _shown(request, found, filled, status=UNPROCESSABLE)

    @get("/{client:str}/disable", security=ADMINISTRATOR, **PAGE)
    async def ask_to_disable(
        self, request: AnyRequest, caller: Caller, client: FromPath[ClientId]
    ) -> Response[Any]:
        """Ask whether a client is to be shut out."""
        found = await client_actions.client_of(client, caller, settings().clock())
        return page(
            request,
            "hr/confirm.html",
            title=say("Disable this HR system"),
            back=f"{HERE}/{found.client_id}",
            says=[
                found.name,
                say("It gets no more tokens, and those it has stop within a minute."),
                say("It cannot be enabled again: you would register a new one."),
            ],
            button=say("Disable"),
        )

    @post("/{client:str}/disable", security=ADMINISTRATOR, **PAGE)
    async def disable(
        self, caller: Caller, client: FromPath[ClientId]
    ) -> Response[Any]:
        """Shut a client out."""
        await client_actions.disable(client, caller, settings().clock())
        return see_other(HERE)


def _asked(
    request: AnyRequest, filled: Filled[Any], status: int = UNPROCESSABLE
) -> Response[str]:
    return page(
        request,
        "hr/client_new.html",
        title=say("Add an HR system"),
        status=status,
        filled=filled,
        may=[
            {"value": each, "text": say(MAY[each]), "hint": {"text": each.value}}
            for each in Scope
        ],
        proves=[{"value": each, "text": say(PROVES[each])} for each in AuthMethod],
    )


def _shown(
    request: AnyRequest, found: ClientSummary, filled: Filled[Any], status: int = 200
) -> Response[str]:
    return page(
        request,
        "hr/client.html",
        title=found.name,
        status=status,
        filled=filled,
        client=found,
        may=[(say(MAY[Scope(scope)]), scope) for scope in found.scopes],
        addresses=_addresses(request),
        proves=say(PROVES[AuthMethod(found.auth_method)]),
        has_secret=found.auth_method != AuthMethod.PRIVATE_KEY_JWT,
    )


def _addresses(request: AnyRequest) -> list[tuple[str, str]]:
    """Return what every product asks for beside its id and secret."""
    issuer = request.app.state.issuer
    return [
        (say("Token endpoint"), f"{issuer}/oauth/token"),
        (say("API address"), f"{issuer}/v1"),
    ]


def _told(
    request: AnyRequest, made: CredentialsOut, scopes: Sequence[str] = ()
) -> Response[str]:
    """Show what the HR system is set up with; the secret is kept nowhere."""
    return page(
        request,
        "hr/secret.html",
        title=say("Set up the HR system with this"),
        back=f"{HERE}/{made.client_id}",
        told=[
            (say("Client id"), made.client_id),
            (say("Client secret"), made.client_secret),
            *_addresses(request),
            (say("Scope"), " ".join(scopes)),
        ],
        secret=made.client_secret is not None,
    )
