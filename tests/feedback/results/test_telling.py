"""Who is told that feedback has been released, and of nothing else."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from service.db import transaction
from service.feedback.schedule import see_to_windows
from tests.factories import CLOSED, RELEASED
from tests.feedback.inviting.mailed import deliver, forget_all, text
from tests.feedback.results.living import release, six_answer
from tests.jobs.catcher import Catcher, catching
from tests.scoring import Scene

TOLD = """
SELECT person, about, organisation, count, due_on FROM notice
WHERE kind = 'feedback_released'
"""


async def told() -> list[tuple[UUID, UUID, str, int, None]]:
    async with transaction() as connection:
        return sorted(tuple(row) for row in await connection.fetch(TOLD))


def expected(scene: Scene, drawn: set[UUID]) -> list[tuple[UUID, UUID, str, int, None]]:
    """Each subject whose raters were drawn and their line manager, of the record."""
    return sorted(
        (scene.people[name], on.id, on.organisation, 1, None)
        for subject, on in scene.records.items()
        if on.id in drawn
        for name in (subject, f"{on.organisation}-head")
    )


async def drawn() -> set[UUID]:
    async with transaction() as connection:
        rows = await connection.fetch("SELECT record FROM feedback_draw")
    return {row["record"] for row in rows}


async def test_each_subject_and_their_manager_are_told_once_at_the_release(
    db: None, scene: Scene
) -> None:
    await see_to_windows(CLOSED)
    assert await told() == []
    for _ in range(2):
        await release()
        assert await told() == expected(scene, await drawn())


async def test_what_they_are_told_does_not_depend_on_what_came(
    db: None, scene: Scene
) -> None:
    await six_answer(scene)
    await release()
    assert await told() == expected(scene, await drawn())


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with catching() as caught:
        yield caught


async def test_the_mail_leads_to_the_record_and_names_nobody(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    await release()
    await forget_thanks()
    mails = await deliver(catcher, RELEASED, notices=True)
    assert len(mails) == len(await told()) > 0
    records = {str(on.id) for on in scene.records.values()}
    for mail in mails:
        assert str(mail["Subject"]).startswith("Feedback has been released / ")
        (link, _) = [line for line in text(mail).splitlines() if "://" in line]
        assert link.removesuffix("/results").rpartition("/")[2] in records


async def forget_thanks() -> None:
    async with transaction() as connection:
        await connection.execute("DELETE FROM outbox WHERE kind <> 'mail'")
