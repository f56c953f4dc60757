"""Nothing that anyone else can read moves when a rater acts before release.

The same cycle is lived through several times, each time undone, differing only in which
rater opened, saved, submitted, amended or declined, and in what order; what everybody
else reads must be the same bytes. Whatever route the app has is asked, so that one that
comes later is held to this too.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import pytest
from litestar import Litestar

from service.auth.declared import routes
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import pool_controller
from service.feedback.pooling.presenting import pool_out
from service.feedback.schemas import PoolOut
from service.feedback.tables import FeedbackRequest
from service.objectives.queries import ids_on_record
from tests.feedback.lives import (
    LIVES,
    Life,
    and_computed,
    five_answer,
    nobody_acts,
    one_answers,
    the_answer_is_audited,
    the_answer_is_counted_on_the_record,
)
from tests.feedback.over_http import FORM, Callers, an_administrator, forget_rates
from tests.feedback.stored import request_of
from tests.scoring import Scene, undone

OF_THE_REQUEST: Final = {"x-request-id", "date", "ratelimit"}
"""Headers that differ from one request to the next, whatever happened.

How many requests are left tells a caller of its own requests alone.
"""
OTHERS: Final = ("hmt", "dwp", "hmt1", "hmt-head", "hmt2", "dft1")
"""Whoever reads: the HR systems of subject and rater, the subject, their manager, HR
(`hmt2` administers it for the subject's organisation) and a rater who never acts."""
OF_RATERS: Final = {"feedback_request", "feedback_rater", "feedback_act",
                    "feedback_answer", "feedback_text"}  # fmt: skip
"""The tables in which raters' acts are kept, which no route shows to others."""
COMPUTED: Final = {"score", "score_run", "score_input", "score_account",
                   "feedback_window", "feedback_look",
                   "feedback_to_review"}  # fmt: skip


def readable(app: Litestar) -> list[str]:
    """Every route that can be read; whoever it does not serve is answered 403."""
    return [path for method, path, to in routes(app) if method == "GET"
            and path not in {"/openapi.json", "/readyz"}]  # fmt: skip


async def things(scene: Scene) -> list[Mapping[str, str]]:
    """What the paths can name: of the subject, of a rater, and of nobody."""
    nothing = defaultdict(lambda: str(UUID(int=1)), name="mean", version="1")
    found: list[Mapping[str, str]] = []
    for name in ("hmt1", "dwp1"):
        on = scene.records[name]
        (objective,) = await ids_on_record(on.id)
        about = {"cycle": scene.cycle, "record": on.id, "person": on.person,
                 "objective": objective}  # fmt: skip
        found.append(
            defaultdict(nothing.default_factory, nothing)
            | {key: str(value) for key, value in about.items()}
        )
    return found


@pytest.fixture
async def paths(app: Litestar, scene: Scene) -> list[str]:
    found = {
        path.format_map(named)
        for path in readable(app)
        for named in await things(scene)
    }
    assert len(found) > 40
    return [*sorted(found), f"/v1/scores?cycle={scene.cycle}&limit=1",
            "/v1/people?query=sam", "/v1/records?limit=2"]  # fmt: skip


async def read(callers: Callers, name: str, path: str) -> tuple[object, ...]:
    answer = await callers.get(name, path)
    kept = [
        (key, value)
        for key, value in answer.headers.multi_items()
        if key not in OF_THE_REQUEST
    ]
    body = answer.content.replace(answer.headers["x-request-id"].encode(), b"")
    return name, path, answer.status_code, kept, body


Transcript = list[tuple[object, ...]]
Lived = Callable[[Life], Awaitable[Transcript]]


@pytest.fixture
async def after(
    app: Litestar, callers: Callers, scene: Scene, paths: list[str]
) -> Lived:
    """Live one life and undo it; return all that the others could read after it."""
    await an_administrator(scene, "hmt2")
    # The pool is filled by the first who looks at it. Who may not ask at all never may.
    asking = [
        (name, path)
        for name in OTHERS
        for path in paths
        if (await callers.get(name, path)).status_code != 403
    ]

    async def lived(life: Life) -> Transcript:
        async with undone():
            # How fast lives follow one another is no part of them.
            forget_rates(app)
            await life(scene)
            kept = await rows()
            return kept + [await read(callers, name, path) for name, path in asking]

    return lived


async def rows() -> Transcript:
    """Every row that is not behind the raters' door, with what is in it.

    Computing scores, which closes the window, is no rater's act: what an operator's
    `compute` writes is left out.
    """
    found: Transcript = []
    async with transaction() as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
            " 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
        )
        for table in sorted(row["relname"] for row in tables):
            if table in OF_RATERS or table in COMPUTED:
                continue
            found += [
                (table, row)
                for row in sorted(
                    [*map(str, await connection.fetch(f'SELECT * FROM "{table}"'))]  # noqa: S608 - our own
                )
                if "'compute'" not in row
            ]
    return found


@pytest.mark.slow
async def test_nothing_that_others_read_moves_when_a_rater_acts(
    after: Lived, callers: Callers
) -> None:
    async def one_answers_over_http(scene: Scene) -> None:
        """Nor do the routes leave anything beside what the actions do."""
        await answers_over_http(callers, await request_of(scene, "dwp1", "hmt1"))

    still = await after(nobody_acts)
    statuses = {part[2] for part in still if len(part) > 2}
    assert statuses == {200, 303, 400, 404, 409, 422}  # 303: pages, to sign in.
    for life in (*LIVES, one_answers_over_http):
        moved = {*map(str, still)} ^ {*map(str, await after(life))}
        assert moved == set(), life.__name__


async def answers_over_http(callers: Callers, request: UUID) -> None:
    path, key = f"/v1/feedback-requests/{request}", {"idempotency_key": "one"}
    assert (await callers.get("dwp1", path)).status_code == 200
    draft = await callers.ask("dwp1", "PUT", f"{path}/response", FORM, **key)
    tag = {"if_match": draft.headers["etag"]}
    to = f"{path}/response/submission"
    assert (await callers.ask("dwp1", "POST", to, **tag, **key)).status_code == 204


@pytest.mark.slow
async def test_nothing_moves_either_once_scores_are_computed(after: Lived) -> None:
    still = await after(and_computed(nobody_acts))
    assert await after(and_computed(five_answer)) == still


@pytest.mark.slow
async def test_what_moved_would_be_found(
    after: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken twins: a version, an audit entry, and a live counter in an answer."""
    still = await after(nobody_acts)
    assert await after(the_answer_is_counted_on_the_record) != still
    assert await after(the_answer_is_audited) != still
    presented = pool_out

    async def counting(*arguments: Any, **named: Any) -> PoolOut:
        shown = await presented(*arguments, **named)
        with within_reach(EVERYONE):
            done = await FeedbackRequest.count().where(
                FeedbackRequest.state == "submitted"
            )
        return shown.model_copy(update={"items": shown.items[done:]})

    monkeypatch.setattr(pool_controller, "pool_out", counting)
    assert await after(nobody_acts) == still
    assert await after(one_answers) != still


async def test_the_subjects_hr_system_is_never_told_a_raters_name(
    callers: Callers, scene: Scene, paths: list[str]
) -> None:
    await five_answer(scene)
    read = [await callers.get("hmt", path) for path in paths]
    said = b"".join(answer.content for answer in read if answer.status_code == 200)
    assert str(scene.people["hmt1"]).encode() in said
    for name, person in scene.people.items():
        if not name.startswith(("hmt", "newcomer")):
            assert str(person).encode() not in said
