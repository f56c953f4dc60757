import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from service.directory.actions import ImportRefused, import_organisations, succeed
from service.directory.importing.report import Report
from service.directory.queries import known_codes, organisations
from service.directory.rules import Succession, UnknownOrganisation, WrongSuccession
from tests.directory.files import CALLER, DFID, NOW, ORGANISATION, TODAY, write
from tests.directory.stored import digest, rows


async def importing(
    folder: Path, *given: dict[str, str], partial: bool = False
) -> Report:
    return await import_organisations(
        [write(folder, *given)], caller=CALLER, now=NOW, partial=partial
    )


async def test_organisations_are_listed_with_all_their_names(
    db: None, tmp_path: Path
) -> None:
    both = ORGANISATION | {
        "also_known_as": "Defra; DEFRA ;Environment",
        "email_domain": "defra.example;Rural.example",
        "parent_department": "Cabinet Office",
    }

    report = await importing(tmp_path, both, DFID)

    assert (report.read, report.created) == (2, 2)
    assert [row["code"] for row in await organisations()] == ["defra", "dfid"]
    assert (await organisations())[0] == {
        "code": "defra",
        "name": "Department for Environment, Food and Rural Affairs",
        "also_known_as": ["Defra", "Environment"],
        "parent": "Cabinet Office",
        "hr_system": "oracle",
        "domains": ["defra.example", "rural.example"],
        "valid_from": TODAY,
        "valid_to": None,
    }


async def test_a_second_import_changes_nothing(db: None, tmp_path: Path) -> None:
    await importing(tmp_path, ORGANISATION, DFID)
    before = await digest()

    report = await importing(tmp_path, DFID, ORGANISATION)

    assert (report.read, report.unchanged) == (2, 2)
    assert await digest() == before


async def test_a_new_name_closes_one_row_and_opens_the_next(
    db: None, tmp_path: Path
) -> None:
    await importing(tmp_path, ORGANISATION, DFID)
    later = NOW + timedelta(days=30)
    renamed = DFID | {"name": "Foreign and Development Office"}

    report = await import_organisations(
        [write(tmp_path, renamed, ORGANISATION)], caller=CALLER, now=later
    )

    assert (report.changed, report.unchanged) == (1, 1)
    assert await rows(
        "SELECT name, valid_from, valid_to FROM organisation_name"
        " WHERE organisation = 'dfid' AND kind = 'official' ORDER BY valid_from"
    ) == [
        ("DFID", TODAY, later.date()),
        ("Foreign and Development Office", later.date(), None),
    ]


async def test_two_may_swap_their_domains(db: None, tmp_path: Path) -> None:
    await importing(tmp_path, ORGANISATION, DFID)

    report = await importing(
        tmp_path,
        ORGANISATION | {"email_domain": "dfid.example"},
        DFID | {"email_domain": "defra.example"},
    )

    assert report.changed == 2
    assert [row["domains"] for row in await organisations()] == [
        ["dfid.example"],
        ["defra.example"],
    ]


@pytest.mark.parametrize(
    ("wrong", "column", "detail"),
    [
        ({"code": ""}, "code", "empty"),
        ({"code": "de fra"}, "code", "no code"),
        ({"code": "defra"}, "code", "line 2 already"),
        ({"code": "DEFRA"}, "code", "line 2 already"),
        ({"name": ""}, "name", "empty"),
        ({"name": "x" * 201}, "name", "201 characters"),
        ({"name": ORGANISATION["name"].upper()}, "name", "belongs to defra"),
        ({"also_known_as": f"A;{ORGANISATION['name']}"}, "name", "belongs to defra"),
        ({"hr_system": ""}, "hr_system", "empty"),
        ({"hr_system": "employee_number"}, "hr_system", "cannot name"),
        ({"hr_system": "a:b"}, "hr_system", "cannot name"),
        ({"email_domain": "defra.example"}, "email_domain", "belongs to defra"),
        ({"email_domain": "@dfid.example"}, "email_domain", "no e-mail domain"),
        ({"email_domain": "dfid"}, "email_domain", "no e-mail domain"),
        ({"name": "DF\x00ID"}, "name", "control character (U+0000)"),
    ],
)
async def test_a_bad_row_refuses_all(
    db: None, tmp_path: Path, wrong: dict[str, str], column: str, detail: str
) -> None:
    before = await digest()

    with pytest.raises(ImportRefused) as refused:
        await importing(tmp_path, ORGANISATION, DFID | wrong)

    report = refused.value.report
    [complaint] = report.rejected
    assert (complaint.line, complaint.column) == (3, column)
    assert detail in complaint.detail
    assert complaint.remedy
    assert (report.read, report.created, report.unchanged) == (2, 0, 0)
    assert await digest() == before


