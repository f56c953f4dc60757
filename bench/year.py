"""An appraisal year to measure on: imported, shared, answered and published.

The law: everything goes through the actions that the service itself uses.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bench.feedback import Form, submitting
from bench.measure import Measure, rows
from service.auth.caller import Operator, Person
from service.auth.secret import derive
from service.demo import sample, steps
from service.demo.groups import Colleague, filled, groups
from service.demo.steps import Year
from service.directory.actions import (
    import_organisations,
    import_organogram,
    import_people,
)
from service.feedback import actions as feedback
from service.records.frameworks import Stage
from service.scores import actions as scores

SEED: Final = 1
PEOPLE: Final = 1_700
GROUPS: Final = 8
COMPARED: Final = 240
"""Forms submitted by turns through the service and bare."""
CALLER: Final = Operator("bench")


async def imported(folder: Path, now: datetime) -> list[Measure]:
    """Import a sample's organisations, posts and people."""
    sample.write(folder, people=PEOPLE, seed=SEED, today=now.date())
    organisations = folder / "hr" / "organisations.csv"
    people = sorted(set((folder / "hr").glob("*.csv")) - {organisations})
    posts = sorted((folder / "organogram").glob("*.csv"))
    await import_organisations([organisations], caller=CALLER, now=now)
    return [
        await rows("import of posts", _posts(posts, now)),
        await rows("import of people", _people(people, now)),
        await rows("the same people again", _people(people, now)),
    ]


async def _posts(files: list[Path], now: datetime) -> int:
    return (await import_organogram(files, caller=CALLER, now=now)).read


async def _people(files: list[Path], now: datetime) -> int:
    return (await import_people(files, caller=CALLER, now=now)).read


async def answered(now: datetime) -> tuple[Year, list[Measure]]:
    """Open the last year that is over, share objectives in it and give feedback."""
    year = await steps.open_year(now)
    starts = year.starts[Stage.OBJECTIVE_SETTING].date()
    await steps.share(starts, (now + timedelta(days=365)).date(), now)
    shared = groups(await steps.colleagues(year), SEED)[:GROUPS]
    members = [member for group in shared for member in group.members]
    await steps.agree(year, shared, _unheard)
    await steps.ask(year, members, SEED, _unheard)
    forms = await _forms(year, members)
    given = year.day(Stage.FEEDBACK_OPENS, 10)
    return year, [
        await submitting(forms[:COMPARED], given),
        await rows("feedback submitted", _submitted(forms[COMPARED:], given)),
    ]


def _unheard(_: str, __: int, ___: int) -> None:
    """Report no progress."""


async def _forms(year: Year, members: list[Colleague]) -> list[Form]:
    """Return what waits to be answered, and how each rater answers it."""
    names = {year.of[member.person].id: member.name for member in members}
    return [
        Form(request, Person(member.person), filled(member.name, names[record], SEED))
        for member in members
        for request, record in (await feedback.waiting(member.person, year.id)).items()
    ]


async def _submitted(forms: Sequence[Form], now: datetime) -> int:
    for form in forms:
        await feedback.submit(form.request, form.filled, caller=form.rater, now=now)
    return len(forms)


async def published(year: Year, now: datetime) -> Measure:
    """Compute the year's scores and publish them."""
    return await rows("records scored and published", _published(year, now))


async def _published(year: Year, now: datetime) -> int:
    key = derive("rater-pseudonym")
    await scores.compute(year.id, method=None, key=key, caller=CALLER, now=now)
    counts = await scores.publish(year.id, key=key, caller=CALLER, now=now)
    return sum(counts.values())
