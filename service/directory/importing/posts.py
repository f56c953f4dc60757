"""Posts of the organograms: judged together, and what to write about them.

The law: a reference means one post in an organisation, and what was published stays as
published: a post may report to one that does not exist, and posts may form a loop.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from service.audit.actions import Entry
from service.db import Connection
from service.directory.dated import NAMES, POSTS, Changes, Held, PostFacts
from service.directory.importing.posts_file import (
    ORGANISATION,
    REFERENCE,
    REPORTS_TO,
    PostRow,
)
from service.directory.importing.report import Findings, Outcome
from service.directory.rules import Occupancy, alike, loops

LIVEST_FIRST = list(Occupancy)


class Key(NamedTuple):
    """What names a post: a reference within an organisation."""

    organisation: str
    reference: str


Settled: TypeAlias = dict[Key, PostRow]


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is: organisations by the names they go by, and their open posts."""

    codes: Mapping[str, str]
    posts: Mapping[Key, Held[PostFacts]]


@dataclass(slots=True)
class Plan:
    """What importing the rows will write."""

    dated: Changes = field(default_factory=Changes)
    entries: list[Entry] = field(default_factory=list)


async def load(connection: Connection, rows: Iterable[PostRow]) -> Stored:
    """Return the organisations that have not ended, and the posts of those named."""
    living = await connection.fetch(
        "SELECT code FROM organisation WHERE valid_to IS NULL"
    )
    names = await NAMES.open_rows(connection, [row["code"] for row in living])
    codes = {alike(held.facts.name): held.organisation for held in names}
    named = {codes.get(alike(row.organisation_name)) for row in rows} - {None}
    posts = await POSTS.open_rows(connection, [code for code in named if code])
    return Stored(
        codes, {Key(held.organisation, held.facts.reference): held for held in posts}
    )


def plan(
    rows: Sequence[PostRow], stored: Stored, today: date, findings: Findings
) -> Plan:
    """Decide what to write, and tell what becomes of each row."""
    settled = _settle(rows, stored, findings)
    facts = _resolve(settled, stored, findings)
    _tell_loops(settled, facts, stored, findings)
    plan = Plan()
    for key, wanted in facts.items():
        held = stored.posts.get(key)
        if held is not None and held.facts == wanted:
            findings.outcomes[Outcome.UNCHANGED] += 1
            continue
        if held is not None:
            plan.dated.close(POSTS, held, today)
        opens = today if held is None else max(today, held.valid_from)
        plan.dated.open(POSTS, key.organisation, wanted, opens)
        outcome = Outcome.CREATED if held is None else Outcome.CHANGED
        findings.outcomes[outcome] += 1
        plan.entries.append(_entry(key, held, wanted, outcome))
    return plan


def _settle(rows: Sequence[PostRow], stored: Stored, findings: Findings) -> Settled:
    """Return one row for each post of a known organisation."""
    settled: Settled = {}
    for row in rows:
        code = stored.codes.get(alike(row.organisation_name))
        if code is None:
            findings.reject(
                row.place,
                ORGANISATION,
                f"There is no organisation {row.organisation_name!r}.",
                _similar(row.organisation_name, stored.codes),
            )
            continue
        key = Key(code, row.reference)
        if key in settled:
            findings.outcomes[Outcome.UNCHANGED] += 1
            settled[key] = _one_of(settled[key], row, findings)
        else:
            settled[key] = row
    return settled


def _similar(name: str, codes: Mapping[str, str]) -> str:
    close = get_close_matches(alike(name), codes, n=1)
    meant = f" If it is {codes[close[0]]}, add it there." if close else ""
    return (
        "Import organisations first, with this name under name or also_known_as."
        f"{meant}"
    )


def _one_of(first: PostRow, second: PostRow, findings: Findings) -> PostRow:
    """Return the row to take of two with one reference."""
    livelier = min(first, second, key=lambda r: LIVEST_FIRST.index(r.occupancy))
    if first.described == second.described:
        findings.warn(
            second.place,
            REFERENCE,
            "Posts that stand in two rows alike but for the holder, taken as one",
            first.reference,
            "Nothing, if two people share the post.",
        )
        return first._replace(occupancy=livelier.occupancy)
    findings.warn(
        second.place,
        REFERENCE,
        "References of two different posts; one that is not eliminated was taken,"
        " or else the first",
        first.reference,
        "Give each post a reference of its own.",
    )
    if first.occupancy is Occupancy.ELIMINATED:
        return livelier
    return first


def _resolve(
    settled: Settled, stored: Stored, findings: Findings
) -> dict[Key, PostFacts]:
    """Find the post that each reports to: in its organisation, or else its file."""
    in_file: dict[tuple[str, str], str] = {}
    for key, row in settled.items():
        in_file.setdefault((row.place.file, key.reference), key.organisation)
    facts = {}
    for key, row in settled.items():
        above = None
        if row.reports_to is not None:
            above = Key(key.organisation, row.reports_to)
            if above not in settled and above not in stored.posts:
                elsewhere = in_file.get((row.place.file, row.reports_to))
                above = above._replace(organisation=elsewhere or key.organisation)
                if elsewhere is None:
                    findings.warn(
                        row.place,
                        REPORTS_TO,
                        "Posts that report to one that is in no file and not stored",
                        f"{key.reference} to {row.reports_to}",
                        "Import the file that holds it, or write XX for nobody.",
                    )
        facts[key] = PostFacts(
            key.reference,
            row.title,
            row.unit,
            row.grade,
            row.occupancy,
            above and above.organisation,
            above and above.reference,
        )
    return facts


def _tell_loops(
    settled: Settled,
    facts: Mapping[Key, PostFacts],
    stored: Stored,
    findings: Findings,
) -> None:
    known = dict(facts)  # First, so that a loop is told from where the files enter it.
    for key, held in stored.posts.items():
        known.setdefault(key, held.facts)
    above = {
        key: Key(post.reports_to_organisation, post.reports_to_reference)
        for key, post in known.items()
        if post.reports_to_organisation and post.reports_to_reference
    }
    for loop in loops(above):
        row = next((settled[key] for key in loop if key in settled), None)
        if row is not None:
            findings.warn(
                row.place,
                REPORTS_TO,
                "Posts that report to each other in a loop",
                " to ".join(key.reference for key in [*loop, loop[0]]),
                "Correct which post reports to nobody.",
            )


def _entry(
    key: Key, held: Held[PostFacts] | None, wanted: PostFacts, outcome: Outcome
) -> Entry:
    """Tell all of a new post, and of a changed one what differs."""
    after = wanted._asdict()
    before = None if held is None else held.facts._asdict()
    if before is not None:
        differing: Collection[str] = [c for c in after if after[c] != before[c]]
        after = {column: after[column] for column in differing}
        before = {column: before[column] for column in differing}
    return Entry(
        f"post.{outcome}", "post", key.reference, key.organisation, before, after
    )
