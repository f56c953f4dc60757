"""What cannot be is refused with its place, and nothing of it is kept."""

from typing import Any
from uuid import UUID

import pytest

from service.objectives.progress.tables import Dissent, Reading, StatusReport
from tests.objectives.asking import slug
from tests.objectives.progress.portal import (
    DISSENT,
    INDICATOR,
    MILESTONE,
    READING,
    STATUS,
    Portal,
    everything,
)

LONG = "x" * 4001
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("milestones", {"due_on": "2026-09-30"}, "#/title"),
    ("milestones", MILESTONE | {"title": ""}, "#/title"),
    ("milestones", MILESTONE | {"title": "x" * 201}, "#/title"),
    ("milestones", MILESTONE | {"title": "a\0b"}, "#/title"),
    ("milestones", MILESTONE | {"due_on": "soon"}, "#/due_on"),
    ("milestones", MILESTONE | {"state": "met"}, "#/state"),
    ("indicators", INDICATOR | {"unit": ""}, "#/unit"),
    ("indicators", INDICATOR | {"baseline": "NaN"}, "#/baseline"),
    ("indicators", INDICATOR | {"target": "Infinity"}, "#/target"),
    ("indicators", INDICATOR | {"target": "1e400"}, "#/target"),
    ("indicators", INDICATOR | {"target": 61}, "#/target"),
    ("indicators", INDICATOR | {"baseline": 0.12345678901234567}, "#/baseline"),
    ("indicators", INDICATOR | {"target": True}, "#/target"),
    ("indicators", INDICATOR | {"change_at": -1}, "#/change_at"),
    ("indicators", INDICATOR | {"direction": "up"}, "#/direction"),
    ("indicators", INDICATOR | {"compared_with": "next"}, "#/compared_with"),
    ("indicators/{i}/readings", READING | {"value": "NaN"}, "#/value"),
    ("indicators/{i}/readings", READING | {"value": "sNaN"}, "#/value"),
    ("indicators/{i}/readings", READING | {"value": "1e999999999"}, "#/value"),
    ("indicators/{i}/readings", READING | {"value": None}, "#/value"),
    ("indicators/{i}/readings", READING | {"value": []}, "#/value"),
    ("indicators/{i}/readings", READING | {"as_of": "2026-06-02"}, "#/as_of"),
    ("indicators/{i}/readings", READING | {"as_of": "2026-02-30"}, "#/as_of"),
    ("indicators/{i}/readings", READING | {"note": LONG}, "#/note"),
    ("indicators/{i}/readings", READING | {"corrects": str(UUID(int=1))}, "#/corrects"),
    ("statuses", STATUS | {"status": "fine"}, "#/status"),
    ("statuses", STATUS | {"text": ""}, "#/text"),
    ("statuses", STATUS | {"text": LONG}, "#/text"),
    ("statuses", STATUS | {"number": 7}, "#/number"),
    ("dissents", {"text": "No."}, "#/status"),
    ("dissents", DISSENT | {"status": 0}, "#/status"),
    ("dissents", DISSENT | {"text": ""}, "#/text"),
]


@pytest.mark.parametrize(("path", "body", "pointer"), BAD)
async def test_what_cannot_be_is_refused_with_its_place(
    portal: Portal, path: str, body: dict[str, Any], pointer: str
) -> None:
    ids = await everything(portal)
    owner = await portal.person(portal.joint.subject, "hmt")
    partner = await portal.person(portal.joint.partner, "dft")
    headers = partner if path == "dissents" else owner
    before = await Reading.count(), await StatusReport.count(), await Dissent.count()
    answer = await portal.ask("POST", path.format(**ids), headers, body)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert before == (
        await Reading.count(),
        await StatusReport.count(),
        await Dissent.count(),
    )


@pytest.mark.parametrize("number", ["NaN", "1e400", "-Infinity"])
async def test_a_number_that_json_does_not_keep_is_refused(
    portal: Portal, number: str
) -> None:
    ids = await everything(portal)
    owner = await portal.person(portal.joint.subject, "hmt")
    answer = await portal.client.post(
        f"/v1/objectives/{portal.fact.id}/indicators/{ids['i']}/readings",
        headers=owner | {"Content-Type": "application/json"},
        content=f'{{"value": {number}, "as_of": "2026-05-31"}}',
    )
    assert answer.status_code in {400, 422}
    assert slug(answer) in {"not-json", "number-too-large"}
    assert await Reading.count() == 1
