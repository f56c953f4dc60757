"""What the machine found wrong, step by step, so that it stays right."""

from typing import Any

import httpx

from tests.objectives.machine.departments import Departments
from tests.objectives.machine.saying import body, first_said
from tests.objectives.machine.stepping import REASON


async def asks(
    departments: Departments, name: str, method: str, path: str, **more: Any
) -> httpx.Response:
    """Ask as somebody; `headers` come on top of their token."""
    headers = {**departments.callers[name].headers, **more.pop("headers", {})}
    return await departments.client.request(method, path, headers=headers, **more)


def with_partner(departments: Departments, other: str) -> dict[str, Any]:
    subject = departments.person("hmt.lead")
    partner = departments.person(f"{other}.lead")
    return body(first_said(subject, "hmt", partner, other), departments)


async def is_set(departments: Departments, stage: str) -> str:
    """Set an objective of hmt with dft; return its path."""
    record = departments.records[departments.person("hmt.lead")]
    said = with_partner(departments, "dft") | {"stage": stage}
    path = f"/v1/records/{record}/objectives"
    answer = await asks(departments, "hmt", "POST", path, json=said)
    assert answer.status_code == 201, answer.text
    return f"/v1/objectives/{answer.json()['id']}"


async def test_a_department_dropped_from_a_draft_cannot_tell_it_exists(
    departments: Departments,
) -> None:
    path = await is_set(departments, "draft")
    said = with_partner(departments, "moj") | REASON
    read = {"If-Match": '"1"'}
    changed = await asks(departments, "hmt", "PUT", path, json=said, headers=read)
    assert changed.status_code == 200, changed.text
    put = await asks(departments, "hmt", "POST", f"{path}/proposals")
    assert put.json()["stage"] == "proposed"
    assert [part["organisation"] for part in put.json()["contributions"]] == [
        "hmt",
        "moj",
    ]
    answers = {
        name: (await asks(departments, name, "GET", path)).status_code
        for name in ("moj", "moj.head", "dft", "dft.lead", "dft.head")
    }
    assert answers == {
        "moj": 200,
        "moj.head": 200,
        "dft": 404,
        "dft.lead": 404,
        "dft.head": 404,
    }


async def test_what_was_disputed_when_it_was_withdrawn_stays_so(
    departments: Departments,
) -> None:
    path = await is_set(departments, "proposed")
    disputed = await asks(
        departments, "dft.head", "POST", f"{path}/disputes", json=REASON
    )
    assert disputed.status_code == 201, disputed.text
    withdrawn = await asks(
        departments, "hmt.head", "POST", f"{path}/withdrawal", json=REASON
    )
    (raised,) = (await asks(departments, "hmt", "GET", f"{path}/disputes")).json()
    for name, outcome in (("hmt.head", "kept"), ("dft.head", "dropped")):
        settled = await asks(
            departments,
            name,
            "POST",
            f"{path}/disputes/{raised['id']}/settlement",
            json={"outcome": outcome, "reply": "It is over."},
        )
        assert settled.status_code == 409
        assert settled.json()["type"].endswith("/objective-wrong-stage")
    stands = (await asks(departments, "hmt", "GET", path)).json()
    assert (stands["version"], stands["revision"]) == (
        withdrawn.json()["version"],
        withdrawn.json()["revision"],
    )
