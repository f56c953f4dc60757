"""Addresses and reasons of a pool, as the database keeps them."""

from uuid import UUID

import pytest

from service.auth.caller import Person
from service.db import transaction
from service.feedback.addresses import ADDRESS, sealed
from service.feedback.form.sealing import TextNotOpened, unseal
from service.feedback.life import Step
from service.feedback.nominating import Nominee, nominate, nominations, take_out
from service.feedback.rules import Origin
from service.settings import settings
from tests.factories import FEEDBACK_OPEN
from tests.scoring import Scene

SAM = "sam.canary@dwp.example"
REASON = "We are rivals, says the canary."
KEPT = """
SELECT n.id, n.email, n.email_digest, n.email_domain, n.reason, n::text AS whole
FROM feedback_nomination n WHERE email IS NOT NULL
"""


async def proposed(scene: Scene, subject: str, address: str = SAM) -> list[UUID]:
    on = scene.records[subject]
    return await nominate(
        on, [Nominee(email=address)], Origin.SUBJECT, caller=Person(on.person),
        now=FEEDBACK_OPEN,
    )  # fmt: skip


async def test_neither_address_nor_reason_can_be_read_in_the_database(
    db: None, wide: Scene
) -> None:
    on = wide.records["fresh"]
    (new,) = await proposed(wide, "fresh")
    await take_out(
        on, new, Step.OBJECT, reason=REASON, caller=Person(on.person),
        now=FEEDBACK_OPEN,
    )  # fmt: skip
    async with transaction() as connection:
        (row,) = await connection.fetch(KEPT)
    for clear in ("sam", "canary", "rivals"):
        assert clear not in row["whole"]
        assert clear.encode().hex() not in row["whole"]
    assert row["email_domain"] == "dwp.example"
    (seen,) = await nominations(on, [new])
    assert (seen.email, seen.reason) == (SAM, REASON)


async def test_an_address_stands_once_in_a_pool(db: None, wide: Scene) -> None:
    (new,) = await proposed(wide, "fresh")
    assert await proposed(wide, "fresh") == []
    assert [each.id for each in await nominations(wide.records["fresh"], None)] == [new]


def test_sealed_for_one_proposal_an_address_opens_for_no_other() -> None:
    one, other = UUID(int=1), UUID(int=2)
    cell = sealed(SAM, one)
    assert unseal(cell.cell, one, ADDRESS) == SAM
    assert sealed(SAM, other).digest == cell.digest
    assert sealed(SAM, other).cell != cell.cell
    with pytest.raises(TextNotOpened):
        unseal(cell.cell, other, ADDRESS)


def test_without_the_service_s_key_a_guess_cannot_be_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = sealed(SAM, UUID(int=1)).digest
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "a secret of somebody else's own making")
    settings.cache_clear()
    assert sealed(SAM, UUID(int=1)).digest != ours
