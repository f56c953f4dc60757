"""One objective for many records, and the people whose records they are."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from service.db import transaction
from service.objectives import actions
from service.objectives.queries import ObjectiveFact
from service.records.tables import AppraisalRecord
from tests.auth.an_issuer import AnIssuer
from tests.factories import IN_THE_YEAR, a_cycle
from tests.objectives.asking import named
from tests.objectives.joint import Joint, agree
from tests.signing_in import signed_in

PEOPLE = """
WITH new AS (
    SELECT n, gen_random_uuid() AS id FROM generate_series(1, $3::int) AS n
), people AS (
    INSERT INTO person (id, discoverable) SELECT id, true FROM new
), identifiers AS (
    INSERT INTO person_identifier
        (organisation, id, person, source, external_id, valid_from)
    SELECT $1, gen_random_uuid(), id, 'workday', $5 || n, '2020-01-01' FROM new
), postings AS (
    INSERT INTO posting (organisation, id, person, grade, title, fte, kind, started_on,
        valid_from)
    SELECT $1, gen_random_uuid(), id, 'SCS1', 'Deputy Director', 1, 'substantive',
        '2020-01-01', '2020-01-01' FROM new
), lines AS (
    INSERT INTO reporting_line (organisation, id, person, manager, kind, valid_from)
    SELECT $1, gen_random_uuid(), id, $2, 'line', '2020-01-01' FROM new
)
INSERT INTO appraisal_record
    (organisation, id, cycle, person, source, external_id, attached_at, version)
SELECT $1, gen_random_uuid(), $4, id, 'workday', $5 || n, '2026-04-01', 1 FROM new
RETURNING external_id
"""


async def many_records(
    organisation: str, head: UUID, cycle: UUID, count: int, prefix: str = "many-"
) -> list[str]:
    """People in post under a head, each with a record; return the records' names."""
    async with transaction() as connection:
        rows = await connection.fetch(PEOPLE, organisation, head, count, cycle, prefix)
    return [f"workday:{row['external_id']}" for row in rows]


NEXT_YEAR = date(2028, 3, 31)
"""The last day of the cycle after this one."""


@dataclass
class Many:
    """The service, who asks it, and the one objective for all."""

    client: httpx.AsyncClient
    joint: Joint
    tokens: dict[str, dict[str, str]]
    issuers: dict[str, AnIssuer]
    objective: dict[str, Any]
    contributions: list[dict[str, Any]]
    names: list[str] = field(default_factory=list)

    async def sign_in(self, person: UUID, code: str) -> dict[str, str]:
        name = (await named(person))["external_id"]
        return signed_in(self.issuers[code], name)

    def body(self, *records: str, **more: Any) -> dict[str, Any]:
        return {
            "objective": self.objective,
            "contributions": self.contributions,
            "records": [{"record": name} for name in records or self.names],
            **more,
        }

    async def post(
        self,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
        key: str | None = "",
    ) -> httpx.Response:
        sent = {**(headers or self.tokens["hmt"])}
        if key is not None:
            sent["Idempotency-Key"] = key or str(uuid4())
        return await self.client.post("/v1/objectives/bulk", json=body, headers=sent)


def an_objective(**more: Any) -> dict[str, Any]:
    """What an objective says, but for the people who take part."""
    return {
        "title": "One front door",
        "outcome": "People tell government once",
        "measures": "Forms asked for twice",
        "ownership_model": "shared_responsibility",
        "lead": {"share": 60, "commitment": "two analysts"},
        **more,
    }


async def a_partner(joint: Joint, **more: Any) -> dict[str, Any]:
    return {
        "organisation": "dft",
        "person": await named(joint.partner),
        "role": "major",
        "share": 40,
        "commitment": "data",
        **more,
    }


async def one_going_on(many: Many) -> ObjectiveFact:
    """An agreed objective that ends with the next year, in which hmt has records."""
    joint = many.joint
    fact = await joint.drafted(ends_on=NEXT_YEAR)
    await actions.propose(fact.id, caller=joint.machine, now=IN_THE_YEAR)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    await next_year(many)
    return fact


async def next_year(many: Many) -> UUID:
    """The next cycle, and a record in it for each of hmt's people."""
    cycle = await a_cycle(2027)
    for number, person in enumerate(many.joint.hmt.people):
        await AppraisalRecord.insert(
            AppraisalRecord(
                organisation="hmt",
                id=uuid4(),
                cycle=cycle.id,
                person=person,
                source="workday",
                external_id=f"next-{number}",
                attached_at=IN_THE_YEAR,
                version=1,
            )
        )
    return cycle.id
