"""HTTP for pools and draws: declare, delegate, present.

The law: the subject and the manager see the pool and never the draw; whoever draws sees
how large the pool is and never who is in it.
"""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.access.rules import NotShared, Role
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.db.reach import EVERYONE, within_reach
from service.feedback import asking, nominating, rules
from service.feedback.life import Step, WrongState
from service.feedback.naming import UnknownNominee, named
from service.feedback.nominating import NominationFact
from service.feedback.parts import part_in
from service.feedback.pooling.presenting import pool_out
from service.feedback.rules import Origin
from service.feedback.schedule import new_seed
from service.feedback.schemas import (
    DrawOut,
    NominationOut,
    NominationsIn,
    PoolOut,
    ReasonIn,
)
from service.records.queries import RecordFact
from service.records.whose import record_for
from service.settings import settings

Caller = NamedDependency[SignedIn]
Organisation = Annotated[
    str | None, Parameter(description="Code of one of the caller's organisations.")
]
RecordName = Annotated[
    str, Parameter(description="The record's id, or source:external_record_id.")
]
PROPOSES = [*machine(Scope.FEEDBACK_REQUEST), *person()]
DRAWS = [*machine(Scope.FEEDBACK_REQUEST), *person(Role.HR_ADMINISTRATOR)]
CHANGES = (rules.AlreadyDrawn, rules.NotOpen, rules.NotYourPart)
TAKES_OUT = {"refuses": (*CHANGES, rules.NoReason, rules.ObjectedAlready, WrongState)}


class PoolController(Controller):
    """The pool that a record's raters are drawn from."""

    path = "/v1/records/{record:str}/nominations"
    tags = ("Feedback",)

    @get(
        operation_id="listNominations",
        summary="List the pool of a record",
        security=person(),
    )
    async def pool(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> PoolOut:
        """Return the pool to the subject or their line manager: never who was drawn."""
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        return await pool_out(await nominating.pool_of(on, caller=caller, now=now))

    @post(
        operation_id="nominate",
        summary="Propose colleagues for the pool",
        security=PROPOSES,
        opt={"refuses": (*CHANGES, NotShared, UnknownNominee, rules.PoolFull)},
    )
    async def nominate(
        self,
        caller: Anyone,
        record: FromPath[RecordName],
        data: JSONBody[NominationsIn],
        organisation: FromQuery[Organisation] = None,
    ) -> PoolOut:
        """Propose colleagues, as the subject or their line manager, before the draw.

        Returned are the proposals that are new; a machine sees nobody's name.
        """
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        part = await part_in(on, caller, now)
        origin = data.origin or part or Origin.MANAGER
        nominees = await named(on, data.people, now.date())
        added = await nominating.nominate(
            on, nominees, Origin(origin), caller=caller, now=now
        )
        with within_reach(EVERYONE):
            found = await nominating.nominations(on, added)
        return await pool_out(found, nameless=isinstance(caller, Machine))

    @post(
        "/{nomination:uuid}/veto",
        operation_id="vetoNomination",
        summary="Veto a colleague",
        security=person(),
        opt=TAKES_OUT,
    )
    async def veto(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        nomination: FromPath[UUID],
        data: JSONBody[ReasonIn],
        organisation: FromQuery[Organisation] = None,
    ) -> NominationOut:
        """Take a colleague out, as the subject's line manager, before the draw."""
        taken = await _take_out(
            Step.VETO, caller, record, organisation, nomination, data.reason
        )
        return (await pool_out([taken])).items[0]

    @post(
        "/{nomination:uuid}/objection",
        operation_id="objectToNomination",
        summary="Object to a colleague",
        security=person(),
        opt=TAKES_OUT,
    )
    async def objection(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        nomination: FromPath[UUID],
        data: JSONBody[ReasonIn],
        organisation: FromQuery[Organisation] = None,
    ) -> NominationOut:
        """Take one colleague out, as the subject, before the draw."""
        taken = await _take_out(
            Step.OBJECT, caller, record, organisation, nomination, data.reason
        )
        return (await pool_out([taken])).items[0]

    @get(
        "/draw",
        operation_id="getDraw",
        summary="See how a pool stands before the draw",
        security=DRAWS,
    )
    async def prospect(
        self,
        caller: Anyone,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> DrawOut:
        """Return how many are in the pool, and how many of them are in many."""
        day = settings().clock().date()
        on = await record_for(record, caller, organisation, day)
        return await _draw(on)

    @post(
        "/draw",
        operation_id="drawRaters",
        summary="Draw the raters of a record",
        security=DRAWS,
        opt={"refuses": (rules.AlreadyDrawn, rules.NotOpen, rules.PoolTooSmall)},
    )
    async def draw(
        self,
        caller: Anyone,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> DrawOut:
        """Draw and invite the raters once the window is open; nobody is told whom.

        It is done without being asked for where the pool is large enough.
        """
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        await asking.draw(on, seed=new_seed(), caller=caller, now=now)
        return await _draw(on)


async def _take_out(
    step: Step,
    caller: SignedIn,
    record: str,
    organisation: str | None,
    nomination: UUID,
    reason: str,
) -> NominationFact:
    now = settings().clock()
    on = await record_for(record, caller, organisation, now.date())
    return await nominating.take_out(
        on, nomination, step, reason=reason, caller=caller, now=now
    )


async def _draw(on: RecordFact) -> DrawOut:
    found = await asking.prospect(on)
    return DrawOut(
        record=on.id,
        proposed=found.proposed,
        heavily_proposed=found.heavy,
        drawn_at=found.drawn_at,
    )
