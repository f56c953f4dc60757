"""Every page, as it comes from the server: whole, strict, in few statements."""

import pytest

from service.web.pages import INLINE, policy
from tests.web.counting import MOST, asked
from tests.web.everywhere.conftest import HERE, Hung
from tests.web.everywhere.gallery import BESIDE, NO_PAGE, Visit
from tests.web.everywhere.looking import looking
from tests.web.everywhere.reading import Read, elsewhere, inline, read
from tests.web.everywhere.routing import shown

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
SERVICE = "Joined-up Appraisal"


async def seen(hung: Hung, visit: Visit, **headers: str) -> tuple[int, Read, str]:
    async with looking(hung.app, hung.world, visit) as visitor:
        page = await visitor.get(visit.path, headers=headers)
    found = page.headers.get("content-security-policy", "")
    return page.status_code, read(page.text), found


async def test_nothing_is_missing(hung: Hung) -> None:
    hanging = {each.route for each in hung.visits}
    assert shown(hung.app) - hanging == set()
    assert hanging - shown(hung.app) == BESIDE


async def test_each_is_whole(hung: Hung) -> None:
    wrong = []
    for visit in hung.visits:
        status, page, allowed = await seen(hung, visit)
        if visit.leads or visit.route in NO_PAGE:
            assert status == (303 if visit.leads else 200), visit
            continue
        headings = page.of("h1")
        faults = {
            "status": status != 200,
            "one heading": len(headings) != 1,
            "title": page.of("title")[:1] != [f"{headings[0]} - {SERVICE}"]
            if headings
            else True,
            "language": page.elements[0][1].get("lang") != "en",
            "policy": visit.route not in BESIDE and allowed != policy(),
            "inline": inline(page, INLINE),
            "elsewhere": elsewhere(page.addresses, HERE.partition("//")[2]),
        }
        wrong += [(visit, name, is_) for name, is_ in faults.items() if is_]
    assert wrong == []


async def test_each_takes_few_statements(hung: Hung) -> None:
    many = []
    for visit in hung.visits:
        if visit.leads:
            continue
        async with looking(hung.app, hung.world, visit) as visitor:
            said = await asked(visitor, visit.path)
        if len(said) > MOST:
            many.append((visit.route, visit.who, len(said), said))
    assert [each[:3] for each in many] == [], many


async def test_each_speaks_welsh(hung: Hung) -> None:
    wrong = []
    for visit in hung.visits:
        if visit.leads or visit.route in NO_PAGE:
            continue
        status, page, _ = await seen(hung, visit, **{"accept-language": "cy"})
        if status != 200 or page.elements[0][1].get("lang") != "cy":
            wrong.append((visit, status))
    assert wrong == []
