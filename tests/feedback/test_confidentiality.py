"""Nobody learns who the rater is: not from the code, the audit, or what is stored."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

import service
from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.db import transaction
from service.feedback import actions, confidentiality
from service.feedback.confidentiality import pseudonym
from service.feedback.tables import Answer
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR, RELEASED
from tests.feedback.stored import request_of
from tests.scoring import KEY, Scene, answers, give

SERVICE = Path(service.__file__).parent
THE_ROOM = {"feedback/confidentiality.py", "feedback/raters.py"}
ITS_CALLERS = {"feedback/actions.py", "feedback/asking.py"}
NAMES_RATERS = re.compile(
    r"feedback_rater|RaterIdentity|feedback\.raters|import raters|import .*\braters\b"
)
OPENS_THE_DOOR = re.compile(r"\bconfidentiality\b")


def said_in(source: str) -> Iterator[str]:
    """The source as written, and each text in it as Python puts it together."""
    yield source
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value)
                for part in node.values
                if isinstance(part, ast.Constant)
            )


def reads_raters(source: str) -> bool:
    return any(NAMES_RATERS.search(text) for text in said_in(source))


def opens_the_door(source: str) -> bool:
    """Whether a module imports the room; to speak of it in a docstring is no harm."""
    return any(
        OPENS_THE_DOOR.search(ast.unparse(node))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def modules() -> dict[str, str]:
    found = {
        path.relative_to(SERVICE).as_posix(): path.read_text(encoding="utf-8")
        for path in SERVICE.rglob("*.py")
    }
    assert len(found) > 50
    return found


def test_one_room_alone_reads_who_the_raters_are() -> None:
    assert {name for name, text in modules().items() if reads_raters(text)} == THE_ROOM


def test_one_door_leads_to_that_room() -> None:
    found = {name for name, text in modules().items() if opens_the_door(text)}
    assert found == ITS_CALLERS


@pytest.mark.parametrize(
    "planted",
    [
        'SQL = "SELECT rater FROM feedback_rater"',
        'SQL = "SELECT rater FROM feedback_" "rater"',
        'SQL = f"SELECT {x} FROM feedback_" f"rater"',
        "from service.feedback.raters import RaterIdentity as R",
        "from service.feedback import raters",
        "from service.feedback import queries, raters as r",
        "import service.feedback.raters",
    ],
)
def test_a_module_that_read_raters_would_be_found(planted: str) -> None:
    assert reads_raters(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "from service.feedback import confidentiality as c",
        "from service.feedback.confidentiality import forms",
        "import service.feedback.confidentiality",
    ],
)
def test_a_module_that_opened_the_door_would_be_found(planted: str) -> None:
    assert opens_the_door(planted)


@dataclass(frozen=True, slots=True)
class Traces:
    """What the audit may not hold after a rater acted."""

    entries: list[str]
    rater: UUID

    def betray(self) -> bool:
        tells = {str(self.rater), self.rater.hex, "dwp", "shares_early", "Too brief"}
        return any(word in entry for entry in self.entries for word in tells)


async def acts(scene: Scene, step: str) -> Traces:
    """Have dwp1 submit, amend or decline about hmt1; return what the audit gained."""
    (last,) = (
        await AuditEntry.select(AuditEntry.id)
        .order_by(AuditEntry.id, ascending=False)
        .limit(1)
    )
    person = scene.people["dwp1"]
    request = await request_of(scene, "dwp1", "hmt1")
    if step == "decline":
        caller = Person(person)
        await actions.decline(
            request, reason="Too brief.", caller=caller, now=FEEDBACK_OPEN
        )
    else:
        await give(scene, "dwp1", "hmt1")
    entries = await AuditEntry.select().where(AuditEntry.id > last["id"])
    return Traces([str(entry) for entry in entries], person)


@pytest.mark.parametrize("step", ["submit", "decline"])
async def test_the_audit_tells_that_a_request_was_answered_but_not_by_whom_or_what(
    db: None, scene: Scene, step: str
) -> None:
    traces = await acts(scene, step)
    assert len(traces.entries) == 1
    assert f"'action': '{step}'" in traces.entries[0]
    assert not traces.betray()


async def test_an_audit_that_named_the_rater_would_be_found(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "Rater", lambda _: Person(scene.people["dwp1"]))
    assert (await acts(scene, "submit")).betray()


async def test_answers_are_stored_without_time_order_or_request(db: None) -> None:
    async with transaction() as connection:
        columns = await connection.fetch(
            "SELECT column_name, data_type, column_default, is_identity"
            " FROM information_schema.columns WHERE table_name = 'feedback_answer'"
        )
    assert {(row["column_name"], row["data_type"]) for row in columns} == {
        ("organisation", "character varying"),
        ("record", "uuid"),
        ("response", "uuid"),
        ("item", "character varying"),
        ("value", "smallint"),
        ("id", "uuid"),
    }
    assert {(row["column_default"], row["is_identity"]) for row in columns} == {
        (None, "NO")
    }


async def test_ids_of_requests_and_answers_are_random(db: None, scene: Scene) -> None:
    await give(scene, "dwp1", "hmt1")
    async with transaction() as connection:
        rows = await connection.fetch(
            "SELECT id FROM feedback_request UNION ALL SELECT id FROM feedback_answer"
            " UNION ALL SELECT response FROM feedback_answer"
        )
    assert {UUID(str(row["id"])).version for row in rows} == {4}


async def test_an_amended_form_keeps_no_earlier_answers(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    again = dict.fromkeys(answers("dwp1", "hmt1"), None)
    caller = Person(scene.people["dwp1"])
    await actions.submit(
        request, again, contact_months=9, caller=caller, now=FEEDBACK_OPEN
    )
    async with transaction() as connection:
        kept = await connection.fetch("SELECT value FROM feedback_answer")
    assert [row["value"] for row in kept] == [None] * 8


async def test_forms_leave_for_the_score_in_an_order_that_tells_nothing(
    db: None, scene: Scene
) -> None:
    for rater in ("moj2", "dwp1", "dft2", "moj1"):
        await give(scene, rater, "hmt1")
    forms = await actions.closed_forms(scene.cycle, key=KEY, now=CLOSED)
    names = [form.rater for form in forms]
    assert len(names) == 4
    assert names == sorted(names)
    assert not [id_ for id_ in scene.people.values() if str(id_) in str(forms)]


def test_a_pseudonym_is_another_in_another_window_and_under_another_key() -> None:
    rater, other, window, later = (UUID(int=number) for number in range(1, 5))
    found = {
        pseudonym(rater, window, b"one"),
        pseudonym(rater, window, b"two"),
        pseudonym(rater, later, b"one"),
        pseudonym(other, window, b"one"),
        pseudonym(window, rater, b"one"),
    }
    assert len(found) == 5
    assert pseudonym(rater, window, b"one") in found
    assert rater.hex not in str(found)


async def test_a_request_is_told_to_its_rater_alone(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    mine = await confidentiality.own(request, scene.people["dwp1"])
    assert mine.rater_organisation == "dwp"
    for name in set(scene.people) - {"dwp1"}:
        waiting = await actions.waiting(scene.people[name], scene.cycle)
        assert request not in waiting


WRITERS = """
SELECT count(DISTINCT xmin::text) FROM {}
"""


async def test_after_release_the_rows_themselves_join_nothing(
    db: None, scene: Scene
) -> None:
    """PostgreSQL keeps with each row which transaction wrote it: one wrote them all."""
    await give(scene, "dwp1", "hmt1")
    await give(scene, "moj2", "hmt1")
    before = await Answer.select().order_by(Answer.id)

    await actions.release(scene.cycle, caller=OPERATOR, now=RELEASED)

    assert await Answer.select().order_by(Answer.id) == before
    async with transaction() as connection:
        for table in ("feedback_answer", "feedback_request", "feedback_rater"):
            statement = WRITERS.format(table)
            assert await connection.fetchval(statement) == 1, table
