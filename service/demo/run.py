"""Runs the demo's steps in order, and says what came of them."""

import random
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Scope
from service.auth.queries import is_enabled
from service.auth.secret import derive
from service.db.migrations import undo
from service.db.opening import database, server
from service.db.reach import EVERYONE, within_reach
from service.demo import joint, plan, present, sample, steps
from service.demo.groups import Group, groups
from service.demo.joint import Told
from service.demo.plan import Kept, NotADemo, Plan
from service.demo.present import Present
from service.demo.pulling import pull, served
from service.demo.steps import OPERATOR, Progress, Year
from service.demo.visiting import Busy, Visitor, busy_in, visitors
from service.directory.actions import (
    import_organisations,
    import_organogram,
    import_people,
)
from service.directory.queries import known_codes
from service.errors import Unprocessable
from service.records.actions import attach_imported
from service.records.frameworks import Stage
from service.records.rules import CycleState
from service.scores import actions as scores
from service.settings import Settings


class NeedsEmbedded(Unprocessable):
    """The demo runs on the embedded database alone."""

    slug = "demo-needs-embedded"


class BadInput(Unprocessable):
    """The demo's input was refused."""

    slug = "demo-input-refused"


SCOPES: Final = (
    Scope.SCORES_READ,
    Scope.RECORDS_READ,
    Scope.OBJECTIVES_READ,
    Scope.CYCLES_READ,
)


@dataclass(slots=True)
class Result:
    """What the demo did; `pulled` are the rows the HR system was given."""

    organisations: int = 0
    people: int = 0
    records: int = 0
    objectives_agreed: int = 0
    joint: Told | None = None
    responses: int = 0
    scores: dict[str, int] = field(default_factory=dict)
    pulled: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    cycle: str = ""
    organisation: str = ""
    client_id: str = ""
    client_secret: str = ""
    visitors: list[Visitor] = field(default_factory=list)
    present: Present | None = None
    busy: list[Busy] = field(default_factory=list)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes, in seconds."""
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 2)


async def run(
    wanted: Plan, *, settings: Settings, reset: bool, progress: Progress
) -> Result:
    """Do the whole job on the embedded database; again on the same data: nothing new.

    Refuses a data directory whose data no demo made, or another demo did.
    """
    if not settings.embedded:
        raise NeedsEmbedded("Unset JOINEDUP_DATABASE_URL to run the demo.")
    if wanted.data is not None:
        _input(Path(wanted.data))  # Before anything is made or noted.
    result = Result()
    if reset:
        with result.timed("reset"):
            await _reset(settings)
    began = time.monotonic()
    with within_reach(EVERYONE):
        async with database(settings):
            result.seconds["database"] = round(time.monotonic() - began, 2)
            await _check_ours(settings.data_dir)
            ours = plan.keep(settings.data_dir, wanted, settings.clock())
            await _do(ours, settings, result, progress)
    return result


def _input(folder: Path) -> tuple[Path, list[Path], list[Path]]:
    """Return the files of organisations, of people and of posts."""
    organisations = folder / "hr" / "organisations.csv"
    people = sorted(set((folder / "hr").glob("*.csv")) - {organisations})
    posts = sorted((folder / "organogram").glob("*.csv"))
    if not (organisations.is_file() and people and posts):
        raise BadInput(
            f"{folder} must hold hr/organisations.csv, hr/*.csv and organogram/*.csv."
        )
    return organisations, people, posts


async def _reset(settings: Settings) -> None:
    """Undo every migration of a demo's database, and forget the demo."""
    if plan.kept(settings.data_dir) is None:
        return
    with server(settings) as where:
        if where.owner is not None:
            await undo(where.owner, to="")
    plan.forget(settings.data_dir)


async def _check_ours(data_dir: Path) -> None:
    if plan.kept(data_dir) is None and await known_codes():
        raise NotADemo(
            f"{data_dir} holds organisations that no demo imported: give"
            " JOINEDUP_DATA_DIR another folder."
        )


