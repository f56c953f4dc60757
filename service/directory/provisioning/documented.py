"""SCIM's requests and answers as the OpenAPI document describes them.

The library reads and writes them, by the schemas that `/scim/v2/Schemas` publishes;
here they are told in outline, for those who look for them where all else is described.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType
from pydantic import BaseModel, ConfigDict, Field

from service.directory.provisioning.failures import MEDIA_TYPE

USER: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:extension:joinedup:2.0:User",
        ],
        "userName": "jo.smith@defra.example",
        "externalId": "0f6d1c1e",
        "active": True,
        "name": {"givenName": "Jo", "familyName": "Smith"},
        "emails": [{"value": "jo.smith@defra.example", "type": "work"}],
        "title": "Deputy Director, Flood Risk",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "300042",
            "department": "Environment",
            "manager": {"value": "b6f0c8c2-3f38-4c4b-9a0e-0a7f2a9f6f10"},
        },
        "urn:ietf:params:scim:schemas:extension:joinedup:2.0:User": {"grade": "SCS1"},
    }
)
PATCH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    }
)
SEARCH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'userName eq "jo.smith@defra.example"',
    }
)
SHOWN: Final = {
    "attributes": "Names of the attributes to show, with commas between.",
    "excludedAttributes": "Names of attributes not to show.",
}
FOUND: Final = {
    **SHOWN,
    "filter": 'Whom to find, such as `userName eq "jo.smith@defra.example"`.',
    "sortBy": "Name of the attribute to sort by.",
    "sortOrder": "`ascending` or `descending`.",
    "startIndex": "Which of those found to begin with; the first is 1.",
    "count": "How many to show at most; never more than 200.",
}


class ScimResource(BaseModel):
    """A resource, as `/scim/v2/Schemas` describes its kind, or a list of resources."""

    model_config = ConfigDict(extra="allow", frozen=True)

    schemas: list[str]


class ScimFailure(BaseModel):
    """What went wrong, as SCIM writes it."""

    model_config = ConfigDict(frozen=True)

    schemas: list[str]
    status: str
    detail: str
    scimType: Annotated[  # noqa: N815 - SCIM's own spelling
        str | None, Field(description="SCIM's word for it, where it has one.")
    ] = None


def answers(status: int, what: str) -> dict[int, ResponseSpec]:
    """Return a route's answers: what it gives, and all that may refuse it."""
    given = ResponseSpec(
        None if status == NO_CONTENT else ScimResource,
        generate_examples=False,
        description=what,
        media_type=MEDIA_TYPE,
    )
    return {status: given, **REFUSED}


NO_CONTENT: Final = 204
REFUSED: Final = {
    status: ResponseSpec(
        ScimFailure, generate_examples=False, description=what, media_type=MEDIA_TYPE
    )
    for status, what in (
        (400, "It cannot be read, or breaks a rule."),
        (401, "No valid access token."),
        (403, "The token does not allow it."),
        (404, "There is no such thing, or it is not yours."),
        (409, "Somebody else is known by it."),
        (412, "It has changed since it was read."),
        (413, "It is too large."),
        (415, "It is not JSON."),
        (429, "Asked too often."),
        (500, "The service failed."),
        (503, "Not now."),
    )
}


def _body(example: Mapping[str, Any]) -> RequestBody:
    schema = Schema(type=OpenAPIType.OBJECT, examples=[{**example}])
    return RequestBody(
        content={MEDIA_TYPE: OpenAPIMediaType(schema=schema)},
        description="As `/scim/v2/Schemas` describes it; `application/json` will do.",
        required=True,
    )


def _asked(parameters: Mapping[str, str]) -> list[Parameter]:
    return [
        Parameter(
            name=name,
            param_in="query",
            description=text,
            schema=Schema(type=OpenAPIType.STRING),
        )
        for name, text in parameters.items()
    ]


def _with(
    operation: Operation, parameters: Mapping[str, str], body: Mapping[str, Any] | None
) -> None:
    already: Sequence[Any] = operation.parameters or []
    operation.parameters = [*already, *_asked(parameters)] or None
    operation.request_body = None if body is None else _body(body)


@dataclass
class Shows(Operation):
    """An operation that shows one user."""

    def __post_init__(self) -> None:
        """Describe what may be asked for."""
        _with(self, SHOWN, None)


@dataclass
class Finds(Operation):
    """An operation that finds users."""

    def __post_init__(self) -> None:
        """Describe what may be asked for."""
        _with(self, FOUND, None)


@dataclass
class Searches(Operation):
    """An operation that finds users by a body."""

    def __post_init__(self) -> None:
        """Describe the body."""
        _with(self, {}, SEARCH)


@dataclass
class TakesUser(Operation):
    """An operation that takes a user."""

    def __post_init__(self) -> None:
        """Describe the body."""
        _with(self, {}, USER)


@dataclass
class TakesPatch(Operation):
    """An operation that takes changes to a user."""

    def __post_init__(self) -> None:
        """Describe the body."""
        _with(self, {}, PATCH)
