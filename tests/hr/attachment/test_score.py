"""The collaboration score on a record: none before its day, and nothing moves."""

from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.records.tables import AppraisalRecord
from service.scores.actions import compute, publish
from tests.factories import CLOSED, IN_THE_YEAR, OPERATOR, RELEASED, a_token
from tests.objectives.asking import People, people_of
from tests.scoring import KEY, REST, Scene, an_asked_cycle, give


@pytest.fixture
async def scene(db: None) -> Scene:
    """Everybody is asked, and nobody has answered."""
    return await an_asked_cycle()


@pytest.fixture
async def people(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> People:
    return await people_of(app, client)


async def test_no_answer_moves_a_byte_and_then_the_score_is_the_one_that_is_published(
    client: httpx.AsyncClient, scene: Scene, people: People
) -> None:
    record = f"/v1/records/{scene.records['hmt1'].id}"
    token = await a_token(client, "hmt")
    subject = (scene.people["hmt1"], "hmt")
    head = (scene.people["hmt-head"], "hmt")

    async def seen() -> list[bytes]:
        answers = [
            await client.get(record, headers=token),
            await people.ask(subject, "GET", record),
            await people.ask(head, "GET", record),
        ]
        assert [answer.status_code for answer in answers] == [200] * 3
        return [answer.content for answer in answers]

    before = await seen()
    assert b'"score":null,"decision":null' in before[0]
    for rater in REST:
        await give(scene, rater, "hmt1")
        assert await seen() == before, rater
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    assert await seen() == before, "computed is not published"

    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    found = (await client.get(record, headers=token)).json()
    published = await client.get(found["links"]["score"], headers=token)
    assert published.status_code == 200
    assert found["score"] == published.json()
    assert found["score"]["record"]["external_id"] == found["external_id"]
    theirs = (await people.ask(subject, "GET", record)).json()
    assert theirs["score"] == found["score"]
    assert theirs["links"]["score"] is None, "scores are served to HR systems"
    assert await score_of_another_record(client, scene, token) is None


async def score_of_another_record(
    client: httpx.AsyncClient, scene: Scene, token: dict[str, str]
) -> object:
    """The score on a record that the same person has in a second HR system."""
    other = uuid4()
    await AppraisalRecord.insert(
        AppraisalRecord(
            organisation="hmt",
            id=other,
            cycle=scene.cycle,
            person=scene.people["hmt1"],
            source="oracle",
            external_id="1",
            attached_at=IN_THE_YEAR,
            version=1,
        )
    )
    answer = await client.get(f"/v1/records/{other}", headers=token)
    assert answer.status_code == 200, answer.text
    return answer.json()["score"]
