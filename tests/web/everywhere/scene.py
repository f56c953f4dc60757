"""One service's three years with something on every page: built once, by real actions.

Four departments share objectives in every stage. The scores of the first year are
published; in the second feedback has closed and its words wait for moderators; in the
third it is open. Officers are of `hmt`, but for those who look at other departments'
words and figures, who are of `co`; `defra` has to do with nothing of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from service.access.actions import grant
from service.access.rules import Role
from service.auth.caller import Person, SignedIn
from service.feedback import actions as feedback
from service.feedback import asking
from service.feedback.form.items import LONGEST_TEXT, Box
from service.feedback.moderation import actions as moderating
from service.feedback.moderation.rules import Decision
from service.feedback.nominating import Nominee, nominate, nominations
from service.feedback.rules import Origin
from service.feedback.schedule import see_to_windows
from service.feedback.signals import reviewing
from service.feedback.signals import rules as signals
from service.feedback.signals.actions import find
from service.feedback.signals.rules import Decision as Reviewed
from service.feedback.tables import Answer
from service.records.queries import RecordFact
from service.records.tables import AppraisalRecord
from service.scores.actions import compute, publish
from tests.factories import (
    CLOSED,
    FEEDBACK_OPEN,
    IN_THE_YEAR,
    OPERATOR,
    RELEASED,
    a_cycle,
    a_department,
    a_person,
    record_of,
    sharing,
)
from tests.feedback.results.living import clock
from tests.feedback.stored import request_of
from tests.scoring import (
    HMT,
    KEY,
    REPLIES,
    REST,
    SIZES,
    Scene,
    an_asked_cycle,
    answers,
    filled,
)

AFTER = RELEASED + timedelta(hours=1)
SECOND_OPEN = datetime(2028, 2, 10, 9, tzinfo=UTC)
SECOND_CLOSED = datetime(2028, 3, 2, 9, tzinfo=UTC)
THIRD_OPEN = datetime(2029, 2, 10, 9, tzinfo=UTC)
THIRD_END = datetime(2029, 4, 12, 9, tzinfo=UTC)
OFFICERS = {
    "hr": Role.HR_ADMINISTRATOR,
    "dpo": Role.DATA_PROTECTION_OFFICER,
    "auditor": Role.AUDITOR,
}
OUTSIDERS = {"moderator": Role.TEXT_MODERATOR, "central": Role.CENTRAL_TEAM}
PASSED = 4
"""Comments that a moderator has passed; the others wait."""


def plainly(text: str, longest: int) -> str:
    """As anybody writes; an attacker writes something else, at most as long."""
    return text[:longest]


@dataclass
class World:
    """What was built, by name."""

    first: Scene
    patch: pytest.MonkeyPatch
    write: Callable[[str, int], str]
    """Has somebody write words, of which a field takes so many letters."""
    people: dict[str, UUID]
    organisations: dict[str, str]
    second: Scene | None = None
    third: Scene | None = None
    things: dict[str, str] = field(default_factory=dict)
    """Parts of addresses."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Of a rater who came in by a link and a code."""

    def at(self, now: datetime) -> None:
        """Have the service's clock stand at an instant."""
        clock(self.patch, now)

    def signed(self, name: str, *roles: Role) -> SignedIn:
        return SignedIn(self.people[name], self.organisations[name], frozenset(roles))

    def year(self, scene: Scene | None) -> Scene:
        assert scene is not None
        return scene


async def a_first_year(
    patch: pytest.MonkeyPatch, write: Callable[[str, int], str] = plainly
) -> World:
    """Build the people and the first cycle, to the closing of its feedback."""
    patch.setattr(signals, "FEWEST_FORMS", 10)  # So few make a score hang on one.
    scene = await an_asked_cycle()
    organisations = {name: on.organisation for name, on in scene.records.items()}
    world = World(scene, patch, write, dict(scene.people), organisations)
    await _officers(world)
    await _answers(world, scene, REPLIES, FEEDBACK_OPEN)
    await _closed(world, scene, CLOSED)
    reviewer = world.signed("moderator", Role.TEXT_MODERATOR)
    for waits in (await reviewing.queue(caller=reviewer, now=CLOSED)).waiting:
        await reviewing.review(
            waits.id,
            Reviewed.NO_ACTION,
            world.write("Six agree.", 2000),
            caller=reviewer,
            now=CLOSED,
        )
    return world


