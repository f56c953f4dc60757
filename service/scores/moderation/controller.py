"""HTTP for judgements and what panels made of them: declare, delegate, present.

The law: people alone are served; a machine neither sends nor sees a judgement.
"""

from dataclasses import asdict
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.auth.caller import SignedIn
from service.auth.guard import person
from service.records.whose import record_for
from service.scores.moderation import actions, rules
from service.scores.moderation.schemas import (
    EventOut,
    JudgementIn,
    JudgementOut,
    RecordModerationOut,
)
from service.settings import settings

Caller = NamedDependency[SignedIn]
Organisation = Annotated[
    str | None, Parameter(description="Code of the organisation that keeps the record.")
]
RecordName = Annotated[
    str, Parameter(description="The record's id, or source:external_record_id.")
]


class JudgementController(Controller):
    """A manager's judgement of a record, and what became of it."""

    path = "/v1/records/{record:str}"
    tags = ("Moderation",)

    @post(
        "/judgements",
        operation_id="judge",
        summary="Judge a record, as its line manager",
        security=person(),
        opt={
            "refuses": (
                rules.NotYourReport,
                rules.NotNow,
                rules.NoScale,
                rules.UnknownLevel,
                rules.Superseded,
            )
        },
    )
    async def judge(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        data: JSONBody[JudgementIn],
        organisation: FromQuery[Organisation] = None,
    ) -> JudgementOut:
        """State your judgement at mid-year, or at the year's end; the last counts."""
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        made = await actions.judge(on, data.level, data.reason, caller=caller, now=now)
        return JudgementOut(**asdict(made))

    @get(
        "/moderation",
        operation_id="getRecordModeration",
        summary="Read what became of a judgement",
        security=person(),
        opt={"refuses": (rules.NotYetTold,)},
    )
    async def moderation(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> RecordModerationOut:
        """Return every judgement and event: to the subject, once it is published."""
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        judged, events = await actions.told_of(on, caller=caller, now=now)
        return RecordModerationOut(
            judgements=[JudgementOut(**asdict(each)) for each in judged],
            events=[EventOut(**asdict(each)) for each in events],
        )
