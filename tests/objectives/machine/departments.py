"""Three departments, their people and HR systems, and the service that they use."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final
from uuid import UUID

import httpx
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.access.tables import DataSharing
from service.auth.caller import Scope
from service.auth.declared import routes
from service.db import DB
from service.directory.rules import LineKind, PostingKind
from service.directory.tables import PersonDetails, PersonIdentifier, Posting
from service.directory.tables import ReportingLine as Line
from tests.factories import (
    IN_THE_YEAR,
    LONG_AGO,
    OPERATOR,
    a_cycle,
    a_line,
    a_person,
    a_token,
    an_organisation,
    record_of,
    sharing,
)
from tests.signing_in import issuers_of, signed_in

CODES: Final = ("dft", "hmt", "moj")
POSTS: Final = ("head", "deputy", "lead", "analyst", "administrator")
"""Whoever is not the head reports to the head at first."""
ONE: Final = "/v1/objectives/{objective}"
FOREVER: Final = IN_THE_YEAR.date().replace(year=2040)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with an access token: a person, or an organisation's HR system."""

    name: str
    organisation: str
    person: UUID | None
    """None: an HR system."""
    administers: bool
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Departments:
    """What does not change from one example to the next."""

    client: httpx.AsyncClient
    callers: Mapping[str, Caller]
    """By name: `hmt` is an HR system, `hmt.head` a person."""
    external: Mapping[UUID, str]
    """What `workday` calls each person."""
    records: Mapping[UUID, str]
    """The name of each person's record in a path."""
    traces: Mapping[UUID, tuple[str, ...]]
    """What gives each person away: their id, family name and address."""
    managers: Mapping[UUID, UUID]
    functional: Mapping[UUID, UUID]
    organisations: Mapping[UUID, str]
    """Where each person works."""
    routes: tuple[str, ...]
    """What can be read of an objective: what follows its own path."""

    def person(self, name: str) -> UUID:
        found = self.callers[name].person
        assert found is not None
        return found


async def three_departments(app: Litestar, client: httpx.AsyncClient) -> Departments:
    """Build them; in each, deputy and analyst share one job.

    The functional manager of moj's analyst works for hmt.
    """
    people = {
        f"{code}.{post}": person
        for code in CODES
        for post, person in (await _people(code)).items()
    }
    over, under = people["hmt.analyst"], people["moj.analyst"]
    await _functional(under, over)
    await sharing(*CODES)
    cycle = await a_cycle()
    issuers = await issuers_of(app, *CODES)
    external, traces = await _traces()
    callers = (
        {
            code: Caller(code, code, None, False, await a_token(client, code))  # noqa: FBT003 - a field in its place
            for code in CODES
        }
        | {
            name: Caller(
                name,
                name[:3],
                person,
                name.endswith("administrator"),
                signed_in(issuers[name[:3]], external[person]),
            )
            for name, person in people.items()
        }
    )
    return Departments(
        client=client,
        callers=MappingProxyType(callers),
        external=external,
        records={p: str((await record_of(p, cycle.id)).id) for p in people.values()},
        traces=traces,
        managers={
            person: people[f"{name[:3]}.head"]
            for name, person in people.items()
            if not name.endswith("head")
        },
        functional={under: over},
        organisations={person: name[:3] for name, person in people.items()},
        routes=_readable(app),
    )


async def _people(code: str) -> dict[str, UUID]:
    await an_organisation(code)
    head = await a_person(code)
    people = {"head": head} | {
        post: await a_person(code, manager=head) for post in POSTS[1:]
    }
    await Posting.update(
        {Posting.kind: PostingKind.JOB_SHARE, Posting.post_reference: f"{code}-7"}
    ).where(Posting.person.is_in([people["deputy"], people["analyst"]]))
    await grant(
        people["administrator"],
        Role.HR_ADMINISTRATOR,
        organisation=code,
        until=FOREVER,
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )
    return people


async def _functional(person: UUID, manager: UUID) -> None:
    await a_line(person, manager, "hmt")
    await Line.update({Line.kind: LineKind.FUNCTIONAL}).where(
        Line.person == person, Line.organisation == "hmt"
    )


async def _traces() -> tuple[dict[UUID, str], dict[UUID, tuple[str, ...]]]:
    external = {
        row["person"]: row["external_id"] for row in await PersonIdentifier.select()
    }
    traces: dict[UUID, tuple[str, ...]] = {
        row["person"]: (str(row["person"]), f"{row['family_name']}\\b", row["email"])
        for row in await PersonDetails.select()
    }
    return external, traces


def _readable(app: Litestar) -> tuple[str, ...]:
    """Every route that reads of an objective and names nothing else of it."""
    paths = [
        path.removeprefix(ONE).replace("{version}", "1")
        for method, path, access in routes(app)
        if method == "GET" and path.startswith(ONE) and Scope.OBJECTIVES_READ in access
    ]
    return tuple(path for path in paths if "{" not in path)


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """Take back all that is written inside."""
    savepoint = DB.transaction()
    await savepoint.__aenter__()
    try:
        yield
    finally:
        await savepoint.__aexit__(Undone, Undone(), None)


class Undone(Exception):
    """Tells a savepoint to roll back."""


async def now_reports_to(person: UUID, manager: UUID | None, organisation: str) -> None:
    """Rewrite who is a person's line manager today."""
    await Line.delete().where(Line.person == person, Line.kind == LineKind.LINE)
    if manager is not None:
        await a_line(person, manager, organisation, since=LONG_AGO)


async def now_share(pairs: Iterable[frozenset[str]]) -> None:
    """Have exactly these pairs of organisations share data today."""
    in_force = {*pairs}
    for one, other in combinations(CODES, 2):
        until = FOREVER if {one, other} in in_force else IN_THE_YEAR.date()
        await DataSharing.update({DataSharing.valid_to: until}).where(
            DataSharing.organisation == one, DataSharing.partner == other
        )
