"""Nobody learns who the rater is: not from the code, the audit, or what is stored."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

import service
from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.db import transaction
from service.feedback import actions, closing, confidentiality
from service.feedback.form.sealing import TextNotOpened, unseal
from service.feedback.forms import pseudonym
from service.feedback.raters import RaterAct
from service.feedback.tables import Answer, FeedbackText
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR, RELEASED
from tests.feedback.stored import request_of
from tests.scoring import KEY, Scene, answers, filled, give

SERVICE = Path(service.__file__).parent
THE_ROOM = {"feedback/confidentiality.py", "feedback/raters.py"}
ITS_CALLERS = {
    f"feedback/{name}.py"
    for name in (
        *("actions", "asking", "break_glass/actions", "closing", "inviting/actions"),
        *("recounting", "windows"),
    )
}
NAMES_RATERS = re.compile(
    r"feedback_rater|feedback_act\b|RaterIdentity|RaterAct|feedback\.raters"
    r"|import raters|import .*\braters\b"
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
        'SQL = "SELECT at FROM feedback_act WHERE request = $1"',
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


async def audited() -> list[str]:
    return [str(entry) for entry in await AuditEntry.select()]


ACTS = ("open", "save", "submit", "amend", "decline")


async def acts(scene: Scene, *steps: str) -> UUID:
    """Have dwp1 do so about hmt1; return the request."""
    request = await request_of(scene, "dwp1", "hmt1")
    caller, now = Person(scene.people["dwp1"]), FEEDBACK_OPEN
    form = filled(answers("dwp1", "hmt1"), texts={"keep_doing": CANARY})
    for step in steps:
        if step == "open":
            await actions.look(request, caller=caller, now=now)
        elif step == "save":
            await actions.save(
                request, form, check=lambda _: None, caller=caller, now=now
            )
        elif step == "decline":
            await actions.decline(request, reason=CANARY, caller=caller, now=now)
        else:
            await actions.submit(request, form, caller=caller, now=now)
    return request


CANARY = "Canary in a coal mine"


@pytest.mark.parametrize("step", ACTS)
async def test_the_audit_hears_nothing_of_what_raters_do(
    db: None, scene: Scene, step: str
) -> None:
    before = await audited()
    await acts(scene, step)
    assert await audited() == before


async def test_what_a_rater_did_is_kept_for_break_glass(db: None, scene: Scene) -> None:
    request = await acts(scene, "open", "open", "save", "submit", "amend")
    kept = (
        await RaterAct.select().where(RaterAct.request == request).order_by(RaterAct.id)
    )
    assert sorted(act["step"] for act in kept) == ["open", "save", "submit", "submit"]
    assert {act["at"] for act in kept} == {FEEDBACK_OPEN}


@pytest.mark.parametrize("step", ["save", "submit", "decline"])
async def test_no_word_of_a_rater_is_stored_in_the_clear(
    db: None, scene: Scene, step: str
) -> None:
    await acts(scene, step)
    async with transaction() as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(oid, 'SELECT')"
        )
        assert len(tables) > 40
        for table in tables:
            rows = await connection.fetch(f'SELECT * FROM "{table["relname"]}"')  # noqa: S608 - our own
            for row in rows:
                assert CANARY.encode() not in cells(row), table


def cells(row: Iterable[object]) -> bytes:
    return b"\0".join(
        cell if isinstance(cell, bytes) else str(cell).encode() for cell in row
    )


async def test_the_words_open_only_as_what_they_were_sealed_as(
    db: None, scene: Scene
) -> None:
    request = await acts(scene, "submit")
    own = await confidentiality.own(request, scene.people["dwp1"])
    (kept,) = await FeedbackText.select().where(FeedbackText.response == own.response)
    assert kept["field"] == "text:keep_doing"
    assert unseal(kept["sealed"], own.response, kept["field"]) == CANARY
    with pytest.raises(TextNotOpened):
        unseal(kept["sealed"], own.response, "draft")


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
    await actions.submit(request, filled(again), caller=caller, now=FEEDBACK_OPEN)
    async with transaction() as connection:
        kept = await connection.fetch("SELECT value FROM feedback_answer")
    assert [row["value"] for row in kept] == [None] * 8


async def test_forms_leave_for_the_score_in_an_order_that_tells_nothing(
    db: None, scene: Scene
) -> None:
    for rater in ("moj2", "dwp1", "dft2", "moj1"):
        await give(scene, rater, "hmt1")
    forms = await closing.closed_forms(scene.cycle, key=KEY, now=CLOSED)
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

    await closing.release(scene.cycle, caller=OPERATOR, now=RELEASED)

    assert await Answer.select().order_by(Answer.id) == before
    async with transaction() as connection:
        for table in ("feedback_answer", "feedback_request", "feedback_rater"):
            statement = WRITERS.format(table)
            assert await connection.fetchval(statement) == 1, table
