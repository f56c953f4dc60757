from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.access import actions, queries, rules
from service.access.actions import AlreadyHeld
from service.access.rules import BadTerm, GrantToOneself, NotShared, Role, WithItself
from service.access.tables import DataSharing, RoleGrant
from service.audit.tables import AuditEntry
from service.auth.caller import Caller, Person
from service.db import transaction
from service.directory.queries import known_codes
from service.directory.rules import UnknownOrganisation
from service.errors import NotFound
from tests.factories import IN_THE_YEAR, OPERATOR, Department, a_department, a_person

TODAY = IN_THE_YEAR.date()
UNTIL = date(2026, 12, 1)


@pytest.fixture
async def hmt(db: None) -> Department:
    return await a_department("hmt")


async def granted(
    person: UUID,
    role: Role = Role.HR_ADMINISTRATOR,
    *,
    until: date = UNTIL,
    caller: Caller = OPERATOR,
    now: datetime = IN_THE_YEAR,
) -> UUID:
    return await actions.grant(
        person, role, organisation="hmt", until=until, caller=caller, now=now
    )


async def audited(entity_id: object) -> list[tuple[str, str, str]]:
    rows = (
        await AuditEntry.select()
        .where(AuditEntry.entity_id == str(entity_id))
        .order_by(AuditEntry.id)
    )
    return [(row["actor"], row["action"], row["organisation"]) for row in rows]


async def test_a_granted_role_is_held_in_that_organisation_only(
    hmt: Department,
) -> None:
    await granted(hmt.head, Role.AUDITOR)

    assert await queries.roles_of(hmt.head, TODAY) == {("hmt", Role.AUDITOR)}
    assert await queries.roles_of(hmt.people[0], TODAY) == set()


async def test_a_grant_and_its_end_are_audited_with_who_did_them(
    hmt: Department,
) -> None:
    administrator = Person(hmt.head)
    made = await granted(hmt.people[0], caller=administrator)
    await actions.end(made, caller=OPERATOR, now=IN_THE_YEAR)

    assert await audited(made) == [
        (administrator.key, "grant", "hmt"),
        (OPERATOR.key, "end", "hmt"),
    ]


async def test_a_person_cannot_grant_a_role_to_themselves(hmt: Department) -> None:
    with pytest.raises(GrantToOneself):
        await granted(hmt.head, caller=Person(hmt.head))

    assert await queries.grants(TODAY) == []


async def test_without_its_rule_the_database_still_refuses_a_role_to_oneself(
    hmt: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "check_grant", lambda *_: None)
    with pytest.raises(asyncpg.CheckViolationError, match="role_grant_not_to_oneself"):
        await granted(hmt.head, caller=Person(hmt.head))
    assert await granted(hmt.people[0], caller=Person(hmt.head))


async def test_a_role_ends_by_itself_on_its_date(hmt: Department) -> None:
    await granted(hmt.head)

    assert await queries.roles_of(hmt.head, UNTIL - timedelta(days=1))
    assert await queries.roles_of(hmt.head, UNTIL) == set()
    assert await queries.grants(UNTIL) == []


async def test_an_ended_role_is_held_no_more(hmt: Department) -> None:
    made = await granted(hmt.head, Role.AUDITOR)
    await granted(hmt.head, Role.TEXT_MODERATOR)
    await actions.end(made, caller=OPERATOR, now=IN_THE_YEAR)

    assert await queries.roles_of(hmt.head, TODAY) == {("hmt", Role.TEXT_MODERATOR)}
    assert [row["role"] for row in await queries.grants(TODAY)] == ["text_moderator"]


async def test_a_role_is_ended_once(hmt: Department) -> None:
    made = await granted(hmt.head)
    await actions.end(made, caller=OPERATOR, now=IN_THE_YEAR)

    with pytest.raises(NotFound):
        await actions.end(made, caller=OPERATOR, now=IN_THE_YEAR)
    assert len(await audited(made)) == 2


async def test_a_grant_that_nobody_made_cannot_be_ended(hmt: Department) -> None:
    with pytest.raises(NotFound):
        await actions.end(uuid4(), caller=OPERATOR, now=IN_THE_YEAR)


async def test_a_role_is_held_once(hmt: Department) -> None:
    first = await granted(hmt.head)

    with pytest.raises(AlreadyHeld):
        await granted(hmt.head, until=date(2030, 1, 1))
    (held,) = await queries.grants(TODAY)
    assert (held["id"], held["until"]) == (first, UNTIL)


