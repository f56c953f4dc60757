"""The OpenAPI document: what Litestar draws from the handlers, made whole.

The law: it states each route's access and refusals as the guard and the edge apply
them, and the same code gives the same bytes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar import Litestar, Request, Response, get
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import (
    Components,
    Contact,
    License,
    OAuthFlow,
    OAuthFlows,
    SecurityScheme,
    Server,
    Tag,
)
from litestar.routes import HTTPRoute

from service.edge import problems, validation
from service.edge.bodies import API, WITH_BODY
from service.edge.formats import offer_formats
from service.edge.idempotency import HEADER, BadKey, InProgress, KeyMissing, Mismatch
from service.edge.mending import drop_unused_schemes, mend_items
from service.edge.naming import name_schemas
from service.edge.rates import TooMany
from service.edge.receiving import routes_of_receivers, set_apart
from service.edge.untraced import UNTRACED
from service.errors import (
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)

INTRODUCTION: Final = """\
How well senior civil servants work across departments, on the appraisal record that
their HR system already keeps.

Get a token at `/oauth/token` with client credentials and send it as `Authorization:
Bearer`. A machine sees the people of the organisations it is bound to and nothing of
any other: what is not yours answers 404, as what does not exist. A few routes serve
people instead, by the token of their organisation's own issuer.

Every failure is `application/problem+json` (RFC 9457) with a `request_id` to quote,
except those of `/oauth`, which have `error` and `error_description` (RFC 6749), and
those of `/scim`, which are SCIM's. HEAD is answered wherever GET is.

Follow `next` until it is null, then keep `delta`. Send `Idempotency-Key` with a POST
and retry it freely for a day. Names are snake_case, times RFC 3339 in UTC; fields and
routes are added within `/v1`, never changed or removed.
"""
RESPONSE_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": "How to authenticate (RFC 6750)."},
    429: {"Retry-After": "Seconds to wait before asking again."},
    503: {"Retry-After": "Seconds to wait before asking again."},
}
NOISE: Final = ("allowEmptyValue", "allowReserved", "deprecated")
"""Litestar writes these out even where they are false."""


@dataclass(frozen=True, slots=True)
class About:
    """What the document says that no handler knows."""

    issuer: str
    version: str
    scopes: Mapping[str, str]
    """What each scope of a token allows."""
    tags: Mapping[str, str]
    """What each tag gathers, in the order of the document."""


def served(about: About) -> HTTPRouteHandler:
    """Return the route that serves the document, which is drawn once."""
    drawn: list[bytes] = []

    @get("/openapi.json", security=[{}], include_in_schema=False)
    async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give this document."""
        if not drawn:
            drawn.append(document(request.app, about))
        return Response(
            drawn[0],
            media_type="application/json",
            headers={"Cache-Control": "public, max-age=300"},
        )

    return openapi_document


def document(app: Litestar, about: About) -> bytes:
    """Return the OpenAPI 3.1 document of `app`, as it is committed and served."""
    # The app itself has no OpenAPI config: Litestar would add routes of its own.
    plugin: Any = app.plugins.get("OpenAPIPlugin")
    plugin.on_app_init(AppConfig(openapi_config=_config(about)))
    received = [*routes_of_receivers(app)]
    for route in received:
        plugin.receive_route(route)
    drawn: dict[str, Any] = plugin.provide_openapi().to_schema()
    components = drawn["components"]
    components.setdefault("schemas", {})["Problem"] = problems.SCHEMA
    mend_items(components["schemas"])
    name_schemas(drawn)
    for operation in set_apart(drawn, received):
        _tidy(operation)
    responses = components.setdefault("responses", {})
    for handler, operation, path, verb in _operations(app, drawn["paths"]):
        _tidy(operation)
        _state_access(handler, operation)
        offer_formats(handler, operation)
        if _takes_key(handler, path, verb):
            _offer_key(handler, operation)
        stated = {str(status) for status in handler.responses or ()}
        for status, kinds in _refusals(handler, operation, path, verb).items():
            if str(status) in stated:  # The handler refuses in a shape of its own.
                continue
            name = "".join(kind.__name__ for kind in kinds)
            responses[name] = _response(status, kinds, about.issuer)
            operation["responses"][str(status)] = {
                "$ref": f"#/components/responses/{name}"
            }
    drop_unused_schemes(drawn)
    written = json.dumps(drawn, indent=1, sort_keys=True, ensure_ascii=False)
    return f"{written}\n".encode()


def _config(about: About) -> OpenAPIConfig:
    flow = OAuthFlow(
        token_url=f"{about.issuer.rstrip('/')}/oauth/token", scopes={**about.scopes}
    )
    machine = SecurityScheme(
        type="oauth2",
        description="A machine's own token: client credentials (RFC 6749, 4.4).",
        flows=OAuthFlows(client_credentials=flow),
    )
    person = SecurityScheme(
        type="http",
        scheme="bearer",
        bearer_format="JWT",
        description="A person's access token, from their organisation's own issuer. It"
        " needs one of the roles named, if any is.",
    )
    return OpenAPIConfig(
        title="Joined-up Appraisal",
        version=about.version,
        description=INTRODUCTION,
        summary="Collaboration scores on the appraisal record.",
        contact=Contact(name="Whoever runs this service", url=about.issuer.rstrip("/")),
        license=License(name="MIT", identifier="MIT"),
        servers=[Server(url=about.issuer.rstrip("/"), description="This service.")],
        tags=[Tag(name=name, description=text) for name, text in about.tags.items()],
        components=Components(security_schemes={"oauth2": machine, "person": person}),
        use_handler_docstrings=True,
    )


