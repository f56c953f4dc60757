"""Proposing people for a pool, and drawing from it."""

from typing import Any
from uuid import UUID

from service.directory.tables import PersonDetails
from service.feedback import asking
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.over_http import Callers
from tests.feedback.stored import asked
from tests.scoring import Scene

HEADS = ("dwp-head", "moj-head", "dft-head")


def path_of(scene: Scene, subject: str = "fresh") -> str:
    return f"/v1/records/{scene.records[subject].id}/nominations"


def by_id(scene: Scene, *names: str) -> dict[str, Any]:
    return {
        "people": [
            {
                "organisation": scene.records[name].organisation,
                "person": {"id": str(scene.people[name])},
            }
            for name in names
        ]
    }


async def emails(scene: Scene, *names: str) -> dict[str, Any]:
    found = []
    for name in names:
        (row,) = await PersonDetails.select().where(
            PersonDetails.person == scene.people[name]
        )
        found.append({"email": row["email"].upper()})
    return {"people": found}


async def propose(
    pool: Callers, body: dict[str, Any], who: str = "fresh"
) -> list[dict[str, Any]]:
    answer = await pool.ask(who, "POST", path_of(pool.scene), body)
    assert answer.status_code == 201, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def drawn(scene: Scene, subject: str = "fresh") -> set[str]:
    return {scene.name_of(person) for person in await drawn_ids(scene, subject)}


async def drawn_ids(scene: Scene, subject: str = "fresh") -> set[UUID]:
    on = scene.records[subject]
    await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
    return {*await asked(on)}
