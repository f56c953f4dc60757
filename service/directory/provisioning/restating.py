"""What a statement of an identity provider closes and opens in the directory.

The law: a statement changes what it says anew and nothing else; what was said before
and has been overtaken since, by an extract, stays overtaken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    LINES,
    POSTINGS,
    Changes,
    Dated,
    DetailsFacts,
    Held,
    IdentifierFacts,
    LineFacts,
    PostingFacts,
)
from service.directory.provisioning.rules import PROVISIONED, Said
from service.directory.rules import EMPLOYEE_NUMBER, WHOLE, LineKind, PostingKind

POSTED: Final[Sequence[str]] = ("title", "unit", "grade", "post_reference")
"""Facts of a posting, by the names they have there too."""
MAY_BE_EMPTY: Final = frozenset({"unit", "post_reference"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory holds of a person in an organisation."""

    organisation: str
    person: UUID
    hr_system: str
    details: Sequence[Held[DetailsFacts]] = ()
    identifiers: Sequence[Held[IdentifierFacts]] = ()
    postings: Sequence[Held[PostingFacts]] = ()
    lines: Sequence[Held[LineFacts]] = ()
    last_details: DetailsFacts | None = None
    """As they were closed last."""
    last_posting: PostingFacts | None = None
    last_identifiers: Sequence[IdentifierFacts] = ()
    """The last of each source, unless somebody else has it now."""
    ended: date | None = None
    """When the last posting ended."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said now, and what was said before it."""

    now: Said
    before: Said | None
    manager: UUID | None
    """Whom `now` names as manager, if they are known."""
    manager_before: UUID | None

    @property
    def arrives(self) -> bool:
        """Tell whether the person comes, or comes back."""
        return self.before is None or not self.before.active

    def news_of(self, known: Known) -> frozenset[str]:
        """Return the facts to apply: all, when nothing said before was applied."""
        fresh = self.arrives or not known.details
        return self.now.news(None if fresh else self.before)


def leave(known: Known, today: date) -> Changes:
    """Close all that is open of a person, but the records that HR keeps."""
    changes = Changes()
    tables: tuple[tuple[Dated[Any], Sequence[Held[Any]]], ...] = (
        (DETAILS, known.details),
        (IDENTIFIERS, known.identifiers),
        (POSTINGS, known.postings),
        (LINES, known.lines),
    )
    for table, held in tables:
        for each in held:
            changes.close(table, each, today)
    return changes


def restate(known: Known, statement: Statement, today: date) -> Changes:
    """Return what the statement changes; nothing, until names and address are known.

    Nor does it bring back whom HR has let go: only to activate somebody does.
    """
    if not statement.now.active:
        goes = statement.before is None or statement.before.active
        return leave(known, today) if goes else Changes()
    changes = Changes()
    let_go = not known.details and known.last_details is not None
    if let_go and not statement.arrives:
        return changes
    news = statement.news_of(known)
    details = _details(known, statement.now, news)
    if details is None:
        return changes
    if not known.details or known.details[0].facts != details:
        for each in known.details:
            changes.close(DETAILS, each, today)
        changes.open(DETAILS, known.organisation, details, _from(known.details, today))
    _identifiers(known, statement, news, changes, today)
    _posting(known, statement, news, changes, today)
    _line(known, statement, news, changes, today)
    return changes


def _from(held: Sequence[Held[Any]], today: date) -> date:
    """Return the day from which what follows these rows holds."""
    return max([today, *(each.valid_from for each in held)])


def _details(known: Known, said: Said, news: frozenset[str]) -> DetailsFacts | None:
    held = known.details[0].facts if known.details else known.last_details
    stated = {
        name: value
        for name in ("given_name", "family_name", "email")
        if (value := getattr(said, name)) is not None and (name in news or held is None)
    }
    if held is not None:
        return held._replace(**stated)
    whole = len(stated) == len(DetailsFacts._fields) - 1
    return DetailsFacts(known.person, **stated) if whole else None


