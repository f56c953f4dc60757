"""Shared objectives as read: by organisation that is party, or by person."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.errors import NotFound
from service.objectives.content import Content, Contributed, Priority, Valued
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.stages import GONE, ContributionState, Stage

OBJECTIVES: Final = """
SELECT o.*,
    (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.share DESC, c.organisation, c.id)
        FROM contribution c WHERE c.objective = o.id) AS contributions,
    (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.number, w.person)
        FROM objective_owner w WHERE w.objective = o.id) AS owners,
    (SELECT jsonb_agg(to_jsonb(v) ORDER BY v.organisation)
        FROM objective_value v WHERE v.objective = o.id) AS value_map,
    (SELECT array_agg(p.organisation::text ORDER BY p.organisation)
        FROM objective_party p WHERE p.objective = o.id) AS parties
FROM shared_objective o
"""
THESE: Final = (
    OBJECTIVES
    + """
WHERE o.id = ANY ($1)
    AND ($2::text[] IS NULL OR o.organisation = ANY ($2)
        OR (o.shared_at IS NOT NULL AND EXISTS (SELECT FROM objective_party p
            WHERE p.organisation = ANY ($2) AND p.objective = o.id)))
ORDER BY o.id
"""
)
OF_RECORD: Final = """
SELECT o.id FROM shared_objective o WHERE o.record = $1
UNION
SELECT o.id FROM contribution c
JOIN shared_objective o ON o.id = c.objective
JOIN appraisal_record its ON its.id = $1 AND its.person = c.person
    AND its.organisation = c.organisation AND its.cycle = o.cycle
WHERE c.state IN ('accepted', 'disputed') AND o.stage NOT IN ('draft', 'withdrawn')
"""
ON_RECORD: Final = f"""
WITH shown AS ({OF_RECORD})
SELECT o.*, o.id IN (SELECT id FROM shown) AS shown FROM ({OBJECTIVES}) AS o
WHERE o.id IN (SELECT id FROM shown
    UNION SELECT unnest(ARRAY[p.parent, p.previous, p.lineage])
    FROM shown JOIN shared_objective p USING (id))
ORDER BY o.id
"""  # noqa: S608 - statements of our own

WEIGHTS: Final = """
SELECT element, weight FROM shared_objective
WHERE record = $1 AND weight IS NOT NULL AND stage <> 'withdrawn'
    AND ($2::uuid IS NULL OR id <> $2)
ORDER BY id
"""
LOOPS: Final = """
WITH RECURSIVE above (id, path) AS (
    SELECT $1::uuid, ARRAY[$1::uuid]
    UNION ALL
    SELECT o.parent, above.path || o.parent
    FROM above JOIN shared_objective o ON o.id = above.id
    WHERE o.parent IS NOT NULL AND o.parent <> ALL (above.path)
)
SELECT EXISTS (SELECT FROM above WHERE id = $2)
"""


@dataclass(frozen=True, slots=True)
class ContributionFact:
    """One contribution, and where it stands with its own line manager."""

    id: UUID
    organisation: str
    person: UUID
    role: ContributionRole
    share: int
    commitment: str
    state: ContributionState

    @property
    def agreed(self) -> bool:
        """Say whether the contributor's line manager agrees to it as it is."""
        return self.state == ContributionState.ACCEPTED

    @property
    def live(self) -> bool:
        """Say whether it still has its share of the whole."""
        return self.state not in GONE


@dataclass(frozen=True, slots=True)
class ObjectiveFact:
    """One shared objective with all that it says."""

    organisation: str
    id: UUID
    record: UUID
    person: UUID
    """The subject, whose record holds it."""
    cycle: UUID
    stage: Stage
    version: int
    terms: int
    """The version that agreements count from."""
    revision: int
    lineage: UUID
    previous: UUID | None
    template: UUID | None
    shared: bool
    """Whether it was ever put to others: until then it is the lead's alone."""
    content: Content
    """Without the contributions that have gone."""
    owning: Mapping[UUID, str]
    """For which organisation each accountable owner owns it."""
    contributions: tuple[ContributionFact, ...]
    """Largest share first."""
    parties: tuple[str, ...]

    @property
    def live(self) -> list[ContributionFact]:
        """Return the contributions that have not gone."""
        return [part for part in self.contributions if part.live]

    @property
    def links(self) -> frozenset[UUID]:
        """Return the other objectives that it names."""
        named = {self.content.parent, self.previous, self.lineage} - {self.id}
        return frozenset(id_ for id_ in named if id_ is not None)

    @property
    def present(self) -> frozenset[str]:
        """Return the organisations that are in it: the lead, and who contribute."""
        return self.content.organisations | {self.organisation}

    @property
    def former(self) -> frozenset[str]:
        """Return the organisations that were in it, and have left."""
        left = frozenset(
            part.organisation
            for part in self.contributions
            if part.state == ContributionState.LEFT
        )
        return left - self.present

    @property
    def gone(self) -> frozenset[str]:
        """Return those that were ever in it and are not: who left, and all replaced."""
        ever = {*self.parties, *(part.organisation for part in self.contributions)}
        return frozenset(ever) - self.present


