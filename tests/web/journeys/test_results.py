"""From comments that wait to results that were read, decided on and appealed."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from service.access.rules import Role
from service.db import transaction
from service.jobs.rules import NoticeKind
from service.scores.actions import compute, publish
from service.scores.deciding.tables import ScoreAppeal, ScoreDecision
from service.settings import settings
from tests.factories import (
    CLOSED,
    OPERATOR,
    RELEASED,
    a_department,
    a_person,
    sharing,
)
from tests.feedback.results.living import close, release, role, six_answer
from tests.scoring import KEY, SIZES, Scene, an_asked_cycle, undone
from tests.web.browser import in_a_browser
from tests.web.journeys import mails
from tests.web.journeys.walking import Walk, Walking

pytestmark = [in_a_browser, pytest.mark.slow]
TELLING = "Words of dwp1."
AN_HOUR_LATER = RELEASED + timedelta(hours=1)


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """Feedback has closed, comments wait to be checked, and scores are computed."""
    async with undone():
        scene = await an_asked_cycle()
        await six_answer(scene)
        await close()
        await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
        yield scene


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
def after_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", CLOSED.isoformat())
    settings.cache_clear()


async def a_moderator() -> UUID:
    """Of `co`, which is in nobody's line or pool."""
    department = await a_department("co", 1)
    person = await a_person("co", manager=department.head)
    await role(person, Role.TEXT_MODERATOR, "co")
    await sharing("co", *SIZES)
    return person


async def test_from_the_moderator_to_the_decision_and_the_appeal(
    walking: Walking, scene: Scene, turn_clock: Callable[[datetime], None]
) -> None:
    async with walking.of(await a_moderator(), "co", "moderator") as walk:
        await moderate(walk)
    await release()
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    turn_clock(AN_HOUR_LATER)
    async with walking.of(scene.people["hmt1"], "hmt", "subject") as walk:
        await read_and_reply(walk, await of_results(walking, scene))
    async with walking.of(scene.people["hmt-head"], "hmt", "manager") as walk:
        await decide(walk, await of_score(walking, scene, "hmt-head"))
    async with walking.of(scene.people["hmt1"], "hmt", "subject") as walk:
        await appeal(walk, await of_score(walking, scene, "hmt1"))
    assert await ScoreDecision.count() == 1
    assert await ScoreAppeal.count() == 1


async def moderate(walk: Walk) -> None:
    await walk.to("/", "thing")
    await walk.page.goto("/comments")
    await walk.at("Comments to check")
    await (
        walk.page.locator(".govuk-summary-card", has_text=TELLING)
        .get_by_role("link")
        .click()
    )
    await walk.at("Check a comment")
    await walk.choose(decision="withhold")
    await walk.press("Decide")
    await walk.is_told("Select why it is withheld")
    await walk.choose(reason="identifies_rater")
    await walk.press("Decide")
    await walk.at("Comments to check")
    await walk.reads_nothing_of(TELLING)
    for rater in ("dwp2", "moj1", "moj2", "dft1", "dft2"):
        card = walk.page.locator(".govuk-summary-card", has_text=f"Words of {rater}.")
        await card.get_by_role("link").click()
        await walk.choose(decision="pass")
        await walk.press("Decide")
        await walk.at("Comments to check")


async def of_results(walking: Walking, scene: Scene) -> str:
    """Where the subject's mail leads."""
    return await mails.link_to(
        scene.people["hmt1"],
        NoticeKind.FEEDBACK_RELEASED,
        scene.records["hmt1"].id,
        walking.site.address,
        AN_HOUR_LATER,
    )


async def of_score(walking: Walking, scene: Scene, whose: str) -> str:
    """Where the mail leads that tells of a decision, or asks for one."""
    decided = whose == "hmt1"
    kind = NoticeKind.SCORE_DECIDED if decided else NoticeKind.SCORE_DECISION_WANTED
    async with transaction() as connection:
        score = await connection.fetchval(
            "SELECT id FROM score WHERE record = $1", scene.records["hmt1"].id
        )
    site = walking.site.address
    return await mails.link_to(scene.people[whose], kind, score, site, AN_HOUR_LATER)


async def read_and_reply(walk: Walk, link: str) -> None:
    await walk.to(link, "Your results")
    await walk.reads("and we are 90% sure it is between", "Words of moj1.")
    await walk.reads_nothing_of(TELLING)
    await walk.write(text="x" * 4100)
    await walk.press("Save reply")
    await walk.is_told("Your reply is too long")
    await walk.write(text="Thank you. All fair.")
    await walk.press("Save reply")
    await walk.at("Your results")
    await walk.reads("Your reply is saved.")


async def decide(walk: Walk, link: str) -> None:
    await walk.to(link, "Decision on the score of Sam ")
    await walk.press("Save decision")
    await walk.is_told("Choose what you make of the score")
    await walk.choose(outcome="amend")
    await walk.write(reason="It leaves out the winter.")
    await walk.press("Save decision")
    await walk.is_told("Say what your own judgement is")
    await walk.choose(band="clearly_above")
    await walk.press("Save decision")
    await walk.at("Decision on the score of Sam ")
    await walk.reads("Your decision is saved.", "It leaves out the winter.")


async def appeal(walk: Walk, link: str) -> None:
    await walk.to(link, "Decision on the score of Sam ")
    await walk.reads("It leaves out the winter.")
    await walk.follow("Appeals")
    await walk.at("Appeals about the score of Sam ")
    await walk.press("Send appeal")
    await walk.is_told("Say why you appeal")
    await walk.write(reason="Two of my objectives are missing.")
    await walk.press("Send appeal")
    await walk.at("Appeals about the score of Sam ")
    await walk.reads("Your appeal is sent.")
