"""oauth.md, "People's sign-in": who a subject of a provider is."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.audit.tables import AuditEntry
from service.auth.sign_in import actions, identities, sessions
from service.auth.sign_in.tables import SignInIdentity, SignInProvider
from service.directory.provisioning.tables import ProvisionedUser
from service.directory.tables import OrganisationDomain, PersonIdentifier
from tests.auth.conftest import NOW, Audited
from tests.auth.sign_in.a_provider import AProvider
from tests.auth.sign_in.signing import (
    Departments,
    address_of,
    arrive,
    claims_of,
    leave,
    register,
    session_count,
    session_in,
)
from tests.factories import OPERATOR, a_person
from tests.web.visiting import heading, visiting

CROSSED = ["code", "state", "nonce", "iss", "email", "sub"]
OWN = re.compile(r'value="[A-Za-z0-9_-]{32}\.[0-9a-f]{64}"')
"""A form's token, which is new on each page."""


def the_other(departments: Departments, provider: AProvider) -> AProvider:
    return departments.defra if provider is departments.hmt else departments.hmt


@pytest.mark.parametrize("what", CROSSED)
@pytest.mark.parametrize("organisation", ["hmt", "defra"])
async def test_12_identity_crossings_give_0_sessions(
    departments: Departments, organisation: str, what: str
) -> None:
    """security.md 31: 'Two mock IdPs, 12 crossings (code, state, nonce, iss, e-mail,
    sub): 0 sessions in B', each way.
    """
    ours: AProvider = getattr(departments, organisation)
    other = the_other(departments, ours)
    async with visiting(None, app=departments.app) as visitor:
        elsewhere = address_of(await leave(visitor, other))
        foreign = other.come_back(elsewhere, "x", **claims_of(other.path))
        began = address_of(await leave(visitor, ours))
        claims: dict[str, Any] = claims_of(ours.path)
        subject = f"{ours.path}-1"
        if what == "email":
            claims["email"] = f"ada@{other.path}.example"
        elif what == "sub":
            subject, claims["employee"] = f"{other.path}-1", f"{other.path}-e1"
        elif what == "nonce":
            claims["nonce"] = other.codes[foreign["code"]].nonce
        back = ours.come_back(began, subject, **claims)
        if what == "nonce":
            ours.codes[back["code"]].nonce = claims["nonce"]
        elif what in {"code", "state", "iss"}:
            back[what] = foreign[what]
        answer = await arrive(visitor, ours, back)

    assert answer.status_code in {400, 403}
    assert await session_count() == 0


async def test_without_crossing_both_sign_in(departments: Departments) -> None:
    """What the twelve are compared with."""
    for provider in (departments.hmt, departments.defra):
        code = provider.path
        await departments.signs_in(provider, f"{code}-1", **claims_of(code))

    assert await session_count() == 2


async def test_identity_is_issuer_and_subject(departments: Departments) -> None:
    """'Identity is (issuer, subject)': the same subject elsewhere is another's."""
    for provider in (departments.hmt, departments.defra):
        await departments.signs_in(provider, "1", **claims_of(provider.path))
    rows = await SignInIdentity.select()

    assert {(r["issuer"], r["subject"], r["person"]) for r in rows} == {
        (departments.hmt.url, "1", departments.ada),
        (departments.defra.url, "1", departments.bea),
    }


async def test_first_sign_in_binds_to_whom_hr_knows_by_the_identifier(
    departments: Departments,
) -> None:
    """'first sign-in binds to the person whose identifier the organisation's HR
    extract or SCIM gave'; later ones find it so.
    """
    for _ in range(2):
        answer = await departments.signs_in(
            departments.hmt, "hmt-1", **claims_of("hmt")
        )
        session = await session_in(answer)
        assert session is not None
        assert session.person == departments.ada

    assert await SignInIdentity.count() == 1


async def test_a_bound_subject_is_nobody_else_afterwards(
    departments: Departments,
) -> None:
    """Whoever has their identifier changed at the provider does not become another."""
    await a_person("hmt", external_id="hmt-boss")
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    claims = claims_of("hmt", employee="hmt-boss")
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims)

    assert heading(answer) == "You cannot sign in"
    assert await session_count() == 1


async def test_another_subject_does_not_become_a_bound_person(
    departments: Departments,
) -> None:
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    answer = await departments.signs_in(departments.hmt, "hmt-2", **claims_of("hmt"))

    assert heading(answer) == "You cannot sign in"
    assert await session_count() == 1
    assert await SignInIdentity.count() == 1


