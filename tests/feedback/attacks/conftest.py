"""The asked cycle, and two more in hmt: for `later` nobody has been drawn.

The pool of `wide` is larger than what is drawn of it.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from litestar import Litestar

from service.access.rules import Role
from service.auth.caller import Person
from service.db import transaction
from service.feedback import asking
from service.feedback.nominating import Nominee, nominate
from service.feedback.rules import Origin
from service.records.actions import attach_imported
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_person, record_of
from tests.feedback.attacks.scenarios import Links, links_of
from tests.feedback.attacks.transcripts import Watch, a_watch
from tests.feedback.inviting.mailed import deliver
from tests.feedback.over_http import Callers, callers_of
from tests.feedback.results.living import role
from tests.jobs.catcher import Catcher, catching
from tests.scoring import Scene, an_asked_cycle, undone

ABOUT_WIDE = ("dwp1", "dwp2", "moj1", "moj2", "dft2")
MORE = ("dwp", "dwp", "dwp", "moj", "moj", "dft", "dft")
"""Where the others in its pool work: two of the twelve are not drawn."""


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """Everybody's raters are drawn; nobody has answered, and no mail is under way."""
    async with undone():
        scene = await _with_wide(await an_asked_cycle())
        await role(scene.people["hmt2"], Role.HR_ADMINISTRATOR, "hmt")
        await role(scene.people["hmt3"], Role.DATA_PROTECTION_OFFICER, "hmt")
        await role(scene.people["hmt4"], Role.AUDITOR, "hmt")
        await role(scene.people["hmt5"], Role.TEXT_MODERATOR, "hmt")
        await role(scene.people["dft-head"], Role.HR_ADMINISTRATOR, "dft")
        async with catching() as caught:  # Each is mailed a link: nobody signs in yet.
            await deliver(caught, FEEDBACK_OPEN)
        async with transaction() as connection:
            await connection.execute("DELETE FROM outbox")
        yield scene


async def _with_wide(scene: Scene) -> Scene:
    people = dict(scene.people)
    for number, code in enumerate(MORE, start=1):
        head = scene.people[f"{code}-head"]
        people[f"more{number}"] = await a_person(code, manager=head)
    people["later"] = await a_person("hmt", manager=scene.people["hmt-head"])
    people["wide"] = await a_person("hmt", manager=scene.people["hmt-head"])
    await attach_imported(caller=OPERATOR, now=FEEDBACK_OPEN)
    new = people.keys() - scene.people.keys()
    records = {name: await record_of(people[name], scene.cycle) for name in new}
    scene = replace(scene, people=people, records={**scene.records, **records})
    pool = [*ABOUT_WIDE, *(name for name in people if name.startswith("more"))]
    on, manager = records["wide"], Person(people["hmt-head"])
    known = [Nominee(people[name]) for name in pool]
    await nominate(on, known, Origin.MANAGER, caller=manager, now=FEEDBACK_OPEN)
    await asking.draw(on, seed="wide", caller=OPERATOR, now=FEEDBACK_OPEN)
    return scene


@pytest.fixture
async def callers(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> Callers:
    return await callers_of(app, client, scene)


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with catching() as caught:
        yield caught


@pytest.fixture
async def watch(app: Litestar, callers: Callers, catcher: Catcher) -> Watch:
    """Whoever looks on, and all that they can look at."""
    return await a_watch(app, callers, catcher)


@pytest.fixture
async def links(catcher: Catcher, scene: Scene, app: Litestar) -> AsyncIterator[Links]:
    """The links that raters were mailed, who can sign in by now as well."""
    async with links_of(catcher, scene, app) as found:
        yield found
