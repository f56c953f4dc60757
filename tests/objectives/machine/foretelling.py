"""What each step comes to: the refusals it may meet, or what becomes of the objective.

The law: it is worked out from the model alone, before the service is asked.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from tests.objectives.machine.departments import Caller
from tests.objectives.machine.model import WHOLE_IN, Model, Objective
from tests.objectives.machine.saying import Said

CHANGES: Final = {"draft", "proposed", "sent_back", "disputed", "agreed"}
LEAVES_FREELY: Final = {"planning_separately", "voluntary_coordination"}
GOES_BACK_FROM: Final = {"proposed", "sent_back", "disputed"}


@dataclass(slots=True)
class Foretold:
    """What is to come: one of these refusals, or, when there are none, a change."""

    refusals: set[str] = field(default_factory=set)
    becomes: Callable[[], bool] = lambda: False
    """Has the model follow; says whether anything was changed at all."""


NOT_THERE: Final = Foretold({"not-found"})
FOR_PEOPLE: Final = Foretold({"wrong-caller"})


def refused(**reasons: bool) -> Foretold:
    return Foretold(
        {name.replace("_", "-") for name, applies in reasons.items() if applies}
    )


def follow(model: Model, one: Objective, foretold: Foretold) -> None:
    """Have the model follow: count the change, and tell whom it is there for."""
    before = model.there(one)
    if not foretold.becomes():
        return
    one.revision += 1
    there = model.there(one)
    # For some it may have ended with an agreement to share, when nothing changed.
    following = {code for code, told in one.feed.items() if told[-1][1] == "upsert"}
    for organisation in before | there | following:
        op = "upsert" if organisation in there else "delete"
        one.feed[organisation].append((one.revision, op))


def _put(one: Objective) -> None:
    one.stage, one.put = "proposed", one.put or one.version


def _put_again(model: Model, one: Objective) -> None:
    """Put it to others; where all have agreed to it before, that stands."""
    _put(one)
    if one.given >= {*model.needed(one)}:
        one.stage = "agreed"


def faults(
    model: Model,
    caller: Caller,
    one: Objective,
    said: Said,
    *,
    whole: bool,
    stands: UUID | None,
) -> set[str]:
    """What is wrong with something that an objective is to say.

    `stands` is what it is aligned to already, which may stay.
    """
    people = [person for owner in said.owners for person in owner]
    working = {model.organisations[person] for person in people}
    collective = said.model == "collective_accountability"
    shares = [part.share for part in said.parts]
    return refused(
        data_sharing_missing=not model.may_share(said.organisations | {one.lead}),
        objective_shares_invalid=whole and sum(shares) != 100,
        objective_too_few_organisations=whole and len(said.organisations) < 2,
        objective_contributors_invalid=len(said.keys) < len(said.parts),
        objective_owners_invalid=(
            max(Counter(people).values()) > 1
            or not working <= said.organisations
            or (collective and len(working) < 2)
            or (not collective and len(said.owners) != 1)
        ),
        objective_alignment_invalid=(
            said.parent != stands and _misaligned(model, caller, one, said.parent)
        ),
    ).refusals


def _misaligned(
    model: Model, caller: Caller, one: Objective, parent: UUID | None
) -> bool:
    if parent is None:
        return False
    if parent not in model.objectives:
        return True
    above = model.objectives[parent]
    if not model.sees(caller, above) or above.stage == "withdrawn":
        return True
    while above.id != one.id and above.said.parent is not None:
        above = model.objectives[above.said.parent]
    return above.id == one.id


def _unled(model: Model, said: Said) -> bool:
    """Whether somebody's line manager, who would have to agree, is not recorded."""
    return any(model.managers[part.person] is None for part in said.parts)


def sets(model: Model, caller: Caller, one: Objective, *, draft: bool) -> Foretold:
    """Set `one`, which is not in the model yet."""
    if not model.sets(caller, one.subject, one.lead):
        return NOT_THERE
    found = faults(model, caller, one, one.said, whole=not draft, stands=None)
    if not draft and _unled(model, one.said):
        found.add("objective-no-line-manager")

    def becomes() -> bool:
        model.objectives[one.id] = one
        one.states = dict.fromkeys(one.said.keys, "invited")
        one.feed[one.lead].append((1, "upsert"))
        if not draft:
            _put(one)
        return not draft

    return Foretold(found, becomes)


def changes(
    model: Model, caller: Caller, one: Objective, said: Said, match: int | None
) -> Foretold:
    """Have it say something else, by somebody who has read revision `match`."""
    if not model.sees(caller, one):
        return NOT_THERE
    if said.parent is None and not _sees_above(model, caller, one.said.parent):
        said = replace(said, parent=one.said.parent)
    material = said.agreed_to != one.says.agreed_to
    same = not material and said.links == one.says.links
    put = material and one.stage in {"proposed", "disputed", "agreed"}
    foretold = refused(
        precondition_required=match is None,
        stale=match is not None and match != one.revision,
        objective_not_yours=not model.sets(caller, one.subject, one.lead),
        objective_wrong_stage=one.stage not in CHANGES,
        objective_no_line_manager=put and _unled(model, said),
    )
    foretold.refusals |= faults(
        model, caller, one, said, whole=one.stage in WHOLE_IN, stands=one.said.parent
    )

    def becomes() -> bool:
        if same:
            return False
        one.history.append(said)
        if material:
            _asked_anew(one, said)
            if put:
                _put(one)
        return True

    foretold.becomes = becomes
    return foretold


def _sees_above(model: Model, caller: Caller, parent: UUID | None) -> bool:
    return parent is None or model.sees(caller, model.objectives[parent])


def _asked_anew(one: Objective, said: Said) -> None:
    one.terms = one.version
    one.given.clear()
    for key in {*one.live} - {*said.keys}:
        if one.shared:
            one.states[key] = "left"
        else:
            del one.states[key]
    one.states |= dict.fromkeys(said.keys, "invited")
    for dispute in one.open:
        dispute.outcome = "changed"


def proposes(model: Model, caller: Caller, one: Objective) -> Foretold:
    """Put it to others."""
    if not model.sees(caller, one):
        return NOT_THERE
    foretold = refused(
        objective_not_yours=not model.sets(caller, one.subject, one.lead),
        objective_wrong_stage=(
            one.stage not in {"draft", "sent_back"} or bool(one.open)
        ),
        objective_no_line_manager=None in model.outstanding(one).values(),
    )
    foretold.refusals |= faults(
        model, caller, one, one.says, whole=True, stands=one.said.parent
    )

    def becomes() -> bool:
        _put_again(model, one)
        return True

    foretold.becomes = becomes
    return foretold


def withdraws(model: Model, caller: Caller, one: Objective) -> Foretold:
    """Take it back for good."""
    return _ends(model, caller, one, CHANGES, "withdrawn")


def closes(model: Model, caller: Caller, one: Objective) -> Foretold:
    """Close it, assessed."""
    return _ends(model, caller, one, {"assessed"}, "closed")


def _ends(
    model: Model, caller: Caller, one: Objective, at: set[str], stage: str
) -> Foretold:
    if not model.sees(caller, one):
        return NOT_THERE
    foretold = refused(
        objective_not_yours=not model.sets(caller, one.subject, one.lead),
        objective_wrong_stage=one.stage not in at,
    )

    def becomes() -> bool:
        one.stage = stage
        return True

    foretold.becomes = becomes
    return foretold


def assessed(one: Objective) -> Foretold:
    """Have it assessed."""

    def becomes() -> bool:
        one.stage = "assessed"
        return True

    return Foretold(becomes=becomes)
