"""Pages on which HR administrators open cycles and set their dates."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import Field

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.records import actions, frameworks, queries
from service.records.frameworks import Stage
from service.records.rescheduling import is_own, movable, reschedule
from service.records.rules import CycleState
from service.records.wording import HAPPENS, STAGES, STATES
from service.settings import settings
from service.web.days import Day, as_written, midnight
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other
from service.web.templating import since, until

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/cycles"
YEAR: Final = re.compile(r"[0-9]{4}")


class DatesForm(Form):
    """The day on which each stage begins; what is left out stays."""

    objective_setting: Day | None = None
    quarterly_conversations: Day | None = None
    mid_year_consistency_check: Day | None = None
    feedback_opens: Day | None = None
    feedback_closes: Day | None = None
    feedback_releases: Day | None = None
    end_year_assessment: Day | None = None
    local_moderation: Day | None = None
    overall_moderation: Day | None = None
    cross_government_consistency_view: Day | None = None
    published: Day | None = None
    archived: Day | None = None

    def changing(self, was: Mapping[Any, datetime]) -> dict[str, datetime]:
        """Return the instants that differ, by day, from those there were."""
        given = {stage: getattr(self, stage) for stage in Stage}
        return {
            stage.value: midnight(day)
            for stage, day in given.items()
            if day is not None and as_written(midnight(day)) != as_written(was[stage])
        }


class NewForm(DatesForm):
    """A new cycle, with its dates."""

    framework: str
    year: Annotated[int, Field(ge=2000, le=2100)]


class MoveForm(DatesForm):
    """New dates of a cycle, as it was read."""

    version: int


NO_YEAR: Final = mark("Enter the year in which the cycle begins, like 2026")
SENTENCES: Final[dict[tuple[str, str], str]] = {
    ("framework", "*"): mark("Select a framework"),
    ("year", "*"): NO_YEAR,
    **{(stage.value, "*"): mark("Enter a day, like 27/3/2027") for stage in Stage},
}


class CyclePages(Controller):
    """Appraisal years of one organisation."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the cycles that the organisation takes part in."""
        found = await queries.cycles([caller.organisation])
        return page(
            request,
            "hr/cycles.html",
            title=say("Cycles and dates"),
            cycles=[
                (each, frameworks.load(each["framework"]).title, _state(each))
                for each in reversed(found)
            ],
        )

    @get("/new", security=ADMINISTRATOR, **PAGE)
    async def new(
        self,
        request: AnyRequest,
        framework: FromQuery[str] = "",
        year: FromQuery[str] = "",
    ) -> Response[Any]:
        """Ask for framework and year; then for the dates, which it fills in."""
        chosen = _preset(framework, year)
        if chosen is None:
            asked = started(framework=framework, year=year or str(_this_year()))
            wrong = {"year": say(NO_YEAR)} if framework and year else {}
            return _first(request, Filled(asked.values, wrong))
        dates = {stage.value: as_written(at) for stage, at in chosen.items()}
        return _second(request, started(framework=framework, year=year, **dates), 200)

    @post("/new", security=ADMINISTRATOR, **PAGE)
    async def create(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Open a cycle of the caller's organisation alone."""
        filled = await read(request, NewForm, SENTENCES)
        form = filled.form
        if form is not None:
            try:
                preset = frameworks.load(form.framework)
                was = frameworks.stage_instants(preset, form.year)
                made = await actions.open_cycle(
                    form.framework,
                    form.year,
                    organisations=[caller.organisation],
                    dates=form.changing(was),
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"{HERE}/{made.id}")
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return _second(request, filled, UNPROCESSABLE)

    @get("/{cycle:uuid}", security=ADMINISTRATOR, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Show what happens when in a cycle."""
        found = await queries.cycle_of(cycle, [caller.organisation])
        now, stages = settings().clock(), _stages(found)
        own = await is_own(cycle, caller)
        closes = stages.get(Stage.FEEDBACK_CLOSES)
        return page(
            request,
            "hr/cycle.html",
            title=say("Cycle %(year)s", year=found["year"]),
            cycle=found,
            framework=frameworks.load(found["framework"]).title,
            state=_state(found),
            stages=[
                (say(STAGES[s]), say(HAPPENS[s]), _when(s, stages[s]), stages[s] <= now)
                for s in Stage
                if s in stages
            ],
            own=own,
            movable=own and bool(movable(stages, now)),
            extends=own and closes is not None and now < closes,
        )

    @get("/{cycle:uuid}/dates", security=ADMINISTRATOR, **PAGE)
    async def dates(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Ask for other dates."""
        found = await queries.cycle_of(cycle, [caller.organisation])
        dates = {stage: as_written(at) for stage, at in _stages(found).items()}
        filled = started(version=found["version"], **dates)
        return await _moving(request, found, caller, filled, 200)

    @post("/{cycle:uuid}/dates", security=ADMINISTRATOR, **PAGE)
    async def move(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Have stages begin on other days."""
        found = await queries.cycle_of(cycle, [caller.organisation])
        filled = await read(request, MoveForm, SENTENCES)
        if filled.form is not None:
            changed = filled.form.changing(_stages(found))
            try:
                await reschedule(
                    cycle,
                    {Stage(name): at for name, at in changed.items()},
                    version=filled.form.version,
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"{HERE}/{cycle}")
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _moving(request, found, caller, filled, UNPROCESSABLE)


def _preset(framework: str, year: str) -> dict[Stage, datetime] | None:
    """Return a framework's dates for a year, if both can be meant."""
    known = framework in frameworks.codes()
    if not known or not YEAR.fullmatch(year) or not 2000 <= int(year) <= 2100:  # noqa: PLR2004 - as the form says
        return None
    return frameworks.stage_instants(frameworks.load(framework), int(year))


def _this_year() -> int:
    return settings().clock().year


def _when(stage: Stage, at: datetime) -> str:
    return until(at) if stage is Stage.FEEDBACK_CLOSES else since(at)


def _state(cycle: Mapping[str, Any]) -> str:
    return say(STATES[CycleState(cycle["state"])])


def _stages(cycle: Mapping[str, Any]) -> dict[str, datetime]:
    told: Mapping[str, str] = json.loads(cycle["stages"] or "{}")
    return {name: datetime.fromisoformat(at) for name, at in told.items()}


def _first(request: AnyRequest, filled: Filled[Any]) -> Response[str]:
    return page(
        request,
        "hr/cycle_new.html",
        title=say("Open a cycle"),
        status=UNPROCESSABLE if filled.errors else 200,
        filled=filled,
        frameworks=[
            {"value": code, "text": frameworks.load(code).title}
            for code in frameworks.codes()
        ],
    )


def _second(request: AnyRequest, filled: Filled[Any], status: int) -> Response[str]:
    return page(
        request,
        "hr/cycle_dates.html",
        title=say("What happens when"),
        status=status,
        filled=filled,
        asked=_asked([*Stage]),
        action=f"{HERE}/new",
        back=HERE,
        hidden=["framework", "year"],
        button=say("Open the cycle"),
    )


async def _moving(
    request: AnyRequest,
    found: Mapping[str, Any],
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    own = await is_own(found["id"], caller)
    stages = movable(_stages(found), settings().clock()) if own else []
    return page(
        request,
        "hr/cycle_dates.html",
        title=say("Change dates"),
        status=status,
        filled=filled,
        asked=_asked(stages),
        action=f"{HERE}/{found['id']}/dates",
        back=f"{HERE}/{found['id']}",
        hidden=["version"],
        button=say("Change the dates"),
    )


def _asked(stages: list[Stage]) -> list[tuple[str, str, str]]:
    return [(stage.value, say(STAGES[stage]), say(HAPPENS[stage])) for stage in stages]