async def test_a_role_that_ended_or_ran_out_may_be_granted_again(
    hmt: Department,
) -> None:
    first = await granted(hmt.head)
    await actions.end(first, caller=OPERATOR, now=IN_THE_YEAR)
    second = await granted(hmt.head)
    later = datetime.combine(UNTIL, IN_THE_YEAR.timetz())
    third = await granted(hmt.head, until=date(2027, 6, 1), now=later)

    assert [row["id"] for row in await queries.grants(UNTIL)] == [third]
    closed = await RoleGrant.select(RoleGrant.ended_at).where(RoleGrant.id == second)
    assert closed == [{"ended_at": later}]


async def test_a_refused_grant_changes_nothing(hmt: Department) -> None:
    with pytest.raises(BadTerm):
        await granted(hmt.head, until=TODAY)

    assert await RoleGrant.count() == 0
    assert not await AuditEntry.exists().where(AuditEntry.entity == "role")


@pytest.mark.parametrize("role", [*Role])
async def test_every_role_can_be_stored(hmt: Department, role: Role) -> None:
    await granted(hmt.head, role)
    assert await queries.roles_of(hmt.head, TODAY) == {("hmt", role)}


async def test_the_database_refuses_a_role_that_is_none(hmt: Department) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="role_is_known"):
        await execute(
            "INSERT INTO role_grant"
            " VALUES ('hmt', $1, $2, 'line_manager', 'operator:x', now(), $3, NULL)",
            uuid4(),
            hmt.head,
            UNTIL,
        )


async def execute(sql: str, *arguments: object) -> None:
    async with transaction() as connection:
        await connection.execute(sql, *arguments)


async def test_a_role_for_nobody_or_nowhere_is_refused_in_words(
    hmt: Department,
) -> None:
    nobody = uuid4()
    with pytest.raises(NotFound, match=f"person {nobody}"):
        await granted(nobody)
    with pytest.raises(NotFound, match="organisation nowhere"):
        await actions.grant(
            hmt.head,
            Role.AUDITOR,
            organisation="nowhere",
            until=UNTIL,
            caller=OPERATOR,
            now=IN_THE_YEAR,
        )


async def agreed(
    one: str,
    other: str,
    *,
    start: date = TODAY,
    end: date = UNTIL,
    purpose: str = "joint work",
) -> None:
    await actions.agree_to_share(
        one,
        other,
        purpose=purpose,
        start=start,
        end=end,
        known=await known_codes(),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


@pytest.fixture
async def three(db: None) -> None:
    for code in ("dft", "hmt", "moj"):
        await a_department(code, people=0)


async def test_an_agreement_opens_both_directions_and_no_third(three: None) -> None:
    await agreed("hmt", "dft")

    await queries.check_shared("hmt", ["dft"], TODAY)
    await queries.check_shared("dft", ["hmt"], TODAY)
    for lead, partner in (("hmt", "moj"), ("moj", "dft")):
        with pytest.raises(NotShared):
            await queries.check_shared(lead, [partner], TODAY)


@pytest.mark.parametrize(
    ("day", "shared"),
    [
        (TODAY - timedelta(days=1), False),
        (TODAY, True),
        (UNTIL - timedelta(days=1), True),
        (UNTIL, False),
    ],
)
async def test_an_agreement_is_in_force_from_its_first_day_to_before_its_last(
    three: None, day: date, *, shared: bool
) -> None:
    await agreed("hmt", "dft")
    assert await queries.pairs_in_force(day) == ({("dft", "hmt")} if shared else set())


async def test_the_same_agreement_again_changes_nothing(three: None) -> None:
    await agreed("hmt", "dft")
    await agreed("dft", "hmt")

    assert await DataSharing.count() == 1
    assert await AuditEntry.count().where(AuditEntry.entity == "data_sharing") == 1


async def test_an_agreement_for_another_purpose_stands_beside_it(three: None) -> None:
    await agreed("hmt", "dft")
    await agreed("hmt", "dft", purpose="search", end=date(2030, 1, 1))

    await queries.check_shared("hmt", ["dft"], UNTIL)
    assert await DataSharing.count() == 2


async def test_an_organisation_does_not_agree_with_itself(three: None) -> None:
    with pytest.raises(WithItself):
        await agreed("hmt", "hmt")


async def test_an_unknown_organisation_agrees_to_nothing(three: None) -> None:
    with pytest.raises(UnknownOrganisation):
        await agreed("hmt", "nobody")
    assert await DataSharing.count() == 0


async def test_an_agreement_backwards_in_time_is_refused(three: None) -> None:
    with pytest.raises(BadTerm):
        await agreed("hmt", "dft", start=UNTIL, end=TODAY)


async def test_roles_of_two_people_do_not_mix(hmt: Department) -> None:
    other = await a_person("hmt")
    await granted(hmt.head, Role.AUDITOR)
    await granted(other, Role.CENTRAL_TEAM)

    assert await queries.roles_of(other, TODAY) == {("hmt", Role.CENTRAL_TEAM)}
    assert {row["person"] for row in await queries.grants(TODAY)} == {hmt.head, other}
