"""Whether rows of people may stand beside each other, and beside what is stored.

The law: no human works more than one full week in all, nobody is known by what is
another's, and a row that is rejected frees nothing that it would have given up.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from service.directory.importing.header import Fault
from service.directory.importing.people_file import PersonKey, PersonRow
from service.directory.importing.people_stored import Stored
from service.directory.importing.report import Findings
from service.directory.rules import EMPLOYEE_NUMBER, WHOLE, alike


def fit_organisations(
    rows: Sequence[PersonRow], stored: Stored, findings: Findings
) -> list[PersonRow]:
    """Return the rows that fit the organisation they name."""
    owners = {
        domain: code
        for code, member in stored.members.items()
        for domain in member.domains
    }
    kept = []
    for row in rows:
        faults = list(_misfits(row, stored, owners))
        for fault in faults:
            findings.reject(row.place, *fault)
        if not faults:
            kept.append(row)
    return kept


def _misfits(row: PersonRow, stored: Stored, owners: dict[str, str]) -> Iterator[Fault]:
    member = stored.members.get(row.organisation)
    if member is None:
        meant = stored.codes.get(alike(row.organisation)) or next(
            (c for c in stored.members if alike(c) == alike(row.organisation)), None
        )
        yield Fault(
            "organisation",
            f"There is no organisation with the code {row.organisation!r}.",
            f"Write its code, {meant}."
            if meant
            else "Write its code, or import organisations first.",
        )
        return
    if member.ended is not None:
        yield Fault(
            "organisation",
            f"{row.organisation} ended on {member.ended}.",
            "Write the code of its successor.",
        )
    if row.source != member.hr_system:
        yield Fault(
            "hr_system",
            f"{row.source!r} is not the HR system of {row.organisation}.",
            f"Write {member.hr_system}, or correct it in the file of organisations.",
        )
    domain = row.email.rpartition("@")[2]
    owner = owners.get(domain)
    if owner != row.organisation and (owner or member.domains):
        yield Fault(
            "work_email",
            f"{domain} is the e-mail domain of {owner}, not of {row.organisation}."
            if owner
            else f"{domain} is no e-mail domain of {row.organisation}.",
            "Correct the address or the organisation, or give the domain to"
            f" {row.organisation} in the file of organisations.",
        )


def fit_together(rows: Sequence[PersonRow], findings: Findings) -> list[PersonRow]:
    """Return the rows that contradict none before them in the files."""
    people: dict[PersonKey, list[PersonRow]] = defaultdict(list)
    claims: dict[PersonKey, PersonRow] = {}
    kept = []
    for row in rows:
        fault = _contradiction(row, people[row.key]) or _claimed(row, claims)
        if fault is not None:
            findings.reject(row.place, *fault)
            continue
        people[row.key].append(row)
        claims |= dict.fromkeys(claims_of(row).values(), row)
        kept.append(row)
    return kept


def _contradiction(row: PersonRow, others: Sequence[PersonRow]) -> Fault | None:
    """Tell how a row contradicts others of the same person in the organisation."""
    if not others:
        return None
    first = others[0]
    if (row.name, row.email) != (first.name, first.email):
        return Fault(
            "person_id",
            f"{row.external_id} is another person in {_where(first, row)}.",
            "Give each person their own id, or one name and address in all rows.",
        )
    if any(row.post_reference == other.post_reference for other in others):
        return Fault(
            "post_reference",
            f"The person holds the same post in {_where(first, row)} already.",
            "Remove one of the rows.",
        )
    if row.ended_on is None:
        fte = sum(each.fte for each in (*others, row) if each.ended_on is None)
        if fte > WHOLE:
            return Fault(
                "fte",
                f"With {_where(first, row)} the person works {_plain(fte)} FTE in"
                f" {row.organisation}.",
                "Make the shares of all their posts sum to at most 1.",
            )
    return None


def _claimed(row: PersonRow, claims: dict[PersonKey, PersonRow]) -> Fault | None:
    for column, claim in claims_of(row).items():
        other = claims.get(claim)
        if other is not None and other.key != row.key:
            return Fault(
                column,
                f"{claim.external_id} belongs to another person in"
                f" {_where(other, row)}.",
                "Correct one of the two rows.",
            )
    return None


def claims_of(row: PersonRow) -> dict[str, PersonKey]:
    """Return, by column, what no two people of an organisation may share."""
    claims = {
        "employee_number": PersonKey(
            row.organisation, EMPLOYEE_NUMBER, row.employee_number
        ),
        "work_email": PersonKey(row.organisation, "@", row.email.lower()),
    }
    if row.record is not None:
        record = PersonKey(row.organisation, f"{row.source} record", row.record)
        claims["appraisal_record_id"] = record
    return claims


def _where(other: PersonRow, row: PersonRow) -> str:
    """Name the place of another row; its file, only if it is not this row's own."""
    line = f"line {other.place.line}"
    own = other.place.file == row.place.file
    return line if own else f"{other.place.file} {line}"