def _identifiers(
    known: Known,
    statement: Statement,
    news: frozenset[str],
    changes: Changes,
    today: date,
) -> None:
    """Restate what each source knows the person by."""
    sources = {
        PROVISIONED: "external_id",
        EMPLOYEE_NUMBER: "employee_number",
        known.hr_system: "person_id",
    }
    for source, name in sources.items():
        held = [each for each in known.identifiers if each.facts.source == source]
        lost = source == PROVISIONED and not held  # To an extract, which knows it not.
        if name not in news and not lost:
            continue
        taken_back = getattr(statement.before, name, None)
        wanted = getattr(statement.now, name) or _had(known, source, taken_back)
        for each in held:
            instead = wanted is not None and len(held) == 1
            if each.facts.external_id != wanted and (
                instead or each.facts.external_id == taken_back
            ):
                changes.close(IDENTIFIERS, each, today)
        if wanted and wanted not in {each.facts.external_id for each in held}:
            facts = IdentifierFacts(known.person, source, wanted)
            changes.open(IDENTIFIERS, known.organisation, facts, today)


def _had(known: Known, source: str, taken_back: str | None) -> str | None:
    """Return what HR knew somebody by until they left, when they come back."""
    if known.identifiers or source == PROVISIONED:
        return None
    before = (had.external_id for had in known.last_identifiers if had.source == source)
    last = next(before, None)
    return None if last == taken_back else last


def _posting(
    known: Known,
    statement: Statement,
    news: frozenset[str],
    changes: Changes,
    today: date,
) -> None:
    """Restate the main posting; open one where none is, but for HR to end one."""
    stated: dict[str, str | None] = {}
    for name in POSTED:
        value = getattr(statement.now, name)
        if name in news and (value is not None or name in MAY_BE_EMPTY):
            stated[name] = value
    if known.postings:
        main = min(known.postings, key=lambda each: (-each.facts.fte, each.valid_from))
        for name in MAY_BE_EMPTY & stated.keys():
            overtaken = getattr(main.facts, name) != getattr(
                statement.before, name, None
            )
            if stated[name] is None and overtaken:
                del stated[name]
        if (facts := _with(main.facts, stated)) != main.facts:
            changes.close(POSTINGS, main, today)
            opens = max(today, main.valid_from)
            changes.open(POSTINGS, known.organisation, facts, opens)
        return
    came_back = not known.details
    if known.last_posting is not None and came_back:
        kept = {name: value for name, value in stated.items() if value is not None}
        facts = _with(known.last_posting, kept)
    elif known.last_posting is None and statement.now.title and statement.now.grade:
        facts = _first_posting(known.person, statement.now, today)
    else:
        return
    opens = max(today, known.ended or today)
    changes.open(POSTINGS, known.organisation, facts, opens)


def _with(facts: PostingFacts, stated: Mapping[str, str | None]) -> PostingFacts:
    return PostingFacts(**{**facts._asdict(), **stated})


def _first_posting(person: UUID, said: Said, today: date) -> PostingFacts:
    return PostingFacts(
        person,
        said.grade or "",
        said.title or "",
        said.unit,
        said.post_reference,
        Decimal(WHOLE),
        PostingKind.SUBSTANTIVE,
        today,
    )


def _line(
    known: Known,
    statement: Statement,
    news: frozenset[str],
    changes: Changes,
    today: date,
) -> None:
    """Restate who answers for the person."""
    if "manager" not in news:
        return
    held = [each for each in known.lines if each.facts.kind == LineKind.LINE]
    wanted = None if statement.manager == known.person else statement.manager
    for each in held:
        taken_back = each.facts.manager == statement.manager_before
        if each.facts.manager != wanted and (wanted or taken_back):
            changes.close(LINES, each, today)
    if wanted is not None and wanted not in {each.facts.manager for each in held}:
        facts = LineFacts(known.person, wanted, LineKind.LINE)
        changes.open(LINES, known.organisation, facts, _from(held, today))
