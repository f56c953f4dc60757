from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.audit.tables import AuditEntry
from service.db import transaction
from service.directory.rules import UnknownOrganisation
from service.directory.tables import HrRecord, PersonIdentifier
from service.errors import NotFound
from service.records import queries
from service.records.actions import attach_imported, open_cycle, step
from service.records.frameworks import UnknownFramework, load, stage_instants
from service.records.rules import (
    BadDates,
    CycleExists,
    CycleState,
    CycleStep,
    NoOrganisations,
    WrongCycleState,
)
from service.records.tables import AppraisalRecord, Cycle, CycleOrganisation
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    YEAR,
    a_cycle,
    a_department,
    a_person,
    record_of,
)


@pytest.fixture
async def two(db: None) -> None:
    await a_department("dft", people=1)
    await a_department("hmt", people=1)


async def records_in(cycle: UUID) -> set[tuple[str, UUID, str]]:
    rows = await AppraisalRecord.select().where(AppraisalRecord.cycle == cycle)
    return {(r["organisation"], r["person"], r["external_id"]) for r in rows}


async def imported(person: UUID, organisation: str, record_id: str) -> None:
    await HrRecord.insert(
        HrRecord(
            organisation=organisation,
            id=uuid4(),
            person=person,
            source="workday",
            external_record_id=record_id,
            valid_from=IN_THE_YEAR.date(),
            valid_to=None,
        )
    )


async def test_a_cycle_opens_for_all_organisations_with_all_their_records(
    two: None,
) -> None:
    opened = await a_cycle()

    assert opened.organisations == ("dft", "hmt")
    assert opened.records == len(await records_in(opened.id)) == 4
    stored = await queries.cycle_of(opened.id)
    assert (stored["state"], stored["version"]) == (CycleState.OPEN, 1)
    assert (stored["framework"], stored["year"]) == ("uk-scs-2025", YEAR)


async def test_a_cycle_opens_for_those_named_and_attaches_nobody_elses(
    two: None,
) -> None:
    opened = await a_cycle(organisations=["hmt", "hmt"])

    assert opened.organisations == ("hmt",)
    assert {code for code, _, _ in await records_in(opened.id)} == {"hmt"}


async def test_an_organisation_has_one_cycle_a_year(two: None) -> None:
    await a_cycle(organisations=["hmt"])

    with pytest.raises(CycleExists):
        await a_cycle()
    assert await Cycle.count() == 1
    assert await CycleOrganisation.count() == 1


async def test_the_others_may_still_open_theirs_and_all_may_the_year_after(
    two: None,
) -> None:
    await a_cycle(organisations=["hmt"])
    assert (await a_cycle(organisations=["dft"])).organisations == ("dft",)
    assert (await a_cycle(YEAR + 1)).organisations == ("dft", "hmt")


async def test_a_cycle_of_an_unknown_organisation_or_framework_is_refused(
    two: None,
) -> None:
    with pytest.raises(UnknownOrganisation):
        await a_cycle(organisations=["hmt", "nobody"])
    with pytest.raises(UnknownFramework):
        await open_cycle("../pyproject", YEAR, caller=OPERATOR, now=IN_THE_YEAR)
    assert not await Cycle.exists()


async def test_there_is_no_cycle_of_no_organisations(db: None) -> None:
    with pytest.raises(NoOrganisations):
        await a_cycle()


async def opened_with(**dates: datetime) -> dict[str, datetime]:
    cycle = await open_cycle(
        "uk-scs-2025", YEAR, dates=dates, caller=OPERATOR, now=IN_THE_YEAR
    )
    return await queries.instants(cycle.id)


async def test_without_dates_a_cycle_has_its_frameworks(two: None) -> None:
    assert await opened_with() == stage_instants(load("uk-scs-2025"), YEAR)


async def test_a_release_follows_a_closing_that_was_moved(two: None) -> None:
    # Friday 5 March 2027; the tenth working day after it is Friday 19 March.
    instants = await opened_with(feedback_closes=datetime(2027, 3, 5, 17, tzinfo=UTC))

    assert instants["feedback_closes"] == datetime(2027, 3, 5, 17, tzinfo=UTC)
    assert instants["feedback_releases"] == datetime(2027, 3, 19, tzinfo=UTC)


async def test_a_release_that_is_set_stands_beside_a_moved_closing(two: None) -> None:
    set_ = datetime(2027, 3, 8, 9, tzinfo=UTC)
    instants = await opened_with(
        feedback_closes=datetime(2027, 3, 5, 17, tzinfo=UTC), feedback_releases=set_
    )
    assert instants["feedback_releases"] == set_


async def test_dates_that_cannot_be_kept_open_nothing(two: None) -> None:
    closes = datetime(2027, 3, 5, 17)  # noqa: DTZ001 - what is refused
    with pytest.raises(BadDates):
        await opened_with(feedback_closes=closes)
    with pytest.raises(BadDates):
        await opened_with(feedback_closes=datetime(2027, 3, 25, tzinfo=UTC))
    assert not await Cycle.exists()


