"""Home lists what waits for whoever looks, by when it is due, and nothing done."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from service.access.rules import Role
from service.auth.caller import Person
from service.feedback import actions
from service.feedback.break_glass.tables import BreakGlass
from service.records.actions import attach_imported
from service.settings import settings
from tests.factories import (
    CLOSED,
    FEEDBACK_OPEN,
    IN_THE_YEAR,
    OPERATOR,
    a_department,
    a_person,
    record_of,
    sharing,
)
from tests.feedback.results.living import close, role, six_answer
from tests.feedback.stored import request_of
from tests.objectives.acting import dispute, send_back
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    assess,
    assess_part,
    countersign,
    part_of,
)
from tests.objectives.joint import Joint, a_joint_department, agree
from tests.scoring import SIZES, Scene, an_asked_cycle, answers, filled, give, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, visiting

TASK = re.compile(
    r'govuk-task-list__link" href="([^"]+)"[^>]*>\s*(.*?)\s*</a>', re.DOTALL
)


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        yield


class Clock:
    """The service's own."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, moment: datetime) -> None:
        self._patch.setenv("JOINEDUP_NOW", moment.isoformat())
        settings.cache_clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def clock_again(clock: Clock) -> Iterator[None]:
    clock(IN_THE_YEAR)
    yield
    settings.cache_clear()


async def home(person: UUID, code: str) -> httpx.Response:
    async with visiting(person, code) as visitor:
        page = await visitor.get("/")
    assert page.status_code == 200, page.text
    return page


async def tasks(person: UUID, code: str) -> list[str]:
    """What is listed, without whom or what it is about."""
    page = await home(person, code)
    found = [text for _, text in TASK.findall(page.text)]
    count = f"{len(found)} things to do" if len(found) > 1 else "1 thing to do"
    assert heading(page) == (count if found else "Nothing to do")
    return [text.partition(" “")[0].partition(" Sam ")[0] for text in found]


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