async def published(world: World) -> None:
    """Publish the scores of the first cycle, and release its feedback."""
    cycle = world.first.cycle
    await compute(cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    await see_to_windows(RELEASED)


async def _officers(world: World) -> None:
    """Those who hold roles, none of them anybody's manager; and a department apart."""
    head = world.people["hmt-head"]
    co, apart = await a_department("co", 1), await a_department("defra", 2)
    await sharing("co", *SIZES)
    for names, code, manager in ((OFFICERS, "hmt", head), (OUTSIDERS, "co", co.head)):
        for name, role in names.items():
            person = await a_person(code, manager=manager)
            world.people[name], world.organisations[name] = person, code
            await _granted(person, role, code)
    for name, person in zip(("apart", "officer"), apart.people, strict=True):
        world.people[name], world.organisations[name] = person, "defra"
    for role in Role:
        await _granted(world.people["officer"], role, "defra")
    text = await _granted(world.people["hmt6"], Role.TEXT_MODERATOR, "hmt")
    world.things["grant"] = str(text)


async def _granted(person: UUID, role: Role, code: str) -> UUID:
    return await grant(
        person,
        role,
        organisation=code,
        until=date(2032, 1, 1),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


async def _answers(
    world: World, scene: Scene, replies: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Everybody answers; about hmt1 in words, and on hmt3 one form is unlike others."""
    for subject, raters in replies.items():
        for rater in raters:
            said: dict[str, str] = {}
            if subject == "hmt1":
                said[Box.KEEP_DOING] = world.write(f"Words of {rater}.", LONGEST_TEXT)
                said[Box.DO_DIFFERENTLY] = world.write("Ring us.", LONGEST_TEXT)
            await feedback.submit(
                await request_of(scene, rater, subject),
                replace(filled(answers(rater, subject)), texts=said),
                caller=Person(scene.people[rater]),
                now=now,
            )
    on = scene.records["hmt3"].id
    row = await Answer.select(Answer.response).where(Answer.record == on).first()
    assert row is not None
    await Answer.update({Answer.value: 5}).where(Answer.response == row["response"])


async def _closed(world: World, scene: Scene, now: datetime) -> None:
    """The window closes; somebody looks for signals, and passes some of the words."""
    world.at(now)
    await see_to_windows(now)
    await find(scene.cycle, chance=b"once" * 8, caller=OPERATOR, now=now)
    moderator = world.signed("moderator", Role.TEXT_MODERATOR)
    found = await moderating.queue(limit=100, caller=moderator, now=now)
    for comment in found.first[:PASSED]:
        await moderating.decide(
            comment.id, Decision.PASS, None, caller=moderator, now=now
        )
    world.things["comment"] = str(found.first[-1].id)


async def a_second_year(world: World) -> None:
    """The next cycle, to the closing of its feedback."""
    scene = world.second = await _a_year(world, 2027, HMT[:4])
    await _asked(scene, HMT[:4], SECOND_OPEN)
    await _answers(world, scene, dict.fromkeys(HMT[:4], REST), SECOND_OPEN)
    await _closed(world, scene, SECOND_CLOSED)
    reviewer = world.signed("moderator", Role.TEXT_MODERATOR)
    queue = await reviewing.queue(caller=reviewer, now=SECOND_CLOSED)
    world.things["review"] = str(queue.waiting[0].id)


async def a_third_year(world: World) -> None:
    """The cycle after that, in which hmt1's raters are asked; hmt4's are not drawn."""
    scene = world.third = await _a_year(world, 2028, ("hmt1", "hmt4"))
    await _asked(scene, ("hmt1",), THIRD_OPEN)
    on = scene.records["hmt4"]
    await _proposed(scene, on, THIRD_OPEN)
    (proposal, *_) = await nominations(on, None)
    world.things["nomination"] = str(proposal.id)


async def _a_year(world: World, year: int, names: Sequence[str]) -> Scene:
    cycle = (await a_cycle(year, [*SIZES])).id
    for name in names:
        await AppraisalRecord.insert(
            AppraisalRecord(
                organisation="hmt",
                id=uuid4(),
                cycle=cycle,
                person=world.people[name],
                source="workday",
                external_id=f"{year}-{name}",
                attached_at=AFTER,
                version=1,
            )
        )
    there = {name: await record_of(world.people[name], cycle) for name in names}
    return replace(world.first, cycle=cycle, records=there)


async def _asked(scene: Scene, names: Sequence[str], now: datetime) -> None:
    for name in names:
        on = scene.records[name]
        await _proposed(scene, on, now)
        await asking.draw(on, seed=f"seed of {name}", caller=OPERATOR, now=now)


async def _proposed(scene: Scene, on: RecordFact, now: datetime) -> None:
    known = [Nominee(scene.people[rater]) for rater in REST]
    manager = Person(scene.people["hmt-head"])
    await nominate(on, known, Origin.MANAGER, caller=manager, now=now)
