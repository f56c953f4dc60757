"""An objective with everything on it that there can be, and as many more of it."""

import json
from collections.abc import Sequence
from uuid import UUID, uuid4

from service.db import transaction
from service.objectives import actions
from service.objectives.agreement.queries import disputes
from service.objectives.audience import standing_of
from service.objectives.content import Contributed, Valued
from service.objectives.progress.rules import MilestoneState
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.rules import ContributionRole
from tests.factories import IN_THE_YEAR, record_of
from tests.objectives.acting import dispute, settle
from tests.objectives.assessing.assessed import (
    EVERYTHING,
    MET,
    agreed,
    assess,
    assess_part,
    countersign,
    object_to,
    part_of,
)
from tests.objectives.joint import Joint, machine_of
from tests.objectives.progress.going import dissented, measured, moved, planned, read
from tests.objectives.progress.going import said as reported
from tests.objectives.recognition.thanking import thank

TABLES = (
    "shared_objective",
    "objective_party",
    "objective_version",
    "contribution",
    "objective_owner",
    "objective_value",
    "objective_agreement",
    "objective_dispute",
    "objective_milestone",
    "objective_indicator",
    "objective_reading",
    "objective_status",
    "objective_dissent",
    "objective_assessment",
    "contribution_assessment",
    "objective_recognition",
)
"""What is shown of an objective, in the order in which it may be written."""


async def above(joint: Joint) -> ObjectiveFact:
    """An objective of dft to which hmt contributes."""
    on = await record_of(joint.partner, joint.on.cycle)
    lead = Contributed("dft", joint.partner, ContributionRole.LEAD, 70, "the roads")
    helps = Contributed("hmt", joint.subject, ContributionRole.MAJOR, 30, "the money")
    hr = machine_of("dft")
    says = joint.wanted([lead, helps], title="Roads", owners=((joint.partner,),))
    made = await actions.draft(on, says, id_=uuid4(), caller=hr, now=IN_THE_YEAR)
    return await actions.propose(made.id, caller=hr, now=IN_THE_YEAR)


async def whole(joint: Joint) -> ObjectiveFact:
    """Return an objective that is assessed, and on which everybody has acted."""
    gains = Valued("dft", "data", None, None, 12, "fewer calls", None)
    fact = await agreed(
        joint, parent=(await above(joint)).id, value_map=(gains,), weight=None
    )
    await _progress(joint, fact)
    await dispute(fact.id, joint.dft.head)
    (raised,) = await disputes(
        fact, await standing_of([fact], IN_THE_YEAR.date()), EVERYTHING
    )
    await settle(fact.id, raised.id, joint.dft.head, "dropped")
    fact = await objective(fact.id)
    await thank(fact, joint.partner, joint.subject)
    await thank(fact, joint.subject, joint.partner)
    refused = await assess(fact, joint.hmt.head, MET)
    await object_to(fact, refused, joint.dft.head)
    await countersign(fact, await assess(fact, joint.hmt.head, MET), joint.dft.head)
    await assess_part(fact, part_of(fact, joint.subject), joint.hmt.head)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    return await objective(fact.id)


async def _progress(joint: Joint, fact: ObjectiveFact) -> None:
    hr = joint.machine
    milestone = await planned(fact.id, hr)
    await moved(fact.id, milestone, hr, MilestoneState.MET)
    indicator = await measured(fact.id, hr)
    for value in (55, "42.5"):
        await read(fact.id, indicator, hr, value)
    await reported(fact.id, joint.subject)
    await dissented(fact.id, joint.partner)


async def more_of(fact: ObjectiveFact, count: int) -> None:
    """Have so many more objectives stand there that say and hold just the same."""
    async with transaction() as connection:
        rows = [
            (table, json.loads(row["row"]))
            for table in TABLES
            for row in await connection.fetch(
                f"SELECT to_jsonb(t)::text AS row FROM {table} t WHERE {_of(table)}",  # noqa: S608 - names of our own
                fact.id,
            )
        ]
        own = {str(fact.id), *(row["id"] for _, row in rows if "id" in row)}
        for _ in range(count):
            new = {id_: str(uuid4()) for id_ in own}
            for table, row in rows:
                await connection.execute(
                    f"INSERT INTO {table} SELECT *"  # noqa: S608 - names of our own
                    f" FROM jsonb_populate_record(NULL::{table}, $1::jsonb)",
                    json.dumps(row | {k: new.get(str(v), v) for k, v in row.items()}),
                )


def _of(table: str) -> str:
    return "id = $1" if table == "shared_objective" else "objective = $1"


def without(joint: Joint, *left: UUID) -> Sequence[UUID]:
    """Return everybody of the three departments but these."""
    everybody = (joint.hmt, joint.dft, joint.moj)
    return [
        person
        for department in everybody
        for person in (department.head, *department.people)
        if person not in left
    ]
