"""An objective in every stage, and what is on each."""

from uuid import UUID, uuid4

from service.objectives.agreement.queries import disputes
from service.objectives.assigning import templates
from service.objectives.assigning.schemas import TemplateIn
from service.objectives.audience import standing_of
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import OwnershipModel
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.hr.attachment.whole import whole
from tests.objectives.acting import dispute
from tests.objectives.assessing.assessed import EVERYTHING, agreed, assess, part_of
from tests.objectives.assigning.many import an_objective
from tests.objectives.joint import Joint
from tests.objectives.progress.going import measured, planned, read, said
from tests.scoring import Scene
from tests.web.everywhere.scene import World

FREELY = OwnershipModel.VOLUNTARY_COORDINATION


async def at_their_end(world: World) -> None:
    """Have one wait for its second department, and one for its closure."""
    joint = _joint(world, world.first)
    await _assessed(world, joint)
    closing = await whole(joint)
    world.things["closing"] = str(closing.id)


async def under_way(world: World) -> None:
    """Have hmt1 lead an objective in each earlier stage, with dft1."""
    things = world.things
    joint = _joint(world, world.year(world.third))
    draft = await joint.drafted()
    things["draft"] = str(draft.id)
    things["draft_part"] = str(part_of(draft, joint.partner).id)
    proposed = await joint.proposed(ownership_model=FREELY)
    things["proposed"] = str(proposed.id)
    things["proposed_part"] = str(part_of(proposed, joint.partner).id)
    await _disputed(world, joint)
    await _under_way(world, joint)
    partner = {
        "organisation": "dft",
        "role": "major",
        "share": 40,
        "commitment": "The data of the roads.",
    }
    template = await templates.create(
        {"hmt"},
        TemplateIn.model_validate(an_objective(partners=[partner])),
        id_=uuid4(),
        listed=True,
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )
    things["template"] = str(template.id)


def _joint(world: World, year: Scene) -> Joint:
    there = world.first.departments
    return Joint(there["hmt"], there["dft"], there["moj"], year.records["hmt1"])


async def _disputed(world: World, joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, world.people["dft-head"])
    raised = await disputes(
        fact, await standing_of([fact], IN_THE_YEAR.date()), EVERYTHING
    )
    world.things["disputed"] = str(fact.id)
    world.things["dispute"] = str(raised[0].id)


async def _under_way(world: World, joint: Joint) -> None:
    """Agreed, with a milestone, an indicator and a status."""
    things = world.things
    fact = await joint.agreed(ownership_model=FREELY)
    things["agreed"] = str(fact.id)
    things["agreed_part"] = str(part_of(fact, joint.partner).id)
    hr = joint.machine
    things["milestone"] = str(await planned(fact.id, hr))
    indicator = await measured(fact.id, hr)
    things["indicator"] = str(indicator)
    await read(fact.id, indicator, hr, 55)
    await said(fact.id, joint.subject)


async def _assessed(world: World, joint: Joint) -> None:
    """Assessed by the lead's manager, and not countersigned yet."""
    fact: ObjectiveFact = await agreed(joint)
    waits: UUID = await assess(fact, world.people["hmt-head"])
    world.things["waiting"] = str(fact.id)
    world.things["assessment"] = str(waits)