def _plain(fte: Decimal | int) -> str:
    """Write a share as people do: 2.0, 1.25."""
    text = f"{fte:f}".rstrip("0").rstrip(".") if "." in f"{fte:f}" else f"{fte}"
    return text if "." in text else f"{text}.0"


def fit_one_week(
    rows: Sequence[PersonRow],
    stored: Stored,
    complete: frozenset[str],
    findings: Findings,
) -> list[PersonRow]:
    """Return the rows that give no human more than a week over organisations.

    One human is one id and one name, whichever HR systems know them. What is stored
    counts for those who are not in the files, unless the files are complete without.
    """
    shares: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(dict)
    for id_, seen in stored.elsewhere.items():
        for each in seen:
            if each.key.organisation not in complete:
                shares[id_, *each.name][each.key.organisation] = each.fte
    kept = []
    for row in rows:
        mine = shares[row.external_id, *row.name]
        others = {c: fte for c, fte in mine.items() if c != row.organisation}
        own = mine.get(row.organisation, Decimal(0))
        own += row.fte if row.ended_on is None else 0
        if others and own + sum(others.values()) > WHOLE:
            findings.reject(row.place, *_too_much(row, own, others))
            continue
        if others:
            findings.warn(
                row.place,
                "person_id",
                "People with one name and id in two organisations, kept as two",
                f"{row.employee_number} (also {', '.join(sorted(others))})",
                "If they are one human, both HR administrators can join the records.",
            )
        mine[row.organisation] = own
        kept.append(row)
    return kept


def _too_much(row: PersonRow, own: Decimal, others: dict[str, Decimal]) -> Fault:
    terms = [(row.organisation, own), *sorted(others.items())]
    added = " + ".join(f"{_plain(fte)} in {code}" for code, fte in terms)
    total = _plain(sum(fte for _, fte in terms))
    return Fault(
        "fte",
        f"{row.external_id} is in two organisations at once: {added} = {total} FTE.",
        "End the posting in one of them (import its extract with --complete), or make"
        " the shares sum to at most 1.",
    )


def fit_stored(
    rows: Sequence[PersonRow],
    people: dict[PersonKey, UUID],
    stored: Stored,
    complete: frozenset[str],
    findings: Findings,
) -> list[PersonRow]:
    """Return the rows that claim nothing of people who keep it."""
    holders = _holders(stored)
    while True:
        restated = {(row.organisation, people[row.key]) for row in rows}
        leaving = frozenset() if findings.rejected else complete
        kept = []
        for row in rows:
            fault = None
            for column, claim in claims_of(row).items():
                holder = holders.get(claim, people[row.key])
                stays = (row.organisation, holder) not in restated
                if stays and row.organisation not in leaving:
                    fault = Fault(
                        column,
                        f"{claim.external_id} belongs to somebody who is not in the"
                        " files.",
                        "Correct it; or import their row too, or the whole extract"
                        f" with --complete {row.organisation}.",
                    )
            if fault is None:
                kept.append(row)
            else:
                findings.reject(row.place, *fault)
        if len(kept) == len(rows):
            return kept
        rows = kept


def _holders(stored: Stored) -> dict[PersonKey, UUID]:
    """Return who has what is claimed, as stored."""
    holders = dict(stored.known)
    for (organisation, person), details in stored.details.items():
        for each in details:
            holders[PersonKey(organisation, "@", each.facts.email.lower())] = person
    for (organisation, person), records in stored.records.items():
        for record in records:
            source = f"{record.facts.source} record"
            id_ = record.facts.external_record_id
            holders[PersonKey(organisation, source, id_)] = person
    return holders
