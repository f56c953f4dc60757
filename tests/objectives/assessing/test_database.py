"""What PostgreSQL refuses by itself, were every rule passed by (abuse case 18)."""

from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest

from service.db import transaction
from service.db.reach import only, within_reach
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Kind
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    agreed,
    assess,
    assess_part,
    countersign,
    part_of,
    statements,
)
from tests.objectives.joint import Joint

OUTCOME: Final = """
INSERT INTO objective_assessment (organisation, id, objective, number, version,
    attainment, reasons, evidence, taking_part, assessor, works_in, assessed_at,
    verdict, partner, partner_organisation, partner_works_in, comment, answered_at)
VALUES ($1, $2, $3, $4, $5, $6, 'So.', '[]', '{}', $7, $8, $9, $10, $11, $12, $13, '',
    $9)
"""
CONTRIBUTION: Final = """
INSERT INTO contribution_assessment (organisation, id, objective, contribution,
    contributor, number, version, attainment, reasons, evidence, episodes,
    exposure_days, assessor, works_in, assessed_at)
VALUES ('hmt', $1, $2, $3, $4, 1, 1, $5, 'So.', '[]', '[]', 1, $4, 'dft', $6)
"""
ANSWER: Final = """
UPDATE objective_assessment SET verdict = 'countersigned', partner = $1,
    partner_organisation = $2, partner_works_in = $3, comment = '', answered_at = $4
"""
ASSESSED: Final = """
SELECT organisation, partner_organisation, attainment, verdict FROM objective_assessment
"""
CHECK = asyncpg.CheckViolationError


async def stored(fact: ObjectiveFact, joint: Joint, **other: Any) -> None:
    row = {
        "organisation": "hmt",
        "number": 1,
        "version": fact.terms,
        "attainment": "met",
        "assessor": joint.hmt.head,
        "works_in": "hmt",
        "verdict": "countersigned",
        "partner": joint.dft.head,
        "partner_organisation": "dft",
        "partner_works_in": "dft",
    } | other
    await statements(
        OUTCOME,
        row["organisation"],
        uuid4(),
        fact.id,
        row["number"],
        row["version"],
        row["attainment"],
        row["assessor"],
        row["works_in"],
        AT_THE_END,
        row["verdict"],
        row["partner"],
        row["partner_organisation"],
        row["partner_works_in"],
    )


async def test_an_assessment_of_two_departments_is_stored(joint: Joint) -> None:
    await stored(await agreed(joint), joint)
    async with transaction() as connection:
        found = await connection.fetch(ASSESSED)
    assert [*map(tuple, found)] == [("hmt", "dft", "met", "countersigned")]


def crossings(joint: Joint) -> dict[str, tuple[str, dict[str, object]]]:
    """Who must not be one person, and the constraint that holds them apart."""
    return {
        "assessor and subject": ("assessor_takes_no_part", {"assessor": joint.subject}),
        "assessor and contributor": (
            "assessor_takes_no_part",
            {"assessor": joint.partner},
        ),
        "assessor and owner": (
            "assessor_takes_no_part",
            {"assessor": joint.hmt.people[1]},
        ),
        "partner and subject": ("partner_takes_no_part", {"partner": joint.subject}),
        "partner and owner": (
            "partner_takes_no_part",
            {"partner": joint.hmt.people[1]},
        ),
        "partner and assessor": ("is_of_two", {"partner": joint.hmt.head}),
        "their organisations": ("is_of_two", {"partner_organisation": "hmt"}),
        "where they work": ("is_of_two", {"partner_works_in": "hmt"}),
    }


@pytest.mark.parametrize(
    "crossing",
    [
        "assessor and subject",
        "assessor and contributor",
        "assessor and owner",
        "partner and subject",
        "partner and owner",
        "partner and assessor",
        "their organisations",
        "where they work",
    ],
)
async def test_nobody_is_two_of_them(joint: Joint, crossing: str) -> None:
    fact = await agreed(joint, owners=((joint.hmt.people[1],),))
    constraint, other = crossings(joint)[crossing]
    with pytest.raises(CHECK, match=constraint):
        await stored(fact, joint, **other)


async def test_who_takes_part_is_not_for_the_writer_to_say(joint: Joint) -> None:
    fact = await agreed(joint)
    await stored(fact, joint)  # It says that nobody does.
    async with transaction() as connection:
        people = await connection.fetchval(
            "SELECT taking_part FROM objective_assessment"
        )
    assert {*people} == {joint.subject, joint.partner}