async def test_opening_is_audited(two: None) -> None:
    opened = await a_cycle()
    entries = await AuditEntry.select().where(AuditEntry.entity == "cycle")
    assert [(e["actor"], e["action"], e["entity_id"]) for e in entries] == [
        (OPERATOR.key, "open", str(opened.id))
    ]


async def test_a_record_imported_later_attaches_once(two: None) -> None:
    opened = await a_cycle()
    late = await a_person("hmt", record_id="late")

    assert await attach_imported(caller=OPERATOR, now=IN_THE_YEAR) == 1
    assert await attach_imported(caller=OPERATOR, now=IN_THE_YEAR) == 0
    assert ("hmt", late, "late") in await records_in(opened.id)


async def test_a_second_id_of_a_person_waits_for_the_next_cycle(two: None) -> None:
    opened = await a_cycle()
    person = await a_person("hmt", record_id="first")
    await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    await imported(person, "hmt", "second")

    assert await attach_imported(caller=OPERATOR, now=IN_THE_YEAR) == 0
    following = await a_cycle(YEAR + 1)

    assert (await record_of(person, opened.id)).external_id == "first"
    assert (await record_of(person, following.id)).external_id == "second"


async def test_two_ids_imported_at_once_attach_one_to_each_cycle(two: None) -> None:
    person = await a_person("hmt", record_id="a")
    await imported(person, "hmt", "b")
    opened, following = await a_cycle(), await a_cycle(YEAR + 1)

    assert (await record_of(person, opened.id)).external_id == "a"
    assert (await record_of(person, following.id)).external_id == "b"


async def test_last_years_record_is_not_this_years(two: None) -> None:
    await a_cycle()
    assert (await a_cycle(YEAR + 1)).records == 0


async def test_a_record_that_hr_closed_is_not_attached(two: None) -> None:
    gone = await a_person("hmt", until=IN_THE_YEAR.date())
    opened = await a_cycle()
    assert gone not in {person for _, person, _ in await records_in(opened.id)}


async def test_nothing_attaches_to_a_cycle_that_is_published(two: None) -> None:
    opened = await a_cycle()
    for taken in (CycleStep.START_PUBLISHING, CycleStep.FINISH_PUBLISHING):
        await step(opened.id, taken, caller=OPERATOR, now=IN_THE_YEAR)
    await a_person("hmt")

    assert await attach_imported(caller=OPERATOR, now=IN_THE_YEAR) == 0


async def test_a_cycle_moves_on_step_by_step_with_a_version_each(two: None) -> None:
    opened = await a_cycle()
    for version, taken in enumerate(CycleStep, start=2):
        await step(opened.id, taken, caller=OPERATOR, now=IN_THE_YEAR)
        assert (await queries.cycle_of(opened.id))["version"] == version
    assert (await queries.cycle_of(opened.id))["state"] == CycleState.ARCHIVED
    with pytest.raises(WrongCycleState):
        await step(opened.id, CycleStep.ARCHIVE, caller=OPERATOR, now=IN_THE_YEAR)


async def test_a_step_that_another_process_took_first_is_refused(
    two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await a_cycle()
    seen = await queries.cycle_of(opened.id)
    await step(opened.id, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR)

    async def as_before(_: UUID) -> dict[str, object]:
        return seen

    monkeypatch.setattr(queries, "cycle_of", as_before)
    with pytest.raises(WrongCycleState, match="Another process"):
        await step(
            opened.id, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
        )


async def test_a_cycle_of_others_is_as_absent_as_one_that_never_was(two: None) -> None:
    opened = await a_cycle(organisations=["hmt"])

    assert await queries.cycles(["dft"]) == []
    for organisations, cycle in ((["dft"], opened.id), (["hmt"], uuid4())):
        with pytest.raises(NotFound):
            await queries.cycle_of(cycle, organisations)


async def test_a_cycle_shows_only_the_organisations_asked_for(two: None) -> None:
    opened = await a_cycle()
    assert (await queries.cycle_of(opened.id, ["dft"]))["organisations"] == ["dft"]
    assert (await queries.cycle_of(opened.id))["organisations"] == ["dft", "hmt"]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE cycle SET state = 'reopened'", "cycle_state_is_known"),
        ("UPDATE cycle SET year = 26", "cycle_year_is_plausible"),
    ],
)
async def test_the_database_refuses_a_cycle_that_cannot_be(
    two: None, change: str, constraint: str
) -> None:
    await a_cycle()
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await execute(change)


async def execute(sql: str) -> None:
    async with transaction() as connection:
        await connection.execute(sql)


async def test_a_record_keeps_its_persons_newest_name_in_its_hr_system(
    two: None,
) -> None:
    person = await a_person("hmt", external_id="old")
    opened = await a_cycle()
    today = IN_THE_YEAR.date()
    await PersonIdentifier.update({PersonIdentifier.valid_to: today}).where(
        PersonIdentifier.person == person
    )
    assert (await record_of(person, opened.id)).person_external_id == "old"

    await PersonIdentifier.insert(
        PersonIdentifier(
            organisation="hmt",
            id=uuid4(),
            person=person,
            source="workday",
            external_id="new",
            valid_from=today + timedelta(days=1),
            valid_to=None,
        )
    )
    assert (await record_of(person, opened.id)).person_external_id == "new"
