"""What officers, managers and raters have done, most of it by the forms of pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar import Litestar

from service.access.tables import RoleGrant
from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Scope
from service.directory.importing import uploads
from service.directory.queries import emails_of
from service.feedback import confidentiality
from service.feedback.form.items import LONGEST_TEXT
from service.feedback.inviting import actions as inviting
from service.feedback.inviting import tokens
from service.feedback.inviting.pages import _name
from service.hr.cards.actions import give as give_card
from service.hr.cards.actions import register
from service.hr.exports.actions import make
from service.hr.exports.tables import Export
from service.hr.webhooks.tables import Webhook
from service.jobs.letters import Letter
from service.jobs.mail import way_out
from service.jobs.undelivered import note
from service.scores.tables import Score
from service.settings import settings
from tests.directory.files import PERSON, text
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.feedback.stored import request_of
from tests.objectives.joint import machine_of
from tests.scores.moderation.sitting import CROSS, OVERALL, WHY, YEAR_END
from tests.web.everywhere.reading import read
from tests.web.everywhere.scene import AFTER, THIRD_OPEN, World
from tests.web.feedback.rating import WHOLE
from tests.web.visiting import Fields, visiting

HR_SYSTEM = "https://hr.hmt.example"


class Deeds:
    """Sends forms as people of a world do."""

    def __init__(self, world: World, app: Litestar) -> None:
        self.world, self.app = world, app

    async def send(
        self,
        who: str,
        path: str,
        fields: Fields,
        expected: int = 303,
        **more: Any,
    ) -> httpx.Response:
        world = self.world
        person, code = world.people[who], world.organisations[who]
        async with visiting(person, code, app=self.app) as visitor:
            answer = await visitor.post(path, fields, **more)
        said = " ".join(read(answer.text).of("main"))
        assert answer.status_code == expected, (path, said[:500])
        return answer

    async def made(self, who: str, path: str, fields: Fields) -> str:
        """Return the last part of where a form leads."""
        answer = await self.send(who, path, fields)
        return str(answer.headers["location"].rpartition("/")[2])


async def hr_systems(deeds: Deeds) -> None:
    """A client with a webhook and a portal, an export, an upload, mail come back."""
    world, things = deeds.world, deeds.world.things
    world.at(AFTER)
    things["client"], _ = await create_client(
        ["hmt"],
        [*Scope],
        known={"hmt"},
        caller=OPERATOR,
        now=IN_THE_YEAR,
        record=record,
    )
    new = {"client": things["client"], "url": f"{HR_SYSTEM}/joined-up"}
    await deeds.send("hr", "/hr/webhooks/new", {**new, "streams": ["scores"]}, 200)
    (webhook,) = await Webhook.select(Webhook.id)
    things["webhook"] = str(webhook["id"])
    await register("hmt", HR_SYSTEM, caller=OPERATOR, now=AFTER)
    machine = machine_of("hmt")
    machine = type(machine)(things["client"], machine.organisations, machine.scopes)
    name = str(world.first.records["hmt1"].id)
    key, _ = await give_card(name, "hmt", caller=machine, now=AFTER)
    things["card"] = f"{name}?key={key}"
    await deeds.send("hr", "/hr/exports", {"format": "csv"})
    things["export"] = await _exported(deeds)
    things["upload"] = await _uploaded(deeds)
    things["imported"] = await _uploaded(deeds)
    uploads.close(
        UUID(things["imported"]),
        world.people["hr"],
        uploads.Counts(created=2, changed=0, unchanged=0, rejected=1),
        data_dir=settings().data_dir,
    )
    await note(world.people["hmt4"], await _address(world.people["hmt4"]), AFTER)


async def _exported(deeds: Deeds) -> str:
    (row,) = await Export.select(Export.id)
    await make(
        row["id"], issuer="https://x.example", data_dir=settings().data_dir, now=AFTER
    )
    return str(row["id"])


async def _uploaded(deeds: Deeds) -> str:
    write = deeds.world.write
    row = PERSON | {"organisation": "hmt", "hr_system": "workday"}
    bad = row | {"fte": write("two", 200), "last_name": write("Wright", 90)}
    file = ("people.csv", text([row, bad]).encode(), "text/csv")
    sent = await deeds.send("hr", "/hr/people-import", {}, files={"file": file})
    return str(sent.headers["location"].rpartition("/")[2])


async def _address(person: UUID) -> str:
    return (await emails_of([person]))[person]


async def about_scores(deeds: Deeds) -> None:
    """A reply, a decision and an appeal; judgements, a panel and a view of them."""
    world, things, write = deeds.world, deeds.world.things, deeds.world.write
    world.at(AFTER)
    one, two = (f"/records/{world.first.records[name].id}" for name in ("hmt1", "hmt2"))
    await deeds.send(
        "hmt1",
        f"{one}/results/reply",
        {"text": write("Fair.", LONGEST_TEXT), "version": "0"},
    )
    accept = {
        "outcome": "accept",
        "reason": write("As I saw it.", 4000),
        "version": "1",
    }
    await deeds.send("hmt-head", f"{one}/decision", accept)
    await deeds.send("hmt2", f"{two}/appeal", {"reason": write("Two.", 4000)})
    on = world.first.records["hmt2"].id
    score = await Score.select(Score.id).where(Score.record == on)
    things["score"] = str(score[0]["id"])
    world.at(YEAR_END)
    for name in ("hmt1", "hmt2", "hmt3"):
        path = f"/moderation/records/{world.first.records[name].id}"
        await deeds.send(
            "hmt-head", path, {"level": "achieving", "reason": write(WHY, 2000)}
        )
    new = {"cycle": str(world.first.cycle), "level": "overall"}
    panel = things["panel"] = await deeds.made("hr", "/moderation/panels/new", new)
    for name in ("dpo", "auditor"):
        member = {"q": "Sam", "person": str(world.people[name]), "until": "1/1/2028"}
        await deeds.send("hr", f"/moderation/panels/{panel}/members/new", member)
    world.at(OVERALL)
    event = {"before": "achieving", "after": "exceeding", "reason": write(WHY, 2000)}
    on = world.first.records["hmt1"].id
    await deeds.send("dpo", f"/moderation/panels/{panel}/records/{on}", event)
    world.at(CROSS)
    view = f"/moderation/views/{world.first.cycle}"
    await deeds.send("central", view, {"kind": "cross_government"})


async def break_glass(deeds: Deeds) -> None:
    """One opening that waits and one that was approved."""
    world, things = deeds.world, deeds.world.things
    world.at(AFTER)
    reason = world.write("A complaint, case 7.", 1000)
    wanted = {"record": str(world.first.records["hmt1"].id), "reason": reason}
    things["opening"] = await deeds.made("hr", "/hr/break-glass/new", wanted)
    await deeds.send("dpo", f"/hr/break-glass/{things['opening']}/approval", {})
    await deeds.send("hr", "/hr/break-glass/new", wanted)
    grants = await RoleGrant.select().where(RoleGrant.person == world.people["hr"])
    assert len(grants) == 1


async def a_rater(deeds: Deeds) -> None:
    """Somebody asked by mail who came in by a link; and a draft with names in it."""
    world, things = deeds.world, deeds.world.things
    world.at(THIRD_OPEN)
    scene = world.year(world.third)
    link = await request_of(scene, "moj1", "hmt1")
    token = await inviting._token(await confidentiality.reached(link), THIRD_OPEN)
    assert token is not None
    things["token"] = token
    await _drafted(deeds)
    until = THIRD_OPEN + timedelta(minutes=30)
    session = tokens.session_for(tokens.digest_of(token), until)
    world.cookies[_name(token)] = session


async def _drafted(deeds: Deeds) -> None:
    """dwp1 has a draft that tells of a day; dwp2 has sent theirs."""
    scene = deeds.world.year(deeds.world.third)
    for rater, does in (("dwp1", "save"), ("dwp2", "send")):
        request = str(await request_of(scene, rater, "hmt1"))
        deeds.world.things[f"request of {rater}"] = request
        words = "Keep on."
        if does == "save":
            words = f"On 3 March: {deeds.world.write(words, LONGEST_TEXT - 20)}"
        await deeds.send(
            rater,
            f"/feedback/{request}",
            {**WHOLE, "keep_doing": words, "action": does},
        )


async def mail_kept(world: World) -> None:
    """One mail on a developer's machine."""
    world.at(AFTER)
    post = way_out(settings())
    assert post is not None
    subject, said = world.write("An objective waits", 200), world.write("Hello.", 4000)
    letter = Letter(uuid4(), "sam@hmt.example", subject, said)
    await post(letter, AFTER)
    world.things["mail"] = str(letter.id)
