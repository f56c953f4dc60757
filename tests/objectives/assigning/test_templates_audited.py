"""What is done to a template is kept together with its entry in the audit, or not."""

from collections.abc import Awaitable, Callable
from typing import NoReturn
from uuid import UUID, uuid4

import pytest

from service.objectives.assigning import templates
from service.objectives.assigning.schemas import LeadIn, TemplateIn, TemplateOut
from service.objectives.assigning.tables import Template
from service.objectives.rules import OwnershipModel
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, machine_of

MACHINE = machine_of("hmt")
SAYS = TemplateIn(
    title="One front door",
    outcome="People tell government once",
    measures="Forms asked for twice",
    ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
    lead=LeadIn(share=100, commitment="two analysts"),
)
OTHER = SAYS.model_copy(update={"title": "Another"})


async def create(id_: UUID) -> TemplateOut:
    return await templates.create(
        ["hmt"], SAYS, id_=id_, listed=True, caller=MACHINE, now=IN_THE_YEAR
    )


async def change(id_: UUID) -> TemplateOut:
    return await templates.change(
        id_, ["hmt"], OTHER, checked=read, caller=MACHINE, now=IN_THE_YEAR
    )


async def remove(id_: UUID) -> None:
    await templates.remove(id_, ["hmt"], checked=read, caller=MACHINE, now=IN_THE_YEAR)


def read(version: int) -> None:
    """Nobody has changed it since it was read."""


async def disk_full(*_: object, **__: object) -> NoReturn:
    raise OSError("disk full")


async def kept() -> list[tuple[UUID, object, object, object]]:
    """Every template as stored."""
    rows = await Template.select().order_by(Template.id)
    return [
        (row["id"], row["version"], row["content"], row["removed_at"]) for row in rows
    ]


@pytest.mark.parametrize("deed", [create, change, remove])
async def test_what_cannot_be_audited_is_not_done(
    joint: Joint,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[UUID], Awaitable[object]],
) -> None:
    id_ = uuid4()
    if deed is not create:
        await create(id_)
    before = await kept()
    with monkeypatch.context() as patch:
        patch.setattr(templates, "record", disk_full)
        with pytest.raises(OSError, match="disk full"):
            await deed(id_)
    assert await kept() == before
    await deed(id_)
    assert await kept() != before