async def test_whose_agreement_is_wanted_is_asked_until_they_agree(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    head, partner = joint.hmt.head, joint.dft.head
    assert await tasks(joint.subject, "hmt") == ["Agree"]
    assert await tasks(head, "hmt") == ["Agree"]
    assert await tasks(partner, "dft") == ["Agree what your person contributes to"]
    assert await tasks(joint.partner, "dft") == []
    assert await tasks(joint.moj.head, "moj") == []
    await agree(fact.id, partner)
    assert await tasks(partner, "dft") == []
    page = await home(head, "hmt")
    assert TASK.findall(page.text) == [
        (f"/objectives/{fact.id}", f"Agree “{fact.content.title}”, or say why not")
    ]


async def test_what_was_sent_back_or_disputed_waits_for_the_manager(
    joint: Joint,
) -> None:
    head = joint.hmt.head
    await joint.drafted()
    assert await tasks(head, "hmt") == ["Finish"]
    assert await tasks(joint.subject, "hmt") == []
    sent = await joint.proposed(title="Second")
    await send_back(sent.id, joint.subject)
    third = await joint.agreed(title="Third")
    await dispute(third.id, joint.dft.head)
    found = await tasks(head, "hmt")
    assert sorted(found) == ["Change", "Finish", "Settle the dispute about"]


async def test_assessments_are_asked_for_once_the_year_is_over(
    joint: Joint, clock: Clock
) -> None:
    fact = await joint.agreed()
    head, partner = joint.hmt.head, joint.dft.head
    assert await tasks(head, "hmt") == []
    clock(AT_THE_END)
    part = "Assess the contribution of"
    assert await tasks(head, "hmt") == ["Assess the outcome of", part]
    assert await tasks(partner, "dft") == [part]
    mine = part_of(fact, joint.partner)
    at = f"/objectives/{fact.id}/contributions/{mine.id}/assessment"
    assert TASK.findall((await home(partner, "dft")).text)[0][0] == at
    async with visiting(partner, "dft") as visitor:
        assert (await visitor.get(at)).status_code == 200
    await assess_part(fact, mine, partner)
    assert await tasks(partner, "dft") == []
    made = await assess(fact, head)
    assert await tasks(head, "hmt") == [part]
    assert await tasks(partner, "dft") == ["Countersign the assessment of"]
    await countersign(fact, made, partner)
    assert await tasks(partner, "dft") == []
    assert "By the end of 30 April 2027" in (await home(head, "hmt")).text


@pytest.fixture
async def scene(db: None, clock: Clock) -> Scene:
    clock(FEEDBACK_OPEN)
    return await an_asked_cycle()


async def test_feedback_is_asked_for_until_it_is_sent(scene: Scene) -> None:
    rater, give_it = scene.people["dwp1"], "Give feedback on"
    before = await tasks(rater, "dwp")
    assert before.count(give_it) > 1
    await give(scene, "dwp1", "hmt1")
    assert (await tasks(rater, "dwp")).count(give_it) == before.count(give_it) - 1
    request = await request_of(scene, "dwp1", "hmt2")
    await actions.save(
        request,
        filled(answers("dwp1", "hmt2")),
        check=lambda _: None,
        caller=Person(rater),
        now=FEEDBACK_OPEN,
    )
    assert "Finish your feedback on" in await tasks(rater, "dwp")


async def test_what_one_rater_does_moves_nobody_elses_home(scene: Scene) -> None:
    others = [name for name in scene.people if name != "dwp1"]
    before = {name: await _listed(scene, name) for name in others}
    await give(scene, "dwp1", "hmt1")
    assert {name: await _listed(scene, name) for name in others} == before


async def _listed(scene: Scene, name: str) -> list[str]:
    return await tasks(scene.people[name], scene.records[name].organisation)


async def test_a_pool_waits_for_subject_and_manager_until_the_draw(
    scene: Scene, clock: Clock
) -> None:
    fresh = await a_person("hmt", manager=scene.people["hmt-head"])
    await attached()
    add = "Add colleagues who can give feedback on"
    own = "Propose colleagues who can give feedback on you"
    assert own in await tasks(fresh, "hmt")
    assert add in await tasks(scene.people["hmt-head"], "hmt")
    clock(FEEDBACK_OPEN - timedelta(days=200))
    assert await tasks(fresh, "hmt") == []
    assert await record_of(fresh, scene.cycle)


async def attached() -> None:
    await attach_imported(caller=OPERATOR, now=FEEDBACK_OPEN)


async def test_a_moderator_reads_what_was_written_once_the_window_is_closed(
    scene: Scene, clock: Clock
) -> None:
    department = await a_department("co", 1)
    await sharing("co", *SIZES)
    moderator = await a_person("co", manager=department.head)
    await role(moderator, Role.TEXT_MODERATOR, "co")
    await six_answer(scene)
    assert await tasks(moderator, "co") == []
    await close()
    clock(CLOSED)
    read = "Read comments before they are released"
    assert read in await tasks(moderator, "co")
    assert read not in await tasks(department.head, "co")
    async with visiting(moderator, "co") as visitor:
        said = await asked(visitor, "/")
    assert len(said) <= MOST, said


async def test_break_glass_waits_for_a_second_person(scene: Scene) -> None:
    asks, approves = scene.people["hmt2"], scene.people["hmt3"]
    for person in (asks, approves):
        await role(person, Role.DATA_PROTECTION_OFFICER, "hmt")
    await BreakGlass.insert(
        BreakGlass(
            organisation="hmt",
            id=uuid4(),
            record=scene.records["hmt1"].id,
            reason="A complaint, case 7.",
            asked_by=asks,
            asked_at=FEEDBACK_OPEN,
            approved_by=None,
            approved_at=None,
        )
    )
    decide = "Decide whether to approve break-glass"
    assert decide in await tasks(approves, "hmt")
    for name in ("hmt2", "hmt4", "dwp1"):
        assert decide not in await _listed(scene, name), name


async def test_it_takes_few_statements(scene: Scene) -> None:
    for name in ("dwp1", "hmt-head", "hmt1"):
        code = scene.records[name].organisation
        async with visiting(scene.people[name], code) as visitor:
            said = await asked(visitor, "/")
        assert len(said) <= MOST, (name, said)


async def test_a_stranger_is_led_to_sign_in(db: None) -> None:
    async with visiting(None) as stranger:
        page = await stranger.get("/")
    assert page.status_code in {303, 401}