async def test_twin_that_binds_again_hands_over_the_account(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: the identifier alone would make the second subject Ada."""

    async def believing(*of: Any) -> Any:  # noqa: ANN401 - as it is called
        return of[2]

    monkeypatch.setattr(identities, "_bound", believing)
    for subject in ("hmt-1", "hmt-2"):
        await departments.signs_in(departments.hmt, subject, **claims_of("hmt"))

    assert await session_count() == 2


async def test_an_operator_can_have_a_renewed_account_bound(
    departments: Departments,
) -> None:
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    audited = Audited()
    gone = await actions.unbind(
        departments.ada, "hmt", caller=OPERATOR, now=NOW, record=audited
    )
    answer = await departments.signs_in(departments.hmt, "hmt-2", **claims_of("hmt"))

    assert gone == 1
    assert audited.entries == [("operator:tests", "provider.unbind")]
    assert await session_in(answer) is not None


async def test_email_never_links(departments: Departments) -> None:
    """'E-mail never links accounts': known by e-mail alone is not known."""
    answer = await departments.signs_in(
        departments.hmt, "new", email="sam.1@hmt.example", email_verified=True
    )

    assert heading(answer) == "You cannot sign in"
    assert await SignInIdentity.count() == 0


async def test_the_e_mail_s_domain_belongs_to_the_provider_s_organisation(
    departments: Departments,
) -> None:
    """'the e-mail's domain must belong to the provider's organisation'."""
    for email in (
        "ada@defra.example",
        "ada@evil.example",
        "ada@sub.hmt.example",
        "ada@hmt.example.evil.example",
        "ada@hmt.example@evil.example",
        "hmt.example",
        "",
        None,
        1,
        ["ada@hmt.example"],
    ):
        answer = await departments.signs_in(
            departments.hmt, "hmt-1", **claims_of("hmt", email=email)
        )
        assert heading(answer) == "You cannot sign in", email

    assert await session_count() == 0
    assert await SignInIdentity.count() == 0


@pytest.mark.parametrize(
    "email", ["ada@hmt.example", "Ada@HMT.Example", "a@b@hmt.example"]
)
async def test_an_e_mail_of_the_organisation_s_domain_is_taken(
    departments: Departments, email: str
) -> None:
    answer = await departments.signs_in(
        departments.hmt, "hmt-1", **claims_of("hmt", email=email)
    )

    assert await session_in(answer) is not None


async def test_an_e_mail_that_the_provider_has_not_verified_does_not_count(
    departments: Departments,
) -> None:
    claims = claims_of("hmt", email_verified=False)
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims)

    assert heading(answer) == "You cannot sign in"


async def test_a_domain_that_the_organisation_gave_up_is_not_its_own(
    departments: Departments,
) -> None:
    await OrganisationDomain.update({OrganisationDomain.valid_to: NOW.date()}).where(
        OrganisationDomain.organisation == "hmt"
    )
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert heading(answer) == "You cannot sign in"


async def test_an_operator_may_spare_a_provider_that_knows_no_e_mail(
    departments: Departments,
) -> None:
    await SignInProvider.delete().where(SignInProvider.id == "hmt")
    await register(departments.hmt, checks_email=False)
    answer = await departments.signs_in(
        departments.hmt, "hmt-1", **claims_of("hmt", email=None)
    )

    assert await session_in(answer) is not None
    assert "/me" not in departments.hmt.asked


NOBODY: dict[str, dict[str, Any]] = {
    "unknown person": {"employee": "nobody"},
    "another department's person": {"employee": "defra-e1"},
    "no identifier": {"employee": None},
    "an identifier that is no text": {"employee": 7},
    "an endless identifier": {"employee": "x" * 500},
    "an identifier with NUL": {"employee": "hmt-e1\0"},
    "an e-mail with NUL": {"email": "ada@\0hmt.example"},
    "unknown domain": {"email": "ada@unknown.example"},
    "another department's domain": {"email": "ada@defra.example"},
    "no e-mail": {"email": None},
    "unknown person and domain": {"employee": "nobody", "email": "a@b.example"},
}


async def test_unknown_people_and_unknown_domains_get_the_same_answer(
    departments: Departments,
) -> None:
    """'unknown people and unknown domains get the same answer'."""
    answers = {
        name: comparable(
            await departments.signs_in(
                departments.hmt, "hmt-1", **claims_of("hmt", **changed)
            )
        )
        for name, changed in NOBODY.items()
    }

    first = answers["unknown person"]
    assert first[0] == 403
    assert {name: said for name, said in answers.items() if said != first} == {}
    assert await session_count() == 0


def comparable(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """All of an answer but what is new on each."""
    names = [each.partition("=")[0] for each in answer.headers.get_list("set-cookie")]
    return answer.status_code, OWN.sub("", answer.text), names


async def test_who_was_deactivated_is_not_let_in(departments: Departments) -> None:
    await ProvisionedUser.insert(
        ProvisionedUser(
            organisation="hmt",
            person=departments.ada,
            user_name="ada@hmt.example",
            name_key="ada@hmt.example",
            active=False,
            said="{}",
            version=1,
            created_at=NOW,
            changed_at=NOW,
        )
    )
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert heading(answer) == "You cannot sign in"


async def test_who_left_is_not_let_in_though_bound(departments: Departments) -> None:
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    assert await session_in(answer) is not None
    await PersonIdentifier.update({PersonIdentifier.valid_to: NOW.date()}).where(
        PersonIdentifier.person == departments.ada
    )
    again = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert heading(again) == "You cannot sign in"
    assert await sessions.end(str(uuid4())) is None


async def test_a_sign_in_is_in_nobody_s_audit(departments: Departments) -> None:
    """When somebody signed in would tell when a rater acted: nothing of it is kept
    where others read, and the log names nobody.
    """
    before = await audit_entries()
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    async with visiting(departments.ada, "hmt", app=departments.app) as visitor:
        await visitor.post("/sign-out")

    assert await audit_entries() == before


async def audit_entries() -> int:
    found: int = await AuditEntry.count()
    return found
