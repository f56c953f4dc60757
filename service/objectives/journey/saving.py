"""Saving one page of the journey, and where it leads."""

from typing import Final

from litestar import Response

from service.auth.caller import SignedIn
from service.objectives import actions
from service.objectives.content import Content
from service.objectives.drawing import back_to, unless_stale
from service.objectives.journey.asking import SavedForm
from service.objectives.journey.restating import stated
from service.objectives.reading import Whole
from service.objectives.rules import check_shares
from service.objectives.stages import Stage
from service.settings import settings
from service.web.pages import see_other

BEING_WRITTEN: Final = frozenset({Stage.DRAFT, Stage.SENT_BACK})
"""Where nobody is asked until it is put to them."""
TO_CHECK: Final = "check"


async def save(it: Whole, form: SavedForm, says: Content, caller: SignedIn) -> None:
    """Have an objective say something else, as somebody changed what they had read."""
    unless_stale(form.revision)(it.fact.revision)
    await actions.change(
        it.fact.id,
        stated(it.fact, says),
        reason=form.reason,
        caller=caller,
        now=settings().clock(),
        checked=unless_stale(form.revision),
    )


async def save_shares(
    it: Whole, form: SavedForm, says: Content, caller: SignedIn
) -> None:
    """Save who does how much; together that is one whole, in a draft as well.

    Where nobody is asked yet no rule needs it, and it would be said at the end alone.
    """
    unless_stale(form.revision)(it.fact.revision)
    check_shares([part.share for part in says.contributions])
    await save(it, form, says, caller)


def onwards(it: Whole, step: str, to: str | None) -> Response[str]:
    """Lead to the next page of the journey, or back to where the change began."""
    if it.fact.stage not in BEING_WRITTEN:
        return back_to(it.fact.id, "changed")
    return see_other(f"/objectives/{it.fact.id}/{TO_CHECK if to else step}")