async def objectives(
    ids: Collection[UUID], organisations: Collection[str] | None
) -> list[ObjectiveFact]:
    """Return these objectives, of those the organisations are party to (None: all)."""
    scope = None if organisations is None else sorted(organisations)
    async with transaction() as connection:
        rows = await connection.fetch(THESE, sorted(ids), scope)
    return [fact_from(row) for row in rows]


def fact_from(row: Record) -> ObjectiveFact:
    """Return the objective of a row of `OBJECTIVES`, whatever else is in it."""
    parts = tuple(
        ContributionFact(
            id=UUID(part["id"]),
            organisation=part["organisation"],
            person=UUID(part["person"]),
            role=ContributionRole(part["role"]),
            share=part["share"],
            commitment=part["commitment"],
            state=ContributionState(part["state"]),
        )
        for part in json.loads(row["contributions"] or "[]")
    )
    return ObjectiveFact(
        organisation=row["organisation"],
        id=row["id"],
        record=row["record"],
        person=row["person"],
        cycle=row["cycle"],
        stage=Stage(row["stage"]),
        version=row["version"],
        terms=row["terms"],
        revision=row["revision"],
        lineage=row["lineage"],
        previous=row["previous"],
        template=row["template"],
        shared=row["shared_at"] is not None,
        content=_content(row, parts),
        owning={
            UUID(owner["person"]): owner["organisation"]
            for owner in json.loads(row["owners"] or "[]")
        },
        contributions=parts,
        parties=tuple(row["parties"]),
    )


def _content(row: Record, parts: Collection[ContributionFact]) -> Content:
    owners: dict[int, list[UUID]] = {}
    for owner in json.loads(row["owners"] or "[]"):
        owners.setdefault(owner["number"], []).append(UUID(owner["person"]))
    scheme = row["priority_scheme"]
    return Content(
        title=row["title"],
        outcome=row["outcome"],
        measures=row["measures"],
        ownership_model=OwnershipModel(row["ownership_model"]),
        kind=Kind(row["kind"]),
        owners=tuple(map(tuple, owners.values())),
        contributions=tuple(
            Contributed(p.organisation, p.person, p.role, p.share, p.commitment)
            for p in parts
            if p.live
        ),
        value_map=tuple(
            _valued(value)
            for value in json.loads(row["value_map"] or "[]", parse_float=Decimal)
        ),
        element=row["element"],
        weight=row["weight"],
        standard=row["standard"],
        priority=Priority(scheme, row["priority_code"]) if scheme else None,
        parent=row["parent"],
        ends_on=row["ends_on"],
    )


def _valued(value: dict[str, Any]) -> Valued:
    return Valued(
        organisation=value["organisation"],
        puts_in=value["puts_in"],
        money_in=_amount(value["money_in"]),
        people_in=_amount(value["people_in"]),
        days_in=value["days_in"],
        gains=value["gains"],
        money_out=_amount(value["money_out"]),
    )


def _amount(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"))


async def objective(
    id_: UUID, organisations: Collection[str] | None = None
) -> ObjectiveFact:
    """Return one objective; not a party's is not there."""
    found = await objectives([id_], organisations)
    if not found:
        raise NotFound(f"No objective {id_}.")
    return found[0]


async def on_record(record: UUID) -> tuple[list[ObjectiveFact], list[ObjectiveFact]]:
    """Return what shows on a record, and what that links to, in one statement."""
    async with transaction() as connection:
        rows = await connection.fetch(ON_RECORD, record)
    facts = {row["id"]: fact_from(row) for row in rows}
    shown = [facts[row["id"]] for row in rows if row["shown"]]
    links = {id_ for fact in shown for id_ in fact.links}
    return shown, [fact for id_, fact in facts.items() if id_ in links]


async def ids_on_record(record: UUID) -> list[UUID]:
    """Return what shows on a record: its own, and what its person contributes to."""
    async with transaction() as connection:
        return [row["id"] for row in await connection.fetch(OF_RECORD, record)]


async def weights_on(
    record: UUID, *, without: UUID | None
) -> dict[str | None, list[int]]:
    """Return the weights of a record's own objectives, by the element they are of."""
    async with transaction() as connection:
        rows = await connection.fetch(WEIGHTS, record, without)
    found: dict[str | None, list[int]] = {}
    for row in rows:
        found.setdefault(row["element"], []).append(row["weight"])
    return found


async def is_above(one: UUID, other: UUID) -> bool:
    """Say whether `other` stands above `one`, or is it, in the chain of alignment."""
    async with transaction() as connection:
        found: bool = await connection.fetchval(LOOPS, one, other)
    return found
