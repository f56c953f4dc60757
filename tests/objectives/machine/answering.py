"""What comes of the steps of those whose agreement is needed."""

from tests.objectives.machine.departments import Caller
from tests.objectives.machine.foretelling import (
    FOR_PEOPLE,
    GOES_BACK_FROM,
    LEAVES_FREELY,
    NOT_THERE,
    Foretold,
    refused,
)
from tests.objectives.machine.model import Dispute, Model, Objective, Part
from tests.objectives.machine.saying import Key


def agrees(
    model: Model, caller: Caller, one: Objective, version: int | None
) -> Foretold:
    """Agree, in every capacity that the caller holds, to a version."""
    if caller.person is None:
        return FOR_PEOPLE
    if not model.sees(caller, one):
        return NOT_THERE
    held = model.held(one, caller.person)
    needed = model.needed(one)
    left = {part: needed[part] for part in needed.keys() - one.given - {*held}}
    foretold = refused(
        data_sharing_missing=not model.may_share(one.present),
        objective_not_yours=not held,
        objective_version_differs=version not in {None, one.version},
        objective_no_line_manager=None in left.values(),
        objective_wrong_stage=one.stage != "proposed",
    )

    def becomes() -> bool:
        fresh = {*held} - one.given
        one.given |= fresh
        for part in fresh:
            accepted = _accepts(one, part)
            if accepted is not None:
                one.states[accepted] = "accepted"
        whole = one.given >= {*needed}
        if whole:
            one.stage = "agreed"
        return bool(fresh) or whole

    foretold.becomes = becomes
    return foretold


def _accepts(one: Objective, part: Part) -> Key | None:
    """The contribution that is accepted by agreeing in a capacity."""
    match part:
        case ("line_manager", None):
            return one.lead, one.subject
        case ("contributor_manager", key):
            return key
    return None


def sends_back(model: Model, caller: Caller, one: Objective) -> Foretold:
    """Send it back to whoever set it."""
    if caller.person is None:
        return FOR_PEOPLE
    if not model.sees(caller, one):
        return NOT_THERE
    held = model.held(one, caller.person)
    foretold = refused(
        data_sharing_missing=not model.may_share(one.present),
        objective_not_yours=not held,
        objective_wrong_stage=one.stage not in GOES_BACK_FROM or {*held} <= one.given,
    )

    def becomes() -> bool:
        one.stage = "sent_back"
        return True

    foretold.becomes = becomes
    return foretold


def disputes(
    model: Model, caller: Caller, one: Objective, about: Key | None
) -> Foretold:
    """Dispute the whole, or one contribution."""
    if caller.person is None:
        return FOR_PEOPLE
    if not model.sees(caller, one):
        return NOT_THERE
    part = _disputed(one, model.held(one, caller.person), about)
    foretold = refused(
        data_sharing_missing=not model.may_share(one.present),
        not_found=about is not None and about not in one.live,
        objective_not_yours=part is None,
        objective_wrong_stage=one.stage not in {"proposed", "agreed", "disputed"},
        dispute_open=part in {dispute.part for dispute in one.open},
    )

    def becomes() -> bool:
        assert part is not None
        assert caller.person is not None
        had = part in one.given
        one.disputes.append(Dispute(part, one.version, caller.person, had))
        one.given.discard(part)
        if part[1] is not None:
            one.states[part[1]] = "disputed"
        one.stage = "disputed"
        return True

    foretold.becomes = becomes
    return foretold


def _disputed(one: Objective, held: list[Part], about: Key | None) -> Part | None:
    lead = one.lead, one.subject
    wanted = [
        part
        for part in held
        if about in {None, part[1]} or (part[1] is None and about == lead)
    ]
    return wanted[0] if wanted else None


def settles(
    model: Model, caller: Caller, one: Objective, raised: Dispute, outcome: str
) -> Foretold:
    """Keep what is disputed, or drop the dispute."""
    if caller.person is None:
        return FOR_PEOPLE
    if not model.sees(caller, one):
        return NOT_THERE
    holder = model.needed(one).get(raised.part)
    manager = model.managers[one.subject]
    may = {holder, raised.person} if outcome == "dropped" else {manager} - {holder}
    foretold = refused(
        data_sharing_missing=not model.may_share(one.present),
        dispute_settled=raised.outcome is not None,
        objective_not_yours=caller.person not in may,
        objective_wrong_stage=one.stage == "withdrawn",
    )

    def becomes() -> bool:
        raised.outcome = outcome
        if outcome == "kept":
            one.history.append(one.says)
        elif raised.had_agreed:
            one.given.add(raised.part)
        _no_longer_disputed(one, raised.part[1])
        if one.stage == "disputed" and not one.open:
            agreed = one.given >= {*model.needed(one)}
            one.stage = "agreed" if agreed else "proposed"
        return True

    foretold.becomes = becomes
    return foretold


def _no_longer_disputed(one: Objective, key: Key | None) -> None:
    if key not in one.live or key in {dispute.part[1] for dispute in one.open}:
        return
    lead = key == (one.lead, one.subject)
    accepts = ("line_manager", None) if lead else ("contributor_manager", key)
    one.states[key] = "accepted" if accepts in one.given else "invited"


def declines(model: Model, caller: Caller, one: Objective, key: Key) -> Foretold:
    """Decline what the caller's own report is asked for."""
    return _goes(model, caller, one, key, {"invited", "disputed"}, "declined")


def leaves(model: Model, caller: Caller, one: Objective, key: Key) -> Foretold:
    """Take the caller's own report off."""
    foretold = _goes(
        model, caller, one, key, {"invited", "accepted", "disputed"}, "left"
    )
    shares = all(model.shares(key[0], other) for other in one.present)
    bound = one.said.model not in LEAVES_FREELY and shares
    if bound and foretold not in (FOR_PEOPLE, NOT_THERE):
        foretold.refusals.add("objective-not-yours")
    return foretold


def _goes(
    model: Model, caller: Caller, one: Objective, key: Key, at: set[str], state: str
) -> Foretold:
    if caller.person is None:
        return FOR_PEOPLE
    if not model.sees(caller, one) or key not in one.live:
        return NOT_THERE
    lead = key == (one.lead, one.subject)
    stages = GOES_BACK_FROM | ({"agreed"} if state == "left" else set())
    foretold = refused(
        objective_not_yours=lead or model.managers[key[1]] != caller.person,
        contribution_wrong_state=one.states[key] not in at,
        objective_wrong_stage=one.stage not in stages,
    )

    def becomes() -> bool:
        one.states[key] = state
        one.stage = "sent_back"
        return True

    foretold.becomes = becomes
    return foretold
