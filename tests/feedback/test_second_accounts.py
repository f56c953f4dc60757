"""Two records of one human, by what their addresses have in common.

dwp's domain is `dwp.example`, and was `dss.example` until 2020.
"""

from datetime import date
from uuid import UUID, uuid4

import pytest

from service.db import transaction
from service.directory.tables import OrganisationDomain, PersonDetails
from service.feedback import queries
from service.feedback.queries import Judged
from service.feedback.rules import Grounds
from tests.factories import FEEDBACK_OPEN, a_person
from tests.scoring import Scene

BASES = ("sam.jones@dwp.example", "a.o'neill-smith@dwp.example")
LOCALS = (
    "{0}", "{0}+hr", "{0}+1.2", "{0}+", "{1}", "{1}+appraisal", "{2}", "{2}+x", "{3}",
    "{3}+score",
)  # fmt: skip
"""As given; without dots; with one more; and in other letters."""
DOMAINS = ("dwp.example", "DWP.Example", "dss.example")


def variants(address: str) -> set[str]:
    local, _, _ = address.partition("@")
    bare = local.replace(".", "")
    forms = (local, bare, f"{bare[0]}.{bare[1:]}", local.upper())
    return {
        f"{each.format(*forms)}@{domain}" for each in LOCALS for domain in DOMAINS
    } - {address}


ALIASES = [(base, other) for base in BASES for other in sorted(variants(base))]
OTHERS = (
    ("sam.jones@dwp.example", "sam.jones@moj.example"),
    ("sam.jones@dwp.example", "sam.jones2@dwp.example"),
    ("sam.jones@dwp.example", "sam.jone@dwp.example"),
    ("sam.jones@dwp.example", "jones.sam@dwp.example"),
    ("sam.jones@dwp.example", "sam-jones@dwp.example"),
    ("sam.jones@dwp.example", "sam.jones@dwp.example.org"),
    ("sam.jones@dwp.example", "sam@jones.dwp.example"),
)


def test_the_list_has_fifty_and_more() -> None:
    assert len({*ALIASES}) >= 50


@pytest.fixture
async def second(db: None, scene: Scene) -> UUID:
    """Somebody in dwp, which had another domain before."""
    for domain, since, until in (
        ("dwp.example", date(2020, 1, 1), None),
        ("dss.example", date(2001, 1, 1), date(2020, 1, 1)),
    ):
        await OrganisationDomain.delete().where(OrganisationDomain.domain == domain)
        await OrganisationDomain.insert(
            OrganisationDomain(
                organisation="dwp",
                id=uuid4(),
                domain=domain,
                valid_from=since,
                valid_to=until,
            )
        )
    return await a_person("dwp")


async def stands(scene: Scene, one: str, second: UUID, other: str) -> Grounds:
    """How somebody of an address stands to hmt1, of another."""
    on = scene.records["hmt1"]
    for person, address in ((on.person, one), (second, other)):
        await PersonDetails.update({PersonDetails.email: address}).where(
            PersonDetails.person == person
        )
    asked = [Judged(on.id, second, FEEDBACK_OPEN.date())]
    async with transaction() as connection:
        ((_, found),) = await queries.grounds(connection, asked)
    return found


async def test_whoever_has_the_subject_s_mailbox_is_the_subject(
    scene: Scene, second: UUID
) -> None:
    found = [
        (one, other)
        for one, other in ALIASES
        if not (await stands(scene, one, second, other)).is_subject
    ]
    assert found == []


async def test_two_colleagues_of_one_mailbox_count_once(
    scene: Scene, second: UUID
) -> None:
    kept = {
        (await stands(scene, "hmt@hmt.example", second, other)).mailbox
        for other in variants(BASES[0])
    }
    assert len(kept) == 1


async def test_another_s_address_is_another_s(scene: Scene, second: UUID) -> None:
    for one, other in OTHERS:
        assert not (await stands(scene, one, second, other)).is_subject, other
