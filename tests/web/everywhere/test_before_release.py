"""security.md 13: 'nothing visible to appraisee, manager or HR changes when a rater
acts before close', on any page there is.
"""

import re
from datetime import timedelta

import pytest

from tests.feedback.stored import request_of
from tests.scoring import undone
from tests.web.everywhere.conftest import Hung
from tests.web.everywhere.gallery import NO_PAGE, Visit
from tests.web.everywhere.looking import looking
from tests.web.everywhere.scene import THIRD_OPEN, World
from tests.web.feedback.rating import WHOLE
from tests.web.visiting import visiting

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
OTHERS = ("hmt1", "hmt-head", "hmt2", "hr", "dpo", "auditor", "moderator", "officer")
"""The subject, their line manager, a colleague, officers of theirs and another's."""
LOOKED = THIRD_OPEN + timedelta(minutes=20)
OURS = (
    (r'name="_csrf" value="[^"]*"', "a form's token"),
    (r'app-words">[0-9a-f]{32}', "a request's number"),
    (r"before=\d+", "a place in the audit"),
)
"""What differs each time, and why."""
Seen = dict[tuple[str, str], tuple[int, str, dict[str, str]]]


def paths(hung: Hung) -> list[str]:
    world = hung.world
    there = {
        each.path for each in hung.visits if each.who and each.route not in NO_PAGE
    }
    year = world.year(world.third)
    on = year.records["hmt1"].id
    return [
        *sorted(there),
        *(f"/records/{on}{part}" for part in ("", "/results", "/raters", "/decision")),
        f"/moderation/records/{on}",
        f"/hr/progress?cycle={year.cycle}",
        f"/hr/progress?cycle={year.cycle}&unit=Policy",
        f"/audit?thing={on}",
        *(f"/audit?who={world.people[name]}" for name in ("dwp1", "moj1", "dft1")),
        f"/audit/disclosures?person={world.people['dwp1']}",
    ]


async def seen(hung: Hung) -> Seen:
    found: Seen = {}
    for who in OTHERS:
        visit = Visit("", "", who, LOOKED)
        async with looking(hung.app, hung.world, visit) as visitor:
            for path in paths(hung):
                answer = await visitor.get(path)
                text = answer.text
                for pattern, why in OURS:
                    text = re.sub(pattern, why, text)
                headers = {
                    name: value
                    for name, value in answer.headers.items()
                    if name not in {"x-request-id", "set-cookie", "ratelimit"}
                }
                found[who, path] = (answer.status_code, text, headers)
    return found


async def raters_act(hung: Hung, world: World) -> None:
    """One sends, one saves, one declines, one asks for a code and mistypes it."""
    world.at(THIRD_OPEN)
    for rater, step, more in (
        ("dwp1", "", {**WHOLE, "action": "send", "looked": "true", "version": "1"}),
        ("dft2", "", {**WHOLE, "action": "save"}),
        ("dft1", "/decline", {"reason": "We are too close."}),
    ):
        request = await request_of(world.year(world.third), rater, "hmt1")
        code = world.organisations[rater]
        async with visiting(world.people[rater], code, app=hung.app) as visitor:
            await visitor.get("/")
            await visitor.get(f"/feedback/{request}")
            answer = await visitor.post(f"/feedback/{request}{step}", more)
        assert answer.status_code == 303, answer.text
    async with visiting(None, app=hung.app) as visitor:
        link = f"/feedback-links/{world.things['token']}"
        assert (await visitor.post(f"{link}/codes", {})).status_code == 303
        assert (await visitor.post(f"{link}/code", {"code": "0"})).status_code == 422


async def test_no_page_of_others_moves_when_raters_act(hung: Hung) -> None:
    async with undone():
        before = await seen(hung)
    async with undone():
        await raters_act(hung, hung.world)
        after = await seen(hung)
    assert len(before) > 800
    assert {key for key in before if before[key] != after[key]} == set()
