"""Pages about one objective: drawn with its words, and drawn again when refused.

The law: what somebody wrote stays on the page, and each refusal is one sentence of it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar import Response

from service.auth.caller import SignedIn
from service.errors import NotAllowed, NotFound, Refusal, Stale
from service.objectives import wording
from service.objectives.changing import Checked
from service.objectives.offering import Kind, check_offered
from service.objectives.presenting import PersonOut
from service.objectives.reading import Whole, whole
from service.settings import settings
from service.web.forms import WHOLE, Filled, Form, read
from service.web.language import say
from service.web.pages import UNPROCESSABLE, AnyRequest, page, see_other
from service.web.refusing import sentence_of

F = TypeVar("F", bound=Form)
NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


async def opened(
    objective: UUID, kind: Kind, caller: SignedIn, about: UUID | None = None
) -> Whole:
    """Return an objective with which the caller can do this now; refuse others."""
    now = settings().clock()
    it = await whole(objective, caller, now)
    check_offered(it, kind, caller, now, about)
    return it


def drawn(
    request: AnyRequest,
    template: str,
    it: Whole,
    title: str,
    filled: Filled[Any] | None = None,
    **context: Any,
) -> Response[str]:
    """Draw a page of an objective; a form with errors is drawn as refused."""
    return page(
        request,
        f"objectives/{template}.html",
        title=title,
        filled=filled,
        status=UNPROCESSABLE if filled is not None and filled.errors else 200,
        it=it,
        words=wording,
        department=lambda code: it.departments.get(code, code),
        called=called,
        **context,
    )


def asked(
    request: AnyRequest,
    it: Whole,
    filled: Filled[Any] | None,
    *,
    title: str,
    button: str,
    fields: Sequence[Mapping[str, Any]],
    intro: Sequence[str] = (),
    warning: bool = False,
    quote: str = "",
    says: bool = False,
) -> Response[str]:
    """Draw a page that asks for a few words about an objective.

    Each of `fields` has a name and label, and says whether it has a `hint`, `choices`,
    or is `short`; hidden ones have a `value` alone. `quote` is what others
    wrote that this is about; `says` shows all that the objective says.
    """
    return drawn(
        request, "act", it, title, filled,
        button=button, fields=fields, intro=intro, warning=warning, quote=quote,
        says=says,
    )  # fmt: skip


def called(person: PersonOut | None, department: str) -> str:
    """Return what somebody is called; who is not seen is somebody of a department."""
    if person is None or person.name is None:
        return say("Somebody in %(department)s", department=department)
    return person.name


def contributors(it: Whole) -> dict[UUID, str]:
    """Return what each contribution's person is called."""
    return {
        part.id: called(
            part.person, it.departments.get(part.organisation, part.organisation)
        )
        for part in it.says.contributions
    }


async def sent(
    request: AnyRequest,
    model: type[F],
    sentences: Mapping[tuple[str, str], str],
    do: Callable[[F], Awaitable[object]],
    fields: Mapping[str, str] = NO_FIELDS,
) -> Filled[F] | None:
    """Do what a form asks for; return the form if it is to be drawn again."""
    filled = await read(request, model, sentences)
    if filled.form is None:
        return filled
    try:
        await do(filled.form)
    except Refusal as refusal:
        return again(filled, refusal, fields)
    return None


def again(
    filled: Filled[F], refusal: Refusal, fields: Mapping[str, str] = NO_FIELDS
) -> Filled[F]:
    """Return a form with what a rule says against it.

    `fields` names the field of a refusal's slug, or of where it points.

    What is not theirs to do, or is not there for them, stays so.
    """
    if isinstance(refusal, (NotFound, NotAllowed)):
        raise refusal
    places = [refusal.slug, *(fault.pointer or "" for fault in refusal.faults)]
    field = next((fields[place] for place in places if place in fields), WHOLE)
    errors = {field: sentence_of(refusal)}
    return replace(filled, errors={**filled.errors, **errors}, form=None)


def unless_stale(read_it: int) -> Checked:
    """Return what refuses a change of something that has changed since it was read."""

    def check(stands: int) -> None:
        if stands != read_it:
            raise Stale("Somebody has changed it since it was read: read it again.")

    return check


def back_to(objective: UUID, done: str) -> Response[str]:
    """Lead to the objective, which says what was done."""
    return see_other(f"/objectives/{objective}?done={done}")
