"""What anybody writes about feedback stands where it is meant to, and nowhere else."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import structlog
from structlog.testing import capture_logs

from service.access.rules import Role
from service.db import transaction
from service.feedback.inviting.schedule import see_to_mails
from service.feedback.schedule import see_to_windows
from tests.factories import CLOSED, FEEDBACK_OPEN, RELEASED
from tests.feedback.attacks.scenarios import form
from tests.feedback.inviting.mailed import deliver
from tests.feedback.over_http import Callers, path_of
from tests.feedback.results.living import clock as set_clock
from tests.feedback.results.living import role
from tests.jobs.catcher import Catcher
from tests.scoring import Scene

CANARY = "xq7canary"
MEANT = {
    ("break_glass", "reason"),  # Whoever approves and audits it has to read it,
    ("audit_entry", "reason"),  # and of nothing else is there a reason in the audit.
}
"""Where words of feedback stand in the clear: those that name no rater's answer."""
COLUMNS = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
    AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2
"""


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Return all that was logged so far, by whatever way."""
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    with capture_logs() as events:
        yield lambda: f"{events} {caplog.text} {[r.__dict__ for r in caplog.records]}"


async def stands() -> set[tuple[str, str]]:
    """The columns of all tables in which a canary can be read."""
    found = set()
    async with transaction() as connection:
        for table, column in await connection.fetch(COLUMNS):
            # Bytes are searched as they lie, and as a careless service might pack them.
            sings = await connection.fetchval(
                f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE $1'  # noqa: S608 - our own
                f' OR "{column}"::text LIKE $2)',
                f"%{CANARY}%",
                f"%{CANARY.encode().hex()}%",
            )
            if sings:
                found.add((table, column))
    return found


async def audited() -> set[str]:
    """Of what there are words in the audit."""
    async with transaction() as connection:
        rows = await connection.fetch(
            "SELECT entity FROM audit_entry WHERE reason LIKE $1", f"%{CANARY}%"
        )
    return {row["entity"] for row in rows}


def canary(field: str) -> str:
    return f"They said {CANARY} {field}."


@pytest.mark.slow
async def test_no_canary_sings_where_it_should_not(
    callers: Callers,
    scene: Scene,
    catcher: Catcher,
    said: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await role(scene.people["dft-head"], Role.TEXT_MODERATOR, "dft")
    problems = await everybody_writes(callers, scene)
    set_clock(monkeypatch, CLOSED)
    await pass_time(CLOSED, catcher)
    set_clock(monkeypatch, RELEASED)
    await pass_time(RELEASED, catcher)
    record = f"/v1/records/{scene.records['hmt1'].id}/feedback"
    reply = {"text": canary("reply")}
    given = await callers.ask("hmt1", "PUT", f"{record}/reply", reply)
    assert given.status_code == 200, given.text

    assert await stands() == MEANT
    assert await audited() == {"break_glass"}
    assert all(CANARY not in problem for problem in problems)
    assert len(problems) > 4
    assert CANARY not in said()
    assert all(CANARY not in mail.as_string() for mail in catcher.mails)
    assert CANARY not in "".join(catcher.recipients)


async def pass_time(now: datetime, catcher: Catcher) -> None:
    await see_to_windows(now)
    await see_to_mails(now)
    await deliver(catcher, now, notices=True)


async def everybody_writes(callers: Callers, scene: Scene) -> list[str]:
    """Fill every field of words, rightly and wrongly; return the refusals."""
    problems = []
    for rater in ("dwp1", "moj1", "dft2"):
        problems += await answer(callers, rater, await path_of(scene, rater))
    declined = await path_of(scene, "dwp2", "hmt1")
    reason = {"reason": canary("decline")}
    got = await callers.ask("dwp2", "POST", f"{declined}/decline", reason)
    assert got.status_code == 204, got.text
    got = await callers.ask("hmt1", "POST", f"{declined}/decline", reason)
    assert got.status_code == 404
    return [*problems, got.text, *await before_the_draw(callers, scene)]


async def answer(callers: Callers, rater: str, path: str) -> list[str]:
    """Save and submit, with words in each field; then say too much."""
    fields = dict.fromkeys(("shares_early", "credits"), canary("example"))
    texts = {"keep_doing": canary("keep"), "do_differently": canary("change")}
    whole = form(5) | {"texts": texts}
    whole["examples"] = {**dict(whole["examples"]), **fields}  # type: ignore[call-overload]  # a dict
    saved = await callers.ask(rater, "PUT", f"{path}/response", whole)
    assert saved.status_code == 200, saved.text
    tag = {"if_match": saved.headers["etag"]}
    done = await callers.ask(rater, "POST", f"{path}/response/submission", **tag)
    assert done.status_code == 204, done.text
    bad = [
        {**whole, "texts": {"keep_doing": canary("long") * 400}},
        {**whole, "texts": {canary("box"): "Words."}},
        {**whole, "objective": canary("objective")},
    ]
    refused = [
        await callers.ask(rater, "PUT", f"{path}/response", each, **tag) for each in bad
    ]
    assert {each.status_code for each in refused} == {422}
    # What was sent under a name of the sender's own is said back to the sender alone.
    return [each.text for each in (refused[0], refused[2])]


async def before_the_draw(callers: Callers, scene: Scene) -> list[str]:
    """Of somebody whose raters nobody has drawn: proposals, a veto, an objection."""
    path = f"/v1/records/{scene.records['later'].id}/nominations"
    people = [{"email": f"{CANARY}.{n}@dwp.example"} for n in range(3)]
    got = await callers.ask("later", "POST", path, {"people": people})
    assert got.status_code == 201, got.text
    one, other, _ = [each["id"] for each in got.json()["items"]]
    reason = {"reason": canary("reason")}
    refused = []
    for name, to in (("hmt-head", f"{one}/veto"), ("later", f"{other}/objection")):
        done = await callers.ask(name, "POST", f"{path}/{to}", reason)
        assert done.status_code in {200, 201}, done.text
        refused.append(await callers.ask(name, "POST", f"{path}/{to}", reason))
    opening = {"record": str(scene.records["hmt1"].id), **reason}
    asked = await callers.ask("hmt2", "POST", "/v1/break-glass", opening)
    assert asked.status_code == 201, asked.text
    refused.append(await callers.ask("hmt1", "POST", "/v1/break-glass", opening))
    assert {each.status_code for each in refused} <= {403, 404, 409}
    return [each.text for each in refused]


async def test_a_canary_that_sang_would_be_heard(
    callers: Callers, scene: Scene, said: Callable[[], str]
) -> None:
    """Broken twins: words in the audit, in bytes not sealed, and in the log."""
    async with transaction() as connection:
        await connection.execute(
            "UPDATE feedback_request SET draft = $1 WHERE record = $2",
            canary("draft").encode(), scene.records["hmt1"].id,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO audit_entry (at, actor, action, entity, entity_id, reason)"
            " VALUES ($1, 'person:1', 'decline', 'record', '1', $2)",
            FEEDBACK_OPEN, canary("audit"),
        )  # fmt: skip
    structlog.get_logger("careless").info("saved", text=canary("log"))
    assert await stands() == {("feedback_request", "draft"), ("audit_entry", "reason")}
    assert CANARY in said()
