"""`joinedup import objectives`: new ones, drafts anew, and the same again."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.audit.tables import AuditEntry
from service.db import DB
from service.jobs.tables import StoredNotice
from service.objectives import actions
from service.objectives.assigning.tables import Imported
from service.objectives.changing import changing
from service.objectives.content import Valued
from service.objectives.stages import Stage
from service.objectives.tables import SharedObjective, Version
from tests.e2e.running import joinedup
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.objectives.assigning.filing import (
    counts,
    imported,
    refused,
    rows,
    the_one,
    written,
)
from tests.objectives.joint import Joint, agree, audited


async def test_each_row_is_a_contribution(joint: Joint, tmp_path: Path) -> None:
    report = await imported(written(tmp_path, await rows(joint)))

    assert counts(report) == (2, 0, 0, 0)
    fact = await the_one()
    assert (fact.stage, fact.record) == (Stage.PROPOSED, joint.on.id)
    assert fact.content.title == "One front door"
    assert {(p.organisation, p.person, p.share) for p in fact.contributions} == {
        ("hmt", joint.subject, 60),
        ("dft", joint.partner, 40),
    }
    assert await audited(fact.id) == [(OPERATOR.key, "import")]
    told = await StoredNotice.select(StoredNotice.person).output(as_list=True)
    assert set(told) == {joint.subject, joint.hmt.head, joint.dft.head}


async def test_the_same_file_again_changes_nothing(
    joint: Joint, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        await rows(joint, weight=10, priority_scheme="un-sdg-2030", priority_code="13"),
    )
    await imported(file)
    fact, entries = await the_one(), await AuditEntry.count()
    for _ in range(2):
        assert counts(await imported(file)) == (0, 0, 2, 0)
    assert await the_one() == fact
    assert (await AuditEntry.count(), await Version.count()) == (entries, 1)
    assert await Imported.count() == 1


async def test_what_was_agreed_is_not_changed_by_the_same_file(
    joint: Joint, tmp_path: Path
) -> None:
    file = written(tmp_path, await rows(joint))
    await imported(file)
    fact = await the_one()
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(fact.id, person)
    assert counts(await imported(file)) == (0, 0, 2, 0)
    assert (await the_one()).stage == Stage.AGREED


async def test_a_changed_row_changes_a_draft(joint: Joint, tmp_path: Path) -> None:
    lines = await rows(joint, stage="draft")
    await imported(written(tmp_path, lines))
    lines[0] |= {"title": "Two front doors", "share": 70}
    lines[1] |= {"share": 30}
    report = await imported(written(tmp_path, lines))

    assert counts(report) == (0, 2, 0, 0)
    fact = await the_one()
    assert (fact.stage, fact.version) == (Stage.DRAFT, 2)
    assert fact.content.title == "Two front doors"
    assert [p.share for p in fact.contributions] == [70, 30]


async def test_a_change_keeps_what_no_file_tells(joint: Joint, tmp_path: Path) -> None:
    lines = await rows(joint, stage="draft")
    await imported(written(tmp_path, lines))
    fact = await the_one()
    async with changing(fact.id, caller=OPERATOR, now=IN_THE_YEAR) as work:
        more = replace(
            fact.content, owners=((joint.hmt.head,),), value_map=(Valued("dft"),)
        )
        await actions.say(work, joint.on, more, "by hand")
    assert counts(await imported(written(tmp_path, lines))) == (0, 0, 2, 0)
    lines[0]["title"] = "Two front doors"
    await imported(written(tmp_path, lines))
    says = (await the_one()).content
    assert says.title == "Two front doors"
    assert (says.owners, says.value_map) == (((joint.hmt.head,),), (Valued("dft"),))


async def test_a_draft_is_proposed_by_a_later_file(
    joint: Joint, tmp_path: Path
) -> None:
    await imported(written(tmp_path, await rows(joint, stage="draft")))
    report = await imported(written(tmp_path, await rows(joint)))
    assert counts(report) == (0, 2, 0, 0)
    assert (await the_one()).stage == Stage.PROPOSED
    drafts = await imported(written(tmp_path, await rows(joint, stage="draft")))
    assert counts(drafts) == (0, 0, 2, 0)  # It is not taken back.


async def test_what_others_agreed_to_is_not_changed_by_a_file(
    joint: Joint, tmp_path: Path
) -> None:
    lines = await rows(joint)
    await imported(written(tmp_path, lines))
    lines[0]["title"] = "Two front doors"
    fact = await the_one()
    await agree(fact.id, joint.subject)
    complaints = await refused(written(tmp_path, lines))
    assert "others have agreed to it" in complaints[0].detail
    assert "Another row of the objective is refused: line 2" in complaints[1].detail
    assert (await the_one()).content.title == "One front door"


async def test_what_nobody_agreed_to_yet_is_put_to_them_anew(
    joint: Joint, tmp_path: Path
) -> None:
    lines = await rows(joint)
    await imported(written(tmp_path, lines))
    lines[1]["commitment"] = "more data"
    assert counts(await imported(written(tmp_path, lines))) == (0, 2, 0, 0)
    fact = await the_one()
    assert (fact.stage, fact.version, fact.terms) == (Stage.PROPOSED, 2, 2)


async def test_a_key_means_one_objective_on_each_record(
    joint: Joint, tmp_path: Path
) -> None:
    lines = await rows(joint) + await rows(joint, who=1)
    assert counts(await imported(written(tmp_path, lines))) == (4, 0, 0, 0)
    assert await SharedObjective.count() == 2


async def test_a_missing_column_is_named(joint: Joint, tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("organisation,title\nhmt,x\n", encoding="utf-8")
    columns = {each.column for each in await refused(path)}
    assert {"objective_key", "share", "role"} <= columns


async def test_what_was_withdrawn_stays_so(joint: Joint, tmp_path: Path) -> None:
    lines = await rows(joint)
    await imported(written(tmp_path, lines))
    fact = await the_one()
    await actions.withdraw(fact.id, reason="No more.", caller=OPERATOR, now=IN_THE_YEAR)
    assert counts(await imported(written(tmp_path, lines))) == (0, 0, 2, 0)
    lines[0]["title"] = "Two front doors"
    complaints = await refused(written(tmp_path, lines))
    assert "The objective is withdrawn" in complaints[0].detail


@pytest.mark.slow
async def test_the_command_says_what_it_did(
    committed: tuple[httpx.AsyncClient, Joint], tmp_path: Path
) -> None:
    _, joint = committed
    lines = await rows(joint)
    good, bad = (
        written(tmp_path, lines),
        written(tmp_path, [{**row, "share": 50.5} for row in lines], "bad.csv"),
    )

    async def command(file: Path) -> tuple[int, Any]:
        given = {"JOINEDUP_DATABASE_URL": DB.config["dsn"]}
        words = ("import", "objectives", file, "--json")
        ended = await asyncio.to_thread(joinedup, tmp_path, *words, given=given)
        return ended.returncode, json.loads(ended.stdout)

    for expected in ((2, 0), (0, 2)):
        code, said = await command(good)
        assert (code, (said["created"], said["unchanged"])) == (0, expected)
    code, said = await command(bad)
    assert code == 1
    assert [(each["line"], each["column"]) for each in said["rejected"]] == [
        (2, "share"),
        (3, "share"),
    ]
