"""What HR systems see of decisions and appeals: that, by which role, and no more."""

from typing import Any

import httpx
import pytest

from service.edge.conditional import etag_of
from tests.factories import a_token
from tests.scores.deciding.scored import (
    ACCEPTED,
    AMENDED,
    COUNTERSIGNS,
    HR,
    MANAGER,
    NUMBER,
    REJECTED,
    SUBJECT,
    Callers,
)


async def pulled(
    callers: Callers, client: httpx.AsyncClient, code: str = "hmt"
) -> dict[str, Any]:
    score = callers.scored.scores[SUBJECT]
    headers = await a_token(client, code)
    answer = await client.get(f"/v1/scores/{score}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == etag_of(answer.content)
    found: dict[str, Any] = answer.json()
    page = (await client.get("/v1/scores", headers=headers)).json()
    assert found in page["items"]
    return found


async def test_nothing_is_said_before_anybody_decides(
    callers: Callers, client: httpx.AsyncClient
) -> None:
    found = await pulled(callers, client)
    assert (found["decision"], found["under_appeal"]) == (None, False)


@pytest.mark.parametrize("body", [ACCEPTED, AMENDED, REJECTED])
async def test_a_decision_is_shown_with_its_role_and_without_its_person(
    callers: Callers, client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    await callers.decided(**body)
    found = await pulled(callers, client)
    assert found["decision"] == {
        "outcome": body["outcome"],
        "reason": body.get("reason"),
        "by_role": "line_manager",
        "at": "2027-04-01T10:00:00Z",
    }
    assert (found["value"], found["band"]) == (NUMBER["value"], NUMBER["band"])
    assert found["version"] == 2
    assert str(callers.scored.people[MANAGER]) not in str(found)


@pytest.mark.parametrize(
    ("outcome", "stands"),
    [
        ("uphold", False),
        ("partly_uphold", False),
        ("dismiss", True),
        ("withdraw", True),
    ],
)
async def test_it_says_that_it_is_under_appeal_until_that_ends(
    callers: Callers, client: httpx.AsyncClient, outcome: str, *, stands: bool
) -> None:
    await callers.decided()
    appeal = await callers.appealed()
    open_ = await pulled(callers, client)
    assert (open_["under_appeal"], open_["version"]) == (True, 3)
    assert open_["decision"]["outcome"] == "accept"
    await callers.settled(appeal, outcome, by=COUNTERSIGNS)
    ended = await pulled(callers, client)
    assert (ended["under_appeal"], ended["version"]) == (False, 4)
    assert (ended["decision"] is not None) is stands


async def test_no_word_of_an_appeal_or_an_answer_leaves(
    callers: Callers, client: httpx.AsyncClient
) -> None:
    await callers.decided(**AMENDED)
    await callers.settled(await callers.appealed(), "dismiss", by=HR)
    said = str(await pulled(callers, client))
    for word in ("objectives are missing", "read all of it", "Above what"):
        assert word not in said


async def test_what_changed_since_holds_a_score_that_was_decided_on(
    callers: Callers, client: httpx.AsyncClient
) -> None:
    headers = await a_token(client, "hmt")
    since = {"changed_since": "2027-04-01T10:00:00Z"}
    before = await client.get("/v1/scores", params=since, headers=headers)
    assert before.json()["items"] == []
    await callers.decided()
    after = await client.get("/v1/scores", params=since, headers=headers)
    assert [each["id"] for each in after.json()["items"]] == [
        str(callers.scored.scores[SUBJECT])
    ]


async def test_the_record_s_attachment_says_the_same(
    callers: Callers, client: httpx.AsyncClient
) -> None:
    await callers.decided(**REJECTED)
    score = await pulled(callers, client)
    name = f"{score['record']['source_system']}:{score['record']['external_id']}"
    answer = await client.get(
        f"/v1/records/{name}", headers=await a_token(client, "hmt")
    )
    assert answer.json()["decision"] == score["decision"]
    assert answer.json()["score"] == score
