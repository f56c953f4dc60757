"""All that others than raters can ever read of a cycle, written down to be compared."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Litestar

from service.auth.declared import routes
from service.db import transaction
from service.directory.queries import emails_of
from service.objectives.queries import ids_on_record
from tests.feedback.inviting.mailed import deliver
from tests.feedback.over_http import Callers, forget_rates
from tests.feedback.results.living import told
from tests.jobs.catcher import Catcher
from tests.sizes import SIZES

READERS = ("hmt", "dwp", "hmt1", "hmt-head", "hmt2", "hmt3", "hmt4", "hmt5", "wide",
           "dft1", "dft-head")  # fmt: skip
"""HR systems of both sides, subjects, the manager, HR administrators, data protection
officer, auditor, text moderator, and a colleague who is asked and does nothing."""
ALSO_ACTS = "dwp1"
"""Reads all but what is a rater's own."""
NEVER, RARELY = 403, {404, 422}
OWN = "/v1/feedback-requests"
BEHIND_THE_DOOR = {"feedback_request", "feedback_rater", "feedback_act",
                   "feedback_answer", "feedback_text", "feedback_link"}  # fmt: skip
"""What raters did is kept there, and shown to nobody before the release."""
COUNTED = {"rate_window": ["window_number", "taken", "granted"],
           "web_session": ["created_at", "seen_at"]}  # fmt: skip
"""By the minute: that a caller asked, or has signed in, at all is compared."""
NAMED = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
TABLES = """
SELECT c.relname AS name, array(SELECT attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND (a.attidentity <> '' OR EXISTS (
        SELECT FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum
        AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%'))) AS numbered
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname
"""
NUMBERS = """
SELECT sequencename::text AS name, coalesce(last_value, 0) AS last FROM pg_sequences
WHERE schemaname = 'public' ORDER BY sequencename
"""
REQUESTS = "SELECT array(SELECT id FROM feedback_request)"
LATER_MAIL = "SELECT id FROM feedback_mail WHERE request <> ALL ($1)"
CODES = "SELECT id FROM outbox WHERE kind = 'feedback_code'"
"""Mails of their own that raters ask for; no route and no log names their request."""
LATER = "SELECT rater FROM feedback_rater WHERE request <> ALL ($1)"


@dataclass(frozen=True)
class Transcript:
    """What could be read; mails apart, as some are their raters' own."""

    lines: list[str]
    mails: list[tuple[str, str]]
    """Address and mail."""
    theirs: frozenset[str]
    """The addresses of those who acted, or were asked instead of who declined."""


@dataclass
class Watch:
    """Whoever looks on, what at, and what could be named before anybody acted."""

    app: Litestar
    callers: Callers
    catcher: Catcher
    asking: Collection[tuple[str, str]]
    known: frozenset[str]
    requests: Collection[UUID]
    began: Mapping[str, int]

    async def forget(self) -> None:
        """Begin anew: what the app counts in memory, and what numbers have run to."""
        forget_rates(self.app)
        self.began = await _numbers()
        self.catcher.mails.clear()
        self.catcher.recipients.clear()

    async def all(self) -> list[str]:
        """Every row, number and answer, now."""
        return [*await self._rows(), *await self._run_to(), *await self._answers()]

    async def _rows(self) -> list[str]:
        found: list[str] = []
        async with transaction() as connection:
            later = await connection.fetch(LATER_MAIL, self.requests)
            codes = await connection.fetch(CODES)
            of_their_own = {str(row["id"]) for row in [*later, *codes]}
            for table in await connection.fetch(TABLES):
                name = table["name"]
                if name in BEHIND_THE_DOOR:
                    continue
                rows = await connection.fetch(
                    f'SELECT (to_jsonb(t) - $1::text[])::text AS row FROM "{name}" t',  # noqa: S608 - our own
                    [*table["numbered"], *COUNTED.get(name, [])],
                )
                lines = [
                    f"{name} {self._masked(row['row'])}"
                    for row in rows
                    if not of_their_own & {*NAMED.findall(row["row"])}
                ]
                found += sorted({*lines} if name in COUNTED else lines)
        return found

    def _masked(self, text: str) -> str:
        """Leave out ids that are made anew every time: random, and told by nothing."""
        return NAMED.sub(lambda id_: id_[0] if id_[0] in self.known else "new", text)

    async def _run_to(self) -> list[str]:
        """How far each sequence has run: a gap would tell as much as a row."""
        return [
            f"{name} ran {last - self.began[name]}"
            for name, last in (await _numbers()).items()
        ]

    async def _answers(self) -> list[str]:
        return [
            self._masked(f"{name} {path} {told(await self.callers.get(name, path))}")
            for name, path in self.asking
        ]

    async def mailed(self, now: datetime) -> None:
        """Deliver what is due."""
        await deliver(self.catcher, now, notices=True)

    async def transcript(self, lines: list[str], acting: Collection[str]) -> Transcript:
        """Return what was read, and who of those who got mails has a part in it."""
        people = self.callers.scene.people
        async with transaction() as connection:
            later = await connection.fetch(LATER, self.requests)
        raters = {people[name] for name in acting} | {row["rater"] for row in later}
        mails = [
            (to, self._masked(mail.as_string()))
            for to, mail in zip(
                self.catcher.recipients, self.catcher.mails, strict=True
            )
        ]
        addresses = (await emails_of(raters)).values()
        return Transcript(lines, mails, frozenset(addresses))


