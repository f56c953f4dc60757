"""security.md 37: whatever a form or an address is made to say, nothing fails."""

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest

from tests.factories import IN_THE_YEAR
from tests.scores.moderation.sitting import OVERALL
from tests.web.everywhere.conftest import Hung
from tests.web.everywhere.gallery import Visit
from tests.web.everywhere.looking import looking
from tests.web.everywhere.scene import AFTER, THIRD_OPEN, World
from tests.web.visiting import Fields

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
FAR = "31/12/9999"
HUGE = "9" * 30
NOBODY = "6d701f78-1338-407c-8f97-1a011a9958d1"
FAILED = 500
Sent = tuple[str, datetime, str, Fields | None]
"""By whom, when, where to, and what; None: an address alone."""


def addresses(world: World) -> Iterator[Sent]:
    after = f"after={NOBODY}"
    for asked in (
        f"?before={HUGE}",
        f"?until={FAR}",
        "?since=1/1/0001",
        f"/disclosures?at=0001-01-01T00:00:00%2B14:00&{after}",
        f"/disclosures?at=9999-12-31T23:59:59-14:00&{after}",
        f"/disclosures?at=2027-01-01T00:00:00&{after}",
    ):
        yield "auditor", AFTER, f"/audit{asked}", None
    for year in ("9" * 5000, "%C2%B2", "%D9%A2%D9%A0%D9%A2%D9%A7", "0"):
        asked = f"framework=uk-scs-2025&year={year}"
        yield "hr", AFTER, f"/hr/cycles/new?{asked}", None
    yield "hmt-head", AFTER, "/directory?q=%25&after=x", None
    yield "hmt-head", IN_THE_YEAR, "/objectives/new?record=::", None


def forms(world: World) -> Iterator[Sent]:
    things, on = world.things, world.first.records["hmt1"].id
    whom = str(world.people["hmt3"])
    role = {"person": whom, "role": "text_moderator", "until": FAR}
    yield "hr", AFTER, "/hr/roles/new", role
    panel = f"/moderation/panels/{things['panel']}"
    yield "hr", OVERALL, f"{panel}/members/new", {"person": whom, "until": FAR}
    event = {"before": "x" * 5000, "after": "achieving", "reason": "Why."}
    yield "dpo", OVERALL, f"{panel}/records/{on}", event
    dates = f"/hr/cycles/{world.year(world.third).cycle}"
    yield "hr", THIRD_OPEN, f"{dates}/extend-feedback", {"closes": FAR}
    yield "hr", THIRD_OPEN, f"{dates}/dates", {"version": HUGE, "archived": FAR}
    pool = f"/records/{world.year(world.third).records['hmt4'].id}/raters"
    for somebody in ("-" * 36, "0" * 36, str(UUID(int=0))):
        yield "hmt-head", THIRD_OPEN, pool, {"people": f"hmt:{somebody}"}
    reply = {"text": "Fair.", "version": HUGE}
    yield "hmt1", AFTER, f"/records/{on}/results/reply", reply
    decided = {"outcome": "accept", "version": HUGE}
    yield "hmt-head", AFTER, f"/records/{on}/decision", decided


async def test_no_address_and_no_form_fails(hung: Hung) -> None:
    failed = []
    for who, at, path, fields in [*addresses(hung.world), *forms(hung.world)]:
        async with looking(hung.app, hung.world, Visit("", path, who, at)) as visitor:
            answer = await (
                visitor.get(path) if fields is None else visitor.post(path, fields)
            )
        if answer.status_code >= FAILED:
            failed.append((path[:90], fields))
    assert failed == []


@pytest.mark.parametrize(
    "owner", ["nobody", " ", NOBODY, f"{NOBODY} x", "{apart}", "{hmt1} {hmt1}"]
)
async def test_who_is_accountable_is_chosen_from_the_page(
    hung: Hung, owner: str
) -> None:
    path = f"/objectives/{hung.world.things['draft']}/shares"
    chosen = owner.format_map({k: str(v) for k, v in hung.world.people.items()})
    visit = Visit("", path, "hmt-head", IN_THE_YEAR)
    async with looking(hung.app, hung.world, visit) as visitor:
        revision = re.findall(
            r'name="revision" value="(\d+)"', (await visitor.get(path)).text
        )
        fields = {
            "revision": revision[0],
            "share_0": "60",
            "commitment_0": "Analysts",
            "share_1": "40",
            "role_1": "major",
            "commitment_1": "Data",
            "owner": chosen,
        }
        answer = await visitor.post(path, fields)
    assert answer.status_code == 422
    assert 'href="#owner"' in answer.text or "accountable" in answer.text