async def test_partial_keeps_the_good_rows(db: None, tmp_path: Path) -> None:
    report = await importing(tmp_path, ORGANISATION, DFID | {"code": ""}, partial=True)

    assert (report.read, report.created, len(report.rejected)) == (2, 1, 1)
    assert await known_codes() == {"defra"}


async def test_partial_with_no_good_row_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        await importing(tmp_path, DFID | {"code": ""}, partial=True)


async def test_a_rejected_row_does_not_free_the_name_it_would_have_given_up(
    db: None, tmp_path: Path
) -> None:
    await importing(tmp_path, ORGANISATION, DFID)
    renamed = DFID | {"name": "Development", "also_known_as": "", "hr_system": "a:b"}
    takes = ORGANISATION | {"also_known_as": "DFID"}
    third = DFID | {"code": "x", "name": "X", "also_known_as": "", "email_domain": ""}

    report = await importing(tmp_path, renamed, takes, third, partial=True)

    assert [each.column for each in report.rejected] == ["hr_system", "name"]
    assert report.created == 1


async def test_each_change_is_in_the_audit(db: None, tmp_path: Path) -> None:
    await importing(tmp_path, ORGANISATION, DFID)
    await importing(tmp_path, ORGANISATION | {"hr_system": "sap"}, DFID)

    entries = await rows(
        "SELECT action, entity, before, after FROM audit_entry"
        " WHERE action LIKE 'organisation%' ORDER BY id"
    )

    assert [entry[0] for entry in entries] == [
        "organisations.imported",
        "organisation.created",
        "organisation.created",
        "organisations.imported",
        "organisation.changed",
    ]
    whole = json.loads(entries[3][3])
    assert (whole["read"], whole["changed"], whole["unchanged"]) == (2, 1, 1)
    assert len(whole["files"]["file.csv"]) == 64
    assert json.loads(entries[4][2])["hr_system"] == "oracle"
    assert json.loads(entries[4][3])["hr_system"] == "sap"


async def test_a_merged_organisation_ends_and_frees_its_names(
    db: None, tmp_path: Path
) -> None:
    await importing(tmp_path, ORGANISATION, DFID)

    await succeed("dfid", "defra", Succession.MERGE, on=TODAY, caller=CALLER, now=NOW)

    assert await known_codes() == {"defra"}
    assert (await organisations())[1]["valid_to"] == TODAY
    takes_over = ORGANISATION | {"also_known_as": "DFID"}
    assert (await importing(tmp_path, takes_over)).changed == 1
    with pytest.raises(ImportRefused, match=f"dfid ended on {TODAY}"):
        await importing(tmp_path, DFID)
    assert await rows(
        "SELECT predecessor, successor, kind, on_date FROM organisation_lineage"
    ) == [("dfid", "defra", "merge", TODAY)]


async def test_a_split_organisation_stays(db: None, tmp_path: Path) -> None:
    await importing(tmp_path, ORGANISATION, DFID)

    await succeed("defra", "dfid", Succession.SPLIT, on=TODAY, caller=CALLER, now=NOW)

    assert await known_codes() == {"defra", "dfid"}
    with pytest.raises(WrongSuccession, match="already"):
        await succeed(
            "defra", "dfid", Succession.SPLIT, on=TODAY, caller=CALLER, now=NOW
        )


@pytest.mark.parametrize(
    ("old", "new", "on", "refusal"),
    [
        ("defra", "nobody", TODAY, UnknownOrganisation),
        ("nobody", "defra", TODAY, UnknownOrganisation),
        ("defra", "dfid", TODAY + timedelta(days=1), WrongSuccession),
        ("defra", "defra", TODAY, WrongSuccession),
    ],
)
async def test_a_succession_that_cannot_be_is_refused(
    db: None, tmp_path: Path, old: str, new: str, on: date, refusal: type[Exception]
) -> None:
    await importing(tmp_path, ORGANISATION, DFID)

    with pytest.raises(refusal):
        await succeed(old, new, Succession.RENAME, on=on, caller=CALLER, now=NOW)