@pytest.mark.parametrize(
    ("partner", "organisation", "works_in", "constraint"),
    [
        ("hmt head", "dft", "dft", "is_of_two"),
        ("subject", "dft", "dft", "partner_takes_no_part"),
        ("dft head", "hmt", "dft", "is_of_two"),
        ("dft head", "dft", None, "is_answered_whole"),
    ],
)
async def test_nor_is_it_answered_so(
    joint: Joint, partner: str, organisation: str, works_in: str, constraint: str
) -> None:
    people = {
        "hmt head": joint.hmt.head,
        "dft head": joint.dft.head,
        "subject": joint.subject,
    }
    await assess(await agreed(joint), joint.hmt.head)
    with pytest.raises(CHECK, match=constraint):
        await statements(ANSWER, people[partner], organisation, works_in, AT_THE_END)


async def test_one_waits_and_one_stands(joint: Joint) -> None:
    fact = await agreed(joint)
    nobody = dict.fromkeys(
        ("verdict", "partner", "partner_organisation", "partner_works_in")
    )
    await assess(fact, joint.hmt.head)
    with pytest.raises(CHECK, match="is_answered_whole"):
        await stored(fact, joint, number=2, **nobody)
    await stored(fact, joint, number=2)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_stands"):
        await stored(fact, joint, number=3)


async def test_a_second_that_waits_is_refused(joint: Joint) -> None:
    await assess(await agreed(joint), joint.hmt.head)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_waits"):
        await statements(
            "INSERT INTO objective_assessment SELECT organisation, gen_random_uuid(),"
            " objective, number + 1, version, attainment, reasons, evidence,"
            " taking_part, assessor, works_in, assessed_at FROM objective_assessment"
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE objective_assessment SET attainment = 'exceeded'",
        "UPDATE objective_assessment SET comment = 'otherwise'",
        "DELETE FROM objective_assessment",
        "UPDATE contribution_assessment SET attainment = 'exceeded'",
        "DELETE FROM contribution_assessment",
    ],
)
async def test_what_was_said_is_never_rewritten(joint: Joint, change: str) -> None:
    fact = await agreed(joint)
    await countersign(fact, await assess(fact, joint.hmt.head), joint.dft.head)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await statements(change)


async def test_before_it_is_answered_only_an_answer_is_written(joint: Joint) -> None:
    await assess(await agreed(joint), joint.hmt.head)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="answered once"):
        await statements("UPDATE objective_assessment SET attainment = 'exceeded'")


async def test_nobody_assesses_their_own_contribution(joint: Joint) -> None:
    fact = await agreed(joint)
    part = part_of(fact, joint.partner)
    with pytest.raises(CHECK, match="assessor_is_another"):
        await statements(
            CONTRIBUTION, uuid4(), fact.id, part.id, joint.partner, "met", AT_THE_END
        )


async def test_nor_under_the_name_of_another(joint: Joint) -> None:
    """Whoever is said to have contributed, the database knows who did."""
    fact = await agreed(joint)
    part = part_of(fact, joint.partner)
    with pytest.raises(CHECK, match="assessor_is_another"):
        await statements(
            CONTRIBUTION.replace("$4, 1, 1", "$7, 1, 1"),
            uuid4(),
            fact.id,
            part.id,
            joint.partner,
            "met",
            AT_THE_END,
            joint.subject,
        )


async def test_a_contribution_belongs_to_its_objective(joint: Joint) -> None:
    one, other = await agreed(joint), await agreed(joint)
    part = part_of(other, joint.partner)
    with pytest.raises(asyncpg.NotNullViolationError):
        await statements(
            CONTRIBUTION, uuid4(), one.id, part.id, joint.dft.head, "met", AT_THE_END
        )


async def test_a_minimum_standard_is_met_or_not_met(joint: Joint) -> None:
    fact = await agreed(joint, kind=Kind.MINIMUM_STANDARD, standard="finance")
    part = part_of(fact, joint.partner)
    with pytest.raises(CHECK, match="minimum standard"):
        await stored(fact, joint, attainment="exceeded")
    with pytest.raises(CHECK, match="minimum standard"):
        await statements(
            CONTRIBUTION,
            uuid4(),
            fact.id,
            part.id,
            joint.dft.head,
            "exceeded",
            AT_THE_END,
        )
    await stored(fact, joint, attainment="not_met")


TABLES = ("objective_assessment", "contribution_assessment")


@pytest.mark.parametrize(("code", "rows"), [("hmt", 1), ("dft", 1), ("moj", 0)])
async def test_who_is_no_party_has_no_row(joint: Joint, code: str, rows: int) -> None:
    fact = await agreed(joint)
    await assess(fact, joint.hmt.head)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    with within_reach(only([code])):
        async with transaction() as connection:
            for table in TABLES:
                found = await connection.fetch(f"SELECT id FROM {table}")  # noqa: S608 - ours
                assert len(found) == rows
