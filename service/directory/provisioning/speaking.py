"""Between HTTP and SCIM: what a request asks of the protocol, and its answer.

The law: a token provisions the one organisation that it is bound to.
"""

import json
from typing import Any, Final

from litestar import Request, Response
from scim2_server.requests import ScimRequest

from service.auth.caller import Machine
from service.directory.provisioning.actions import Asking
from service.directory.provisioning.failures import MEDIA_TYPE
from service.directory.provisioning.rules import SeveralOrganisations
from service.directory.provisioning.serving import serve
from service.settings import settings

BASE: Final = "/scim/v2"

Asked = Request[Any, Any, Any]


async def spoken(request: Asked, caller: Machine) -> Response[Any]:
    """Answer a request as SCIM does."""
    asking = Asking(_organisation(caller), caller, settings().clock())
    answer = await serve(await _read(request), asking)
    return Response(
        None if answer.body is None else json.dumps(answer.body).encode(),
        status_code=int(answer.status),
        media_type=MEDIA_TYPE,
        headers={
            name: value
            for name, value in answer.headers.items()
            if name.lower() != "content-type"
        },
    )


def _organisation(caller: Machine) -> str:
    if len(caller.organisations) != 1:
        codes = ", ".join(sorted(caller.organisations))
        raise SeveralOrganisations(
            f"The token is bound to {codes}: have a client registered for each of them"
            " with `joinedup clients create --organisation CODE`."
        )
    return next(iter(caller.organisations))


async def _read(request: Asked) -> ScimRequest:
    return ScimRequest(
        method=request.method,
        base_url=f"{request.app.state.issuer}{BASE}",
        path=request.scope["path"].removeprefix(BASE),
        query=dict(request.query_params.multi_items()),
        headers=[*request.headers.multi_items()],
        body=await request.body(),
    )