async def _numbers() -> dict[str, int]:
    async with transaction() as connection:
        return {row["name"]: row["last"] for row in await connection.fetch(NUMBERS)}


def moved(one: Transcript, other: Transcript) -> list[str]:
    """What others can read in one life and not in the other, mails by their count."""
    theirs = one.theirs | other.theirs
    before, after = (Counter(_said(each, theirs)) for each in (one, other))
    return [*(before - after), *(after - before)]


def _said(life: Transcript, theirs: Collection[str]) -> Iterator[str]:
    yield from life.lines
    for to, mail in life.mails:
        if to not in theirs:
            yield f"to {to}: {mail}"


async def a_watch(app: Litestar, callers: Callers, catcher: Catcher) -> Watch:
    paths = await _paths(app, callers)
    who = [(name, path) for name in READERS for path in paths]
    who += [(ALSO_ACTS, path) for path in paths if not path.startswith(OWN)]
    # The pool is filled by the first who looks at it.
    gave = {each: (await callers.get(*each)).status_code for each in who}
    # Who may not ask at all never may; what is not there is asked for now and then.
    asking = [
        each
        for place, each in enumerate(who)
        if gave[each] != NEVER
        and (gave[each] not in RARELY or place % SIZES.rarely == 0)
    ]
    async with transaction() as connection:
        requests = await connection.fetchval(REQUESTS)
        known: set[str] = set()
        for table in await connection.fetch(TABLES):
            rows = await connection.fetch(f'SELECT t::text FROM "{table["name"]}" t')  # noqa: S608 - our own
            known.update(id_ for row in rows for id_ in NAMED.findall(row[0]))
    return Watch(
        app, callers, catcher, asking, frozenset(known), requests, await _numbers()
    )


async def _paths(app: Litestar, callers: Callers) -> list[str]:
    """Every route that can be read, naming things of those who are looked at."""
    scene, found = callers.scene, set[str]()
    for name in ("hmt1", "wide"):
        on = scene.records[name]
        objectives = await ids_on_record(on.id)
        named = defaultdict(
            lambda: str(UUID(int=1)), cycle=str(scene.cycle), record=str(on.id),
            person=str(on.person), name="mean", version="1",
            **({"objective": str(objectives[0])} if objectives else {}),
        )  # fmt: skip
        found |= {
            path.format_map(named)
            for method, path, _ in routes(app)
            if method == "GET" and path not in {"/openapi.json", "/readyz"}
        }
    return [*sorted(found), f"/v1/scores?cycle={scene.cycle}&limit=1",
            "/v1/people?query=sam", "/v1/records?limit=2"]  # fmt: skip