async def _do(
    ours: Kept, settings: Settings, result: Result, progress: Progress
) -> None:
    now = ours.begun
    with result.timed("import"):
        await _import(ours.plan, settings, result, now, progress)
    with result.timed("cycle"):
        year = await steps.open_year(now)
        starts = year.starts[Stage.OBJECTIVE_SETTING].date()
        await steps.share(starts, (now + timedelta(days=365)).date(), now)
        result.cycle, result.records = str(year.id), len(year.of)
    colleagues = await steps.colleagues(year)
    shared = groups(colleagues, ours.plan.seed)
    result.objectives_agreed = len(shared)
    busy = {member.person for group in shared for member in group.members}
    with result.timed("joint objective"):
        result.joint = await joint.live(year, colleagues, busy, ours.plan.seed)
    if year.state == CycleState.OPEN:
        await _work(year, ours, shared, result, now, progress)
    elif year.state == CycleState.PUBLISHING:  # It was stopped between two batches.
        await scores.publish(
            year.id, key=derive("rater-pseudonym"), caller=OPERATOR, now=now
        )
    result.responses, result.scores = await steps.counts(year.id)
    with result.timed("pull"):
        await _pull(ours, year, settings, result, now)
    subject = _numbered(result)
    with result.timed("this year"):
        result.present = await present.prepare(
            year,
            lead=(result.organisation, subject),
            client_id=ours.client_id,
            seed=ours.plan.seed,
            now=now,
            clock=settings.clock(),
        )
    if subject is not None:
        result.visitors = await visitors(year, result.organisation, subject, now)
    if result.present is not None:
        result.busy = await busy_in(result.present, result.visitors, settings.clock())


async def _import(
    wanted: Plan,
    settings: Settings,
    result: Result,
    now: datetime,
    progress: Progress,
) -> None:
    folder = steps.folder_of(wanted.data, settings.data_dir)
    if wanted.data is None:
        sample.write(folder, people=wanted.people, seed=wanted.seed, today=now.date())
    organisations, people, posts = _input(folder)
    await import_organisations(
        [organisations], caller=OPERATOR, now=now, progress=progress
    )
    await import_organogram(posts, caller=OPERATOR, now=now, progress=progress)
    chance = random.Random(f"{wanted.seed} people")  # noqa: S311 - repeatable on purpose

    async def attach(_: Collection[str]) -> None:
        await attach_imported(caller=OPERATOR, now=now)

    report = await import_people(
        people,
        caller=OPERATOR,
        now=now,
        followed_by=attach,
        new_id=lambda: UUID(int=chance.getrandbits(128), version=4),
        progress=progress,
    )
    result.organisations = len(await known_codes())
    result.people = report.read


async def _work(
    year: Year,
    ours: Kept,
    shared: Sequence[Group],
    result: Result,
    now: datetime,
    progress: Progress,
) -> None:
    seed = ours.plan.seed
    members = [member for group in shared for member in group.members]
    with result.timed("objectives"):
        await steps.agree(year, shared, progress)
    with result.timed("feedback"):
        if not await steps.is_over(year):
            await steps.ask(year, members, seed, progress)
            await steps.answer(year, members, seed, progress)
            await steps.close(year)
    with result.timed("scores"):
        await scores.compute(
            year.id,
            method=None,
            key=derive("rater-pseudonym"),
            caller=OPERATOR,
            now=now,
        )
        await scores.publish(
            year.id, key=derive("rater-pseudonym"), caller=OPERATOR, now=now
        )


async def _pull(
    ours: Kept, year: Year, settings: Settings, result: Result, now: datetime
) -> None:
    """Give the HR system of one organisation its credentials, and let it pull."""
    result.organisation = await steps.most_published(year.id)
    if not await is_enabled(ours.client_id):
        await create_client(
            [result.organisation],
            list(SCOPES),
            known=await known_codes(),
            caller=OPERATOR,
            now=now,
            record=record,
            name="HR system of the demo",
            new_credentials=lambda: (ours.client_id, ours.client_secret),
        )
    result.client_id, result.client_secret = ours.client_id, ours.client_secret
    async with served(settings) as issuer:
        result.pulled = await pull(issuer, ours.client_id, ours.client_secret)


def _numbered(result: Result) -> UUID | None:
    """Return the first of those pulled who has a number, by their HR system's id."""
    found = [row["person"] for row in result.pulled if row["value"] is not None]
    first = min(found, key=itemgetter("external_id"), default=None)
    return None if first is None else UUID(first["id"])
