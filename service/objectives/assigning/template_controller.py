"""HTTP for templates of objectives: declare, delegate, present."""

from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.access.rules import Role, within
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.directory.rules import AmbiguousIdentifier
from service.edge.conditional import require_match, unless_known, version_tag
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    Bound,
    link,
)
from service.edge.resuming import onwards, position_of
from service.errors import PreconditionRequired, Stale
from service.objectives.assigning import templates
from service.objectives.assigning.schemas import (
    TemplateIn,
    TemplateOut,
    TemplatePage,
)
from service.objectives.priorities import UnknownPriority
from service.records.whose import organisations_of
from service.settings import settings

Asked = Request[Any, Any, Any]
READ: Final = [*machine(Scope.OBJECTIVES_READ), *person()]
WRITE: Final = [*machine(Scope.OBJECTIVES_WRITE), *person(Role.HR_ADMINISTRATOR)]
Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the caller's organisations."),
]
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT, description="Page size.")]
Cursor = Annotated[
    str | None, Parameter(description="From a page's `next`; opaque.", max_length=4096)
]


class TemplateController(Controller):
    """What objectives say, kept for the next who assign them."""

    path = "/v1/objective-templates"
    tags = ("Objectives",)

    @get(
        operation_id="listTemplates",
        summary="List templates of objectives",
        security=READ,
        responses={
            200: ResponseSpec(
                TemplatePage,
                generate_examples=False,
                description="One page of templates.",
            )
        },
    )
    async def all(
        self,
        request: Asked,
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return the templates of the caller's organisations.

        What only links objectives that were assigned together is left out.
        """
        scope = _scope(caller, organisation)
        bound = Bound(
            client=caller.key,
            organisations=organisations_of(caller),
            stream="objective-templates",
            filter={"organisation": organisation},
        )
        at = position_of(request, cursor, bound)
        after = None if at is None else UUID(at["after"])
        found = await templates.templates(scope, after=after, limit=limit + 1)
        shown, following = found[:limit], None
        if len(found) > limit:
            following = onwards(request, {"after": str(shown[-1].id)}, bound)
        page = TemplatePage(items=shown, next=following)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )

    @get(
        "/{template:uuid}",
        operation_id="getTemplate",
        summary="Get a template",
        security=READ,
        responses={
            200: ResponseSpec(
                TemplateOut, generate_examples=False, description="The template."
            )
        },
    )
    async def one(
        self, request: Asked, template: FromPath[UUID], caller: Anyone
    ) -> Response[bytes]:
        """Return one template of the caller's organisations."""
        found = await templates.template(template, organisations_of(caller))
        content = found.model_dump_json().encode()
        return unless_known(request, content, etag=version_tag(found.version))

    @post(
        operation_id="createTemplate",
        summary="Keep a template",
        security=WRITE,
        responses={
            201: ResponseSpec(
                TemplateOut, generate_examples=False, description="It is kept now."
            )
        },
        opt={"refuses": (AmbiguousIdentifier, UnknownPriority)},
    )
    async def create(
        self,
        data: JSONBody[TemplateIn],
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Keep what an objective says, but for the people who take part."""
        kept = await templates.create(
            _scope(caller, organisation),
            data,
            id_=uuid4(),
            listed=True,
            caller=caller,
            now=settings().clock(),
        )
        return _answer(kept, 201)

    @put(
        "/{template:uuid}",
        operation_id="changeTemplate",
        summary="Change a template",
        security=WRITE,
        responses={
            200: ResponseSpec(
                TemplateOut, generate_examples=False, description="As it is now."
            )
        },
        opt={"refuses": (PreconditionRequired, Stale, UnknownPriority)},
    )
    async def change(
        self,
        request: Asked,
        template: FromPath[UUID],
        data: JSONBody[TemplateIn],
        caller: Anyone,
    ) -> Response[bytes]:
        """Have it say something else; objectives made from it stay as they are.

        Send If-Match. The same again changes nothing.
        """
        changed = await templates.change(
            template,
            organisations_of(caller),
            data,
            checked=lambda version: require_match(request, version),
            caller=caller,
            now=settings().clock(),
        )
        return _answer(changed, 200)

    @delete(
        "/{template:uuid}",
        operation_id="removeTemplate",
        summary="Remove a template",
        security=WRITE,
        opt={"refuses": (PreconditionRequired, Stale)},
    )
    async def remove(
        self, request: Asked, template: FromPath[UUID], caller: Anyone
    ) -> None:
        """Remove it; objectives made from it stay as they are. Send If-Match."""
        await templates.remove(
            template,
            organisations_of(caller),
            checked=lambda version: require_match(request, version),
            caller=caller,
            now=settings().clock(),
        )


def _scope(caller: Machine | SignedIn, organisation: str | None) -> list[str]:
    return within(organisations_of(caller), organisation)


def _answer(kept: TemplateOut, status: int) -> Response[bytes]:
    return Response(
        kept.model_dump_json().encode(),
        status_code=status,
        media_type="application/json",
        headers={"ETag": version_tag(kept.version)},
    )
