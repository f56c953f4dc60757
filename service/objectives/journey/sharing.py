"""How the journey's pages about partners and their shares are drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response

from service.directory.searching import Found
from service.objectives import wording
from service.objectives.drawing import asked
from service.objectives.journey.asking import PARTNERS_ROLES, PartnerForm, SavedForm
from service.objectives.journey.drawing import ASKED_AGAIN, name_of, step
from service.objectives.journey.saving import BEING_WRITTEN
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.reading import Whole
from service.objectives.rules import OwnershipModel
from service.web.forms import Filled, started
from service.web.language import say
from service.web.pages import UNPROCESSABLE, AnyRequest, page


def partners(request: AnyRequest, it: Whole) -> Response[str]:
    """Draw who takes part, with what leads to others."""
    parts = [
        (part, name_of(it, part), part.person == it.fact.person)
        for part in it.fact.live
    ]
    return step(request, "partners", it, say("Who takes part?"), None, parts_of=parts)


def found(
    request: AnyRequest,
    fact: ObjectiveFact,
    filled: Filled[Any],
    people: Sequence[Found],
    *,
    most: int,
) -> Response[str]:
    """Draw the search for partners; `most` are shown where there are more, else 0."""
    return page(
        request,
        "objectives/find.html",
        title=say("Find people to work with"),
        filled=filled,
        status=UNPROCESSABLE if filled.errors else 200,
        fact=fact,
        people=people,
        most=most,
        already={part.person for part in fact.live},
    )


def partner(
    request: AnyRequest,
    fact: ObjectiveFact,
    who: Found,
    filled: Filled[PartnerForm] | None,
) -> Response[str]:
    """Draw what a partner's person is asked to contribute."""
    name = f"{who.given_name} {who.family_name}"
    lead = next(part for part in fact.live if part.person == fact.person)
    return page(
        request,
        "objectives/partner.html",
        title=say("What will %(name)s contribute?", name=name),
        filled=filled,
        status=UNPROCESSABLE if filled is not None else 200,
        fact=fact,
        who=who,
        roles=_roles(),
        left=lead.share,
        asks=fact.stage not in BEING_WRITTEN,
        asked_again=say(ASKED_AGAIN),
        back=f"/objectives/{fact.id}/partners/find",
    )


def removal(
    request: AnyRequest,
    it: Whole,
    part: ContributionFact,
    filled: Filled[SavedForm] | None,
) -> Response[str]:
    """Draw whether a contributor is to be taken off."""
    return asked(
        request,
        it,
        filled,
        title=say("Take this contributor off"),
        intro=[
            name_of(it, part),
            say("Their share goes back to the lead."),
            *([] if it.fact.stage in BEING_WRITTEN else [say(ASKED_AGAIN)]),
        ],
        quote=part.commitment,
        fields=[
            {"name": "revision", "value": it.fact.revision},
            *([] if it.fact.stage in BEING_WRITTEN else [_reason()]),
        ],
        button=say("Take contributor off"),
        warning=True,
    )


def _reason() -> Mapping[str, str]:
    return {"name": "reason", "label": say("Why do you change it? (optional)")}


def _roles() -> Sequence[Mapping[str, str]]:
    return [
        {"value": role.value, "text": say(wording.ROLES[role])}
        for role in PARTNERS_ROLES
    ]


def shares(
    request: AnyRequest, it: Whole, filled: Filled[SavedForm] | None
) -> Response[str]:
    """Draw everybody's share, role and work, and who is accountable."""
    parts = it.fact.live
    if filled is None:
        values: dict[str, object] = {}
        for number, part in enumerate(parts):
            values[f"share_{number}"] = part.share
            values[f"role_{number}"] = part.role.value
            values[f"commitment_{number}"] = part.commitment
        owners = [" ".join(map(str, owner)) for owner in it.fact.content.owners]
        filled = started(**values, owner=owners)
    model = it.fact.content.ownership_model
    return step(
        request,
        "shares",
        it,
        say("Shares and roles"),
        filled,
        parts_of=[(part, name_of(it, part)) for part in parts],
        owners=_owners(it),
        several=model == OwnershipModel.COLLECTIVE_ACCOUNTABILITY,
        roles=_roles(),
    )


def _owners(it: Whole) -> Sequence[Mapping[str, str]]:
    """Return who may be chosen as accountable: contributors, and who is already."""
    named = {str(part.person): name_of(it, part) for part in it.fact.live}
    for owner in it.fact.content.owners:
        names = [it.sight.names.get(each, str(each)) for each in owner]
        named.setdefault(" ".join(map(str, owner)), ", ".join(names))
    return [{"value": value, "text": text} for value, text in named.items()]
