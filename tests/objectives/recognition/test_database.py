"""What PostgreSQL refuses by itself, were every rule passed by."""

import asyncpg
import pytest

from tests.objectives.assessing.assessed import (
    agreed,
    statements,
)
from tests.objectives.joint import Joint
from tests.objectives.recognition.thanking import thank


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("organisation", "dft", "is_of_another_organisation"),
        ("works_in", "dft", "is_of_another_organisation"),
        ("person", "partner", "is_of_another"),
        ("text", "", "has_text"),
        ("text", "x" * 1001, "has_text"),
    ],
)
async def test_thanks_that_cannot_be_are_not_stored(
    joint: Joint, column: str, value: str, constraint: str
) -> None:
    await thank(await agreed(joint), joint.partner, joint.subject)
    columns = {
        name: name
        for name in (
            "organisation",
            "objective",
            "contribution",
            "contributor",
            "contributor_organisation",
            "person",
            "works_in",
            "text",
        )
    }
    changed = str(joint.partner) if value == "partner" else value
    kind = "uuid" if column == "person" else "text"
    columns[column] = f"$1::{kind}"
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await statements(
            f"INSERT INTO objective_recognition (id, quarter, given_at,"  # noqa: S608 - ours
            f" {', '.join(columns)}) SELECT gen_random_uuid(), '2027-01-01', given_at,"
            f" {', '.join(columns.values())} FROM objective_recognition",
            changed,
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE objective_recognition SET text = 'Thanks for nothing.'",
        "DELETE FROM objective_recognition",
    ],
)
async def test_thanks_are_never_rewritten(joint: Joint, change: str) -> None:
    await thank(await agreed(joint), joint.partner, joint.subject)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await statements(change)


async def test_thanks_twice_a_quarter_are_not_stored(joint: Joint) -> None:
    await thank(await agreed(joint), joint.partner, joint.subject)
    with pytest.raises(asyncpg.UniqueViolationError, match="recognition_once"):
        await statements(
            "INSERT INTO objective_recognition SELECT organisation, gen_random_uuid(),"
            " objective, contribution, contributor, contributor_organisation, person,"
            " works_in, text, quarter, given_at FROM objective_recognition"
        )