def _operations(
    app: Litestar, paths: Mapping[str, Any]
) -> Iterator[tuple[HTTPRouteHandler, dict[str, Any], str, str]]:
    """Give each drawn operation with the handler, path and verb it is drawn from."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for verb in sorted(handler.http_methods):
                    drawn = paths.get(route.path_format, {}).get(verb.lower())
                    if drawn is not None and handler.resolve_include_in_schema():
                        yield handler, drawn, route.path_format, verb


def _tidy(operation: dict[str, Any]) -> None:
    """Take out what says nothing, and state what Litestar leaves out."""
    if operation.get("deprecated") is False:
        del operation["deprecated"]
    for parameter in operation.get("parameters", []):
        for word in NOISE:
            if parameter.get(word) is False:
                del parameter[word]
        _take_out_null(parameter)
    for response in operation["responses"].values():
        for header in response.get("headers", {}).values():
            header.setdefault("schema", {"type": "string"})


def _take_out_null(parameter: dict[str, Any]) -> None:
    """Leave out that an optional parameter may be null: it cannot be, in an address."""
    schema = parameter["schema"]
    either = [each for each in schema.get("oneOf", []) if each != {"type": "null"}]
    if len(either) == 1:
        rest = {name: value for name, value in schema.items() if name != "oneOf"}
        parameter["schema"] = {**either[0], **rest}


def _state_access(handler: HTTPRouteHandler, operation: dict[str, Any]) -> None:
    """State who may use it; a person's roles beside, where OpenAPI has no place."""
    declared = [{**each} for each in handler.resolve_security() or []]
    roles = sorted({role for each in declared for role in each.get("person", ())})
    if roles:
        operation["x-roles"] = roles
    for each in declared:
        if "person" in each:
            each["person"] = []
    operation["security"] = [] if declared == [{}] else declared


def _takes_key(handler: HTTPRouteHandler, path: str, verb: str) -> bool:
    untraced = bool(handler.opt.get(UNTRACED))
    return verb == "POST" and path.startswith(API) and not untraced


def _offer_key(handler: HTTPRouteHandler, operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(
        {
            "name": HEADER,
            "in": "header",
            "required": bool(handler.opt.get("idempotency_required")),
            "description": "A text of your own, new for each request: sent again within"
            " 24 hours, it brings the same answer with `Idempotent-Replayed: true`.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    )


def _refusals(
    handler: HTTPRouteHandler, operation: Mapping[str, Any], path: str, verb: str
) -> dict[int, list[type[Refusal]]]:
    """Return by status how an operation can refuse; `opt["refuses"]` adds its own."""
    kinds: list[type[Refusal]] = [Malformed, problems.Unexpected, Unavailable]
    if operation["security"]:
        kinds += [NotSignedIn, NotAllowed, TooMany]
    if "{" in path or (operation["security"] and _names_others(operation)):
        kinds.append(NotFound)
    api_body = "requestBody" in operation and path.startswith(API)
    if operation.get("parameters") or api_body:
        kinds.append(validation.Invalid)
    if api_body and verb in WITH_BODY:
        kinds += [TooLarge, UnsupportedMediaType]
    if _takes_key(handler, path, verb):
        kinds += [BadKey, InProgress, Mismatch]
        kinds += [KeyMissing] if handler.opt.get("idempotency_required") else []
    own: Sequence[type[Refusal]] = handler.opt.get("refuses", ())
    by_status: dict[int, list[type[Refusal]]] = {}
    for kind in dict.fromkeys([*kinds, *own]):
        by_status.setdefault(kind.status, []).append(kind)
    return by_status


def _names_others(operation: Mapping[str, Any]) -> bool:
    """Tell whether a query or a body can name what is not the caller's."""
    queried = any(each["in"] == "query" for each in operation.get("parameters", ()))
    return queried or "requestBody" in operation


def _response(
    status: int, kinds: Sequence[type[Refusal]], issuer: str
) -> dict[str, Any]:
    headers = RESPONSE_HEADERS.get(status, {})
    response: dict[str, Any] = {
        "description": " Or: ".join(kind.title() for kind in kinds),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.slug: _example(kind, issuer) for kind in kinds},
            }
        },
    }
    if headers:
        response["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return response


def _example(kind: type[Refusal], issuer: str) -> dict[str, Any]:
    return {
        "summary": HTTPStatus(kind.status).phrase,
        "value": {
            "type": problems.type_of(kind, issuer),
            "title": kind.title(),
            "status": kind.status,
            "detail": "What to do about it.",
            "instance": "/v1/example",
            "request_id": "0af7651916cd43dd8448eb211c80319c",
        },
    }
