"""What signing in asks of people, and every page of a session.

The law: an organisation lets in whom it knows and has not deactivated, from the moment
it does; nobody's word but its own counts.
"""

from datetime import date
from typing import Final
from uuid import UUID

from service.access.role_names import NAMES
from service.access.rules import Role
from service.auth.sign_in.directory import Candidate, Directory
from service.auth.tokens import Named
from service.db import transaction
from service.directory.provisioning.queries import person_signing_in
from service.directory.queries import details_of
from service.web.language import say

ROLES_IF_KNOWN: Final = """
SELECT array(SELECT role FROM role_grant WHERE person = $1 AND organisation = $2
    AND until > $3 AND ended_at IS NULL)
WHERE EXISTS (SELECT FROM person_identifier
        WHERE person = $1 AND organisation = $2 AND valid_to IS NULL)
    AND NOT EXISTS (SELECT FROM provisioned_user
        WHERE person = $1 AND organisation = $2 AND NOT active)
"""
NAME: Final = """
SELECT given_name || ' ' || family_name FROM person_details
WHERE person = $1 AND organisation = $2
ORDER BY valid_to DESC NULLS FIRST, valid_from DESC, id LIMIT 1
"""
HAS_DOMAIN: Final = """
SELECT EXISTS (SELECT FROM organisation_domain
WHERE organisation = $1 AND lower(domain) = $2 AND valid_to IS NULL)
"""
MOST_CANDIDATES: Final = 50
CANDIDATES: Final = f"""
SELECT * FROM (
    SELECT DISTINCT ON (d.organisation, d.person) d.person, d.organisation,
        d.given_name || ' ' || d.family_name AS name, coalesce(p.title, '') AS title,
        array(SELECT role FROM role_grant r WHERE r.person = d.person
            AND r.organisation = d.organisation AND r.until > $2 AND r.ended_at IS NULL
            ORDER BY role) AS roles
    FROM person_details d
    JOIN person_identifier i ON i.person = d.person
        AND i.organisation = d.organisation AND i.valid_to IS NULL
    LEFT JOIN posting p ON p.person = d.person AND p.organisation = d.organisation
        AND p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2)
    WHERE d.valid_to IS NULL
    ORDER BY d.organisation, d.person, p.fte DESC, p.id
) AS known
WHERE (SELECT bool_and(position(word IN lower(concat_ws(' ', name, title, organisation,
    array_to_string(roles, ' ')))) > 0) FROM unnest($1::text[]) AS word) IS NOT FALSE
ORDER BY cardinality(roles) = 0, organisation, name, person LIMIT {MOST_CANDIDATES}
"""  # noqa: S608 - a number from this module


async def person_of(named: Named) -> UUID | None:
    """Find whom an organisation knows by what its issuer calls them."""
    return await person_signing_in(
        named.source, named.external_id, organisation=named.organisation
    )


async def roles_if_known(
    person: UUID, organisation: str, today: date
) -> frozenset[str] | None:
    """Return a person's roles in an organisation today; None if it lets them not in.

    One statement: each page asks.
    """
    async with transaction() as connection:
        held = await connection.fetchval(ROLES_IF_KNOWN, person, organisation, today)
    return None if held is None else frozenset(held)


async def name_of(person: UUID, organisation: str) -> str:
    """Return what an organisation calls a person."""
    async with transaction() as connection:
        name: str | None = await connection.fetchval(NAME, person, organisation)
    if name is None:  # Known by an identifier alone: another organisation names them.
        known = (await details_of([person])).get(person)
        return "" if known is None else f"{known.given_name} {known.family_name}"
    return name


async def has_domain(organisation: str, domain: str) -> bool:
    """Tell whether an e-mail domain is one of an organisation's own."""
    async with transaction() as connection:
        own: bool = await connection.fetchval(HAS_DOMAIN, organisation, domain.lower())
    return own


async def people_like(words: str, today: date) -> list[Candidate]:
    """Return people by words of their name, title, organisation or role.

    Those who hold a role come first: they are looked for most.
    """
    async with transaction() as connection:
        rows = await connection.fetch(CANDIDATES, words.lower().split(), today)
    return [
        Candidate(
            **{**row, "roles": tuple(say(NAMES[Role(at)]) for at in row["roles"])}
        )
        for row in rows
    ]


DIRECTORY: Final = Directory(
    person_of, roles_if_known, name_of, has_domain, people_like
)
