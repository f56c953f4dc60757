"""Nothing that anyone else can read moves when a rater acts before release.

The same cycle is lived through several times, each time undone, differing only in which
rater acted and how; what every organisation's HR system reads must be the same bytes.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from service.audit.tables import AuditEntry, Disclosure
from service.auth.caller import Person
from service.db import transaction
from service.feedback import actions
from service.feedback.items import BEHAVIOURS
from service.scores.actions import compute
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR, a_token
from tests.feedback.stored import request_of
from tests.scoring import KEY, Scene, give, undone

OF_THE_REQUEST = {"x-request-id", "date", "ratelimit"}
"""Headers that differ from one request to the next, whatever happened.

How many requests are left tells a caller of its own requests alone.
"""
OF_THE_RATER = "feedback_request"
"""The entity of audit entries about a request: its rater's own."""
Life = Callable[[Scene], Awaitable[None]]


async def nobody_acts(scene: Scene) -> None:
    """The life all others are compared with."""


async def one_answers(scene: Scene) -> None:
    await give(scene, "dwp1", "hmt1")


async def another_answers(scene: Scene) -> None:
    await give(scene, "moj2", "hmt1")


async def six_answer(scene: Scene) -> None:
    for rater in ("dwp1", "dwp2", "moj1", "moj2", "dft1", "dft2"):
        await give(scene, rater, "hmt1")


async def one_answers_and_amends(scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    for days in (1, 2):
        await actions.submit(
            request,
            dict.fromkeys(BEHAVIOURS, 1),
            contact_months=9,
            caller=Person(scene.people["dwp1"]),
            now=FEEDBACK_OPEN + timedelta(days=days),
        )


async def one_declines(scene: Scene) -> None:
    await actions.decline(
        await request_of(scene, "dwp1", "hmt1"),
        reason="Too brief.",
        caller=Person(scene.people["dwp1"]),
        now=FEEDBACK_OPEN,
    )


async def six_answer_and_scores_are_computed(scene: Scene) -> None:
    await six_answer(scene)
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)


async def the_answer_is_counted_on_the_record(scene: Scene) -> None:
    """The broken twin: a version that moves when a rater acts."""
    await one_answers(scene)
    async with transaction() as connection:
        await connection.execute(
            "UPDATE appraisal_record SET version = version + 1 WHERE id = $1",
            scene.records["hmt1"].id,
        )


async def the_answer_is_audited_on_the_record(scene: Scene) -> None:
    """Another: an audit entry on the subject's record when a rater acts."""
    await one_answers(scene)
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO audit_entry (at, actor, action, entity, entity_id)"
            " VALUES (now(), 'rater:1', 'submit', 'record', $1)",
            str(scene.records["hmt1"].id),
        )


def paths(scene: Scene, code: str) -> list[str]:
    """All that an organisation's HR system can read of a cycle."""
    found = [
        "/v1/cycles",
        f"/v1/cycles/{scene.cycle}",
        "/v1/scores",
        f"/v1/scores?cycle={scene.cycle}&limit=1",
        f"/v1/cycles/{scene.cycle}/scores",
        "/v1/records",
        "/v1/records?limit=2",
    ]
    for name, on in scene.records.items():
        if on.organisation == code or name in {"hmt1", "dwp1"}:
            found += [
                f"/v1/records/{on.id}",
                f"/v1/records/workday:{on.external_id}",
                f"/v1/records/{on.id}/objectives",
                f"/v1/people/{on.person}/scores",
                f"/v1/people/workday:{on.person_external_id}/scores",
            ]
    return found


async def read(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> tuple[object, ...]:
    answer = await client.get(path, headers=headers)
    kept = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name not in OF_THE_REQUEST
    ]
    body = answer.content.replace(answer.headers["x-request-id"].encode(), b"")
    return path, answer.status_code, kept, body


Lived = Callable[[Life], Awaitable[list[tuple[object, ...]]]]


@pytest.fixture
async def after(client: httpx.AsyncClient, scene: Scene) -> Lived:
    """Live one life and undo it; return all that the others could read after it."""
    tokens = {code: await a_token(client, code) for code in scene.departments}

    async def lived(life: Life) -> list[tuple[object, ...]]:
        async with undone():
            await life(scene)
            parts = [
                await read(client, headers, path)
                for code, headers in tokens.items()
                for path in paths(scene, code)
            ]
            assert {part[1] for part in parts} == {200, 404}
            return parts + await audited()

    return lived


async def audited() -> list[tuple[object, ...]]:
    """What the audit holds of others' things, and what was disclosed to whom.

    An operator's `compute` is no rater's act: it is left out.
    """
    entries = (
        await AuditEntry.select()
        .where(AuditEntry.entity != OF_THE_RATER, AuditEntry.action != "compute")
        .order_by(AuditEntry.id)
    )
    kept = {"actor", "action", "entity", "entity_id", "organisation", "after"}
    found: list[tuple[object, ...]] = [
        tuple(sorted((k, v) for k, v in entry.items() if k in kept and v))
        for entry in entries
    ]
    told = await Disclosure.select(Disclosure.client, Disclosure.people)
    return found + sorted((row["client"], *map(str, row["people"])) for row in told)


@pytest.mark.parametrize(
    "life",
    [
        one_answers,
        another_answers,
        six_answer,
        one_answers_and_amends,
        one_declines,
        six_answer_and_scores_are_computed,
    ],
)
async def test_nothing_that_others_read_moves_when_a_rater_acts(
    after: Lived, life: Life
) -> None:
    assert await after(life) == await after(nobody_acts)


@pytest.mark.parametrize(
    "life", [the_answer_is_counted_on_the_record, the_answer_is_audited_on_the_record]
)
async def test_what_moved_would_be_found(after: Lived, life: Life) -> None:
    assert await after(life) != await after(nobody_acts)


async def test_the_subjects_hr_system_is_never_told_a_raters_name(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    await six_answer(scene)
    read = [await client.get(path, headers=headers) for path in paths(scene, "hmt")]
    said = b"".join(answer.content for answer in read if answer.status_code == 200)
    assert str(scene.people["hmt1"]).encode() in said
    for name, person in scene.people.items():
        if not name.startswith(("hmt", "newcomer")):
            assert str(person).encode() not in said
