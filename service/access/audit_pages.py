"""Pages on which those who watch over an organisation search its audit.

The law: that the audit was read is audited; what it may show is `service.audit.rules`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, Parameter

from service.access.audit_wording import KINDS
from service.access.rules import Role
from service.audit import queries
from service.audit.actions import record
from service.audit.queries import EntryFact, Sought
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.db import transaction
from service.directory.queries import details_of, people_called
from service.settings import settings
from service.web.days import YEARS, after_day, midnight, read_day
from service.web.forms import Filled
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page

Caller = NamedDependency[SignedIn]
OFFICERS: Final = signed_in(Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
HERE: Final = "/audit"
SHOWN: Final = 50
"""Entries on a page."""
PERSON: Final = "person:"
OF_A_KIND: Final = ":"
"""Stands in every actor as the audit writes it, after its kind."""
WHOM: Final = mark(
    "Enter the full name of somebody in your organisation, or an id as the audit shows"
)
Word = Annotated[str, Parameter(max_length=200)]
HIGHEST: Final = 2**63 - 1
"""No entry has a higher number."""
Number = Annotated[int | None, Parameter(ge=0, le=HIGHEST)]


class AuditPages(Controller):
    """Who did and who read what in one organisation."""

    path = HERE

    @get(security=OFFICERS, **PAGE)
    async def entries(
        self,
        request: AnyRequest,
        caller: Caller,
        who: FromQuery[Word] = "",
        kind: FromQuery[Word] = "",
        thing: FromQuery[Word] = "",
        since: FromQuery[Word] = "",
        until: FromQuery[Word] = "",
        before: FromQuery[Number] = None,
    ) -> Response[Any]:
        """Search what was done and read, the latest first."""
        asked = {
            "who": who,
            "kind": kind,
            "thing": thing,
            "since": since,
            "until": until,
        }
        actors = await _actors(who, caller.organisation)
        filled = _filled(asked, known=actors is None or bool(actors))
        found: list[EntryFact] = []
        if not filled.errors:
            sought = _sought(asked, actors)
            found = await _entries(sought, before, caller, settings().clock())
        shown = found[:SHOWN]
        names = await _names(shown)
        more = {**asked, "before": str(shown[-1].id)} if len(found) > SHOWN else None
        return page(
            request,
            "audit/entries.html",
            title=say("Audit"),
            status=UNPROCESSABLE if filled.errors else 200,
            filled=filled,
            kinds=_kinds(),
            entries=[_told(entry, names) for entry in shown],
            more=f"{HERE}?{urlencode(more)}" if more else None,
        )

    @get("/disclosures", security=OFFICERS, **PAGE)
    async def disclosures(
        self,
        request: AnyRequest,
        caller: Caller,
        person: FromQuery[Word] = "",
        at: FromQuery[datetime | None] = None,
        after: FromQuery[UUID | None] = None,
    ) -> Response[Any]:
        """Search what machines were told, the latest first."""
        now, whom = settings().clock(), await _whom(person, caller.organisation)
        wrong = {} if whom or not person.strip() else {"person": say(WHOM)}
        found = []
        if not wrong:
            async with transaction():
                found = await queries.disclosures(
                    caller.organisation,
                    people=whom,
                    before=_place(at, after),
                    limit=SHOWN + 1,
                )
                await _audit("disclosure", caller, now)
        shown, more = found[:SHOWN], None
        if len(found) > SHOWN:
            last = shown[-1]
            more = {"person": person, "at": last.at.isoformat(), "after": str(last.id)}
        return page(
            request,
            "audit/disclosures.html",
            title=say("What HR systems were told"),
            status=UNPROCESSABLE if wrong else 200,
            filled=Filled({"person": (person,)}, wrong),
            found=shown,
            more=f"{HERE}/disclosures?{urlencode(more)}" if more else None,
        )


def _kinds() -> list[dict[str, str]]:
    named = ({"value": kind, "text": say(name)} for kind, name in KINDS.items())
    return [{"value": "", "text": say("Everything")}, *named]


async def _actors(who: str, organisation: str) -> list[str] | None:
    """Return how the audit writes whom somebody looks for; None if for nobody."""
    if not (sought := who.strip()):
        return None
    if OF_A_KIND in sought:
        return [sought]
    return [f"{PERSON}{person}" for person in await _whom(sought, organisation)]


async def _whom(who: str, organisation: str) -> list[UUID]:
    """Return the person of an id, or those whom the organisation calls by a name."""
    if id_ := _uuid(who):
        return [id_]
    return sorted(await people_called(who, organisation)) if who.strip() else []


def _filled(asked: dict[str, str], *, known: bool) -> Filled[Any]:
    wrong = {} if known else {"who": say(WHOM)}
    for name in ("since", "until"):
        try:
            _ = asked[name] and read_day(asked[name])
        except ValueError:
            wrong[name] = say("Enter a day, like 27/3/2027")
    return Filled({name: (value,) for name, value in asked.items()}, wrong)


def _sought(asked: dict[str, str], actors: list[str] | None) -> Sought:
    since, until = asked["since"], asked["until"]
    return Sought(
        actors=actors,
        entity=asked["kind"] or None,
        entity_id=asked["thing"].strip() or None,
        since=midnight(read_day(since)) if since else None,
        until=midnight(after_day(read_day(until))) if until else None,
    )


async def _entries(
    sought: Sought, before: int | None, caller: SignedIn, now: datetime
) -> list[EntryFact]:
    async with transaction():
        found = await queries.entries(
            caller.organisation, sought, before=before, limit=SHOWN + 1
        )
        await _audit("audit", caller, now)
    return found


async def _audit(entity: str, caller: SignedIn, now: datetime) -> None:
    await record(
        caller, "search", entity, "*", now=now, organisation=caller.organisation
    )


async def _names(entries: list[EntryFact]) -> dict[str, str]:
    """Return who did it by name, of those whom the organisation knows."""
    people = {
        id_
        for each in entries
        if each.actor.startswith(PERSON)
        and (id_ := _uuid(each.actor.removeprefix(PERSON)))
    }
    known = await details_of(people)
    return {
        f"{PERSON}{person}": f"{called.given_name} {called.family_name}"
        for person, called in known.items()
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _place(at: datetime | None, after: UUID | None) -> tuple[datetime, UUID] | None:
    """Return what a page comes after; one that was never given is the first."""
    if at is None or after is None or at.year not in YEARS:
        return None
    return at, after


def _told(entry: EntryFact, names: Mapping[str, str]) -> tuple[Any, ...]:
    by = names.get(entry.actor, entry.actor)
    return entry, by, say(KINDS[entry.entity]), _details(entry)


def _details(entry: EntryFact) -> list[tuple[str, object, object]]:
    """Return what differs between before and after, by name."""
    was, became = entry.before or {}, entry.after or {}
    return [
        (name, was.get(name, ""), became.get(name, ""))
        for name in sorted({*was, *became})
        if was.get(name) != became.get(name)
    ]
