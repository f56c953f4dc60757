"""Templates: what objectives say, kept for the next who assign them.

The law: a template is its organisation's own and holds nobody; whoever changes or
removes one has read it, and what was made from it stays as it is.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.audit.actions import record
from service.auth.caller import Caller
from service.db import transaction
from service.directory.rules import AmbiguousIdentifier
from service.errors import NotFound, Stale
from service.objectives.assigning.schemas import TemplateIn, TemplateOut
from service.objectives.assigning.tables import Template
from service.objectives.changing import Checked
from service.objectives.priorities import check_priority

ENTITY: Final = "objective_template"


async def create(
    organisations: Collection[str],
    says: TemplateIn,
    *,
    id_: UUID,
    listed: bool,
    caller: Caller,
    now: datetime,
) -> TemplateOut:
    """Keep a template of one of the caller's organisations, which must be named.

    One that is not `listed` only links what was assigned together.
    """
    organisation = _one_of(organisations)
    _check(says)
    content = says.model_dump(mode="json")
    async with transaction():
        await Template.insert(
            Template(
                organisation=organisation,
                id=id_,
                content=content,
                listed=listed,
                version=1,
                created_at=now,
                removed_at=None,
            )
        )
        await record(
            caller,
            "create",
            ENTITY,
            id_,
            now=now,
            organisation=organisation,
            after=content,
        )
    return await template(id_, organisations)


def _one_of(organisations: Collection[str]) -> str:
    if len(organisations) > 1:
        raise AmbiguousIdentifier(
            "A template is of one organisation, and you have"
            f" {', '.join(sorted(organisations))}: say which with ?organisation=CODE."
        )
    (organisation,) = organisations
    return organisation


def _check(says: TemplateIn) -> None:
    if says.priority is not None:
        check_priority(says.priority.scheme, says.priority.code)


async def templates(
    organisations: Collection[str], *, after: UUID | None, limit: int
) -> list[TemplateOut]:
    """Return those that are kept, by id."""
    query = (
        Template.select()
        .where(
            Template.organisation.is_in(sorted(organisations)),
            Template.listed.eq(value=True),
            Template.removed_at.is_null(),
        )
        .order_by(Template.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Template.id > after)
    return [_shown(row) for row in await query]


async def template(id_: UUID, organisations: Collection[str]) -> TemplateOut:
    """Return one, listed or not; another organisation's, or a removed one, is none."""
    rows = await Template.select().where(
        Template.id == id_,
        Template.organisation.is_in(sorted(organisations)),
        Template.removed_at.is_null(),
    )
    if not rows:
        raise NotFound(f"No template {id_}.")
    return _shown(rows[0])


def _shown(row: dict[str, Any]) -> TemplateOut:
    return TemplateOut(
        id=row["id"],
        organisation=row["organisation"],
        version=row["version"],
        created_at=row["created_at"],
        says=TemplateIn.model_validate(json.loads(row["content"])),
    )


async def change(
    id_: UUID,
    organisations: Collection[str],
    says: TemplateIn,
    *,
    checked: Checked,
    caller: Caller,
    now: datetime,
) -> TemplateOut:
    """Have a template say something else; the same again changes nothing."""
    was = await template(id_, organisations)
    checked(was.version)
    _check(says)
    if says == was.says:
        return was
    content = says.model_dump(mode="json")
    changes = {Template.content: json.dumps(content)}
    async with transaction():
        await _save(was, {**changes, Template.version: was.version + 1})
        await record(
            caller,
            "change",
            ENTITY,
            id_,
            now=now,
            organisation=was.organisation,
            before=was.says.model_dump(mode="json"),
            after=content,
        )
    return await template(id_, organisations)


async def _save(was: TemplateOut, changes: dict[Any, Any]) -> None:
    saved = (
        await Template.update(changes)
        .where(
            Template.id == was.id,
            Template.version == was.version,
            Template.removed_at.is_null(),
        )
        .returning(Template.id)
    )
    if not saved:
        raise Stale("Somebody has changed it since you read it: read it again.")


async def remove(
    id_: UUID,
    organisations: Collection[str],
    *,
    checked: Checked,
    caller: Caller,
    now: datetime,
) -> None:
    """Remove a template; objectives go on naming it as what they were made from."""
    was = await template(id_, organisations)
    checked(was.version)
    async with transaction():
        await _save(was, {Template.removed_at: now})
        await record(
            caller,
            "remove",
            ENTITY,
            id_,
            now=now,
            organisation=was.organisation,
            before=was.says.model_dump(mode="json"),
        )
