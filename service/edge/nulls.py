"""Query parameters that say `null`.

The law: what is sent is meant. A number, a date or an id that says `null` would be read
as left out, and a question would be answered that nobody asked.
"""

from typing import Any

from litestar import Request

from service.edge.validation import Invalid
from service.errors import Fault


async def refuse_null(request: Request[Any, Any, Any]) -> None:
    """Refuse `null` for what is no text; of a text, it is one like any other."""
    if b"=null" not in request.scope["query_string"]:
        return
    fields = request.route_handler.parsed_fn_signature.parameters
    faults = [
        Fault("Leave it out, or give a value.", parameter=name)
        for name, value in request.query_params.multi_items()
        if value == "null" and name in fields and not _is_text(fields[name])
    ]
    if faults:
        raise Invalid("Mend what `errors` lists, and send it again.", faults=faults)


def _is_text(field: Any) -> bool:  # noqa: ANN401 - Litestar's own
    inner = [field, *(field.inner_types or ())]
    return any(each.annotation is str for each in inner)
