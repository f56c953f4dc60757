"""How a score came about: to whom it is told, and how much to each."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.access.rules import Role
from service.audit.tables import AuditEntry, Disclosure
from service.auth.caller import Scope
from service.db import transaction
from service.directory.tables import ReportingLine
from service.scores.actions import compute, publish
from service.scores.explained.tables import ScoreAccount
from service.scores.rules import State
from service.scores.tables import Score
from service.settings import settings
from service.web.templating import number
from tests.factories import CLOSED, OPERATOR, RELEASED, a_line, a_token
from tests.feedback.over_http import Callers, callers_of, slug
from tests.feedback.results.living import role
from tests.scoring import EXPECTED, KEY, Scene

GROUNDS = {
    "audience", "score", "cycle", "state", "reason", "method", "band", "interval",
    "raters", "coverage",
}  # fmt: skip
"""All that an HR system is told of how a score came about."""
EXPLANATION = GROUNDS | {
    "language", "translation", "notice", "title", "value", "scale", "total", "lines",
    "sentences",
}  # fmt: skip
PARTS = ["service_average", "own_average", "rater_severity", "limited_evidence"]
WITHHELD = """
INSERT INTO feedback_score_review
    (organisation, record, decision, reason, decided_by, decided_at)
VALUES ('hmt', $1, 'withhold', 'One form differs from the rest.', 'operator:a', $2)
"""
BY_STATE = {
    state: [name for name, (found, _) in EXPECTED.items() if found == state]
    for state in ("published", "indicative", "insufficient", "not_eligible")
}


@pytest.fixture(autouse=True)
def after_the_release(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", RELEASED.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def callers(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> Callers:
    """Everybody of the scene with a token of their own, and HR systems."""
    return await callers_of(app, client, scene)


async def path(scene: Scene, name: str) -> str:
    (row,) = await Score.select().where(Score.record == scene.records[name].id)
    return f"/v1/scores/{row['id']}/explanation"


async def read(
    callers: Callers, name: str, of: str, language: str | None = None
) -> dict[str, Any]:
    asked = await path(callers.scene, of)
    if language is not None:
        asked += f"?language={language}"
    answer = await callers.get(name, asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def said(found: dict[str, Any]) -> dict[str, str]:
    return {each["about"]: each["sentence"] for each in found["sentences"]}


async def test_the_subject_and_their_manager_read_the_same_and_it_adds_up(
    callers: Callers, published: Scene
) -> None:
    for name in BY_STATE["published"]:
        found = await read(callers, name, name)
        head = f"{published.records[name].organisation}-head"
        assert await read(callers, head, name) == found
        assert set(found) == EXPLANATION
        assert found["audience"] == "subject_and_manager"
        assert [line["part"] for line in found["lines"]] == PARTS
        figures = [line["figure"] for line in found["lines"]]
        if None not in figures:
            assert sum(figures) == pytest.approx(found["total"], abs=1e-9)
            assert 25 * (found["total"] - 1) == pytest.approx(found["value"], abs=1.3)
        low, high = found["interval"]["low"], found["interval"]["high"]
        lies = f"would most likely be between {number(low)} and {number(high)}"
        assert lies in said(found)["interval"]
        assert "not corrected for" in found["lines"][2]["sentence"]


async def test_to_everybody_else_there_is_no_such_score(
    callers: Callers, published: Scene
) -> None:
    await role(published.people["hmt6"], Role.HR_ADMINISTRATOR, "hmt")
    await role(published.people["hmt5"], Role.TEXT_MODERATOR, "hmt")
    await role(published.people["hmt4"], Role.CENTRAL_TEAM, "hmt")
    here, nowhere = await path(published, "hmt1"), f"/v1/scores/{uuid4()}/explanation"
    for name in ("hmt2", "hmt4", "hmt5", "hmt6", "dwp1", "dwp-head", "dwp"):
        told, unknown = await callers.get(name, here), await callers.get(name, nowhere)
        assert (told.status_code, slug(told)) == (404, "not-found"), name
        assert told.json().keys() == unknown.json().keys()
        assert told.json()["title"] == unknown.json()["title"]


async def test_before_it_is_published_nobody_is_told_anything(
    callers: Callers, scene: Scene
) -> None:
    here = await path(scene, "hmt1")
    for name in ("hmt1", "hmt-head", "hmt"):
        answer = await callers.get(name, here)
        assert (answer.status_code, slug(answer)) == (404, "not-found"), name


async def test_the_manager_is_whoever_it_is_on_the_day(
    callers: Callers, published: Scene
) -> None:
    subject, new = published.people["hmt1"], published.people["hmt2"]
    here, today = await path(published, "hmt1"), RELEASED.date()
    await ReportingLine.update({ReportingLine.valid_to: today}).where(
        ReportingLine.person == subject
    )
    await a_line(subject, new, "hmt", since=today)
    assert (await callers.get("hmt2", here)).status_code == 200
    assert (await callers.get("hmt-head", here)).status_code == 404


async def test_an_hr_system_reads_method_interval_bands_and_coverage_and_no_more(
    callers: Callers, published: Scene
) -> None:
    for name in EXPECTED:
        code = published.records[name].organisation
        found = await read(callers, code, name)
        assert set(found) == GROUNDS
        assert found["audience"] == "hr_system"
        score = (await callers.get(code, f"/v1/scores/{found['score']}")).json()
        for key in GROUNDS - {"audience", "score", "coverage"}:
            assert found[key] == score[key], key
        assert found["coverage"] == [
            {"component": part["name"], "coverage": part["coverage"]}
            for part in score["components"]
        ]


async def test_what_an_hr_system_reads_is_a_disclosure(
    callers: Callers, published: Scene
) -> None:
    await read(callers, "hmt", "hmt1")
    rows = await Disclosure.select().where(Disclosure.what == "explanation")
    assert [row["people"] for row in rows] == [[published.people["hmt1"]]]


async def test_an_hr_system_needs_the_scope_for_scores(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt", scopes=[Scope.RECORDS_READ])
    answer = await client.get(await path(published, "hmt1"), headers=headers)
    assert (answer.status_code, slug(answer)) == (403, "insufficient-scope")


async def test_a_band_without_a_number_is_for_subject_and_manager_alone(
    callers: Callers, published: Scene
) -> None:
    for name in BY_STATE["indicative"]:
        code = published.records[name].organisation
        found = await read(callers, name, name)
        assert await read(callers, f"{code}-head", name) == found
        kept = await ScoreAccount.select().where(
            ScoreAccount.record == published.records[name].id
        )
        assert found["band"] == kept[0]["band"]
        assert said(found)["band"]
        assert [found[key] for key in ("value", "interval", "total", "raters")] == (
            [None] * 4
        )
        assert found["lines"] == []
        assert (await read(callers, code, name))["band"] is None
        (item,) = (
            await callers.get(code, f"/v1/people/{published.people[name]}/scores")
        ).json()["items"]
        assert item["band"] is None


@pytest.mark.parametrize("state", ["insufficient", "not_eligible"])
async def test_without_anything_to_show_it_is_said_why(
    callers: Callers, published: Scene, state: str
) -> None:
    for name in BY_STATE[state]:
        found = await read(callers, name, name)
        assert (found["state"], found["reason"]) == EXPECTED[name]
        assert [*said(found)] == ["state", "reason"]
        assert found["lines"] == []
        figures = ("value", "band", "interval", "total", "raters")
        assert [found[key] for key in figures] == [None] * 5


async def test_what_is_withheld_in_review_is_not_explained(
    callers: Callers, scene: Scene
) -> None:
    async with transaction() as connection:
        await connection.execute(WITHHELD, scene.records["hmt1"].id, RELEASED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    found = await read(callers, "hmt1", "hmt1")
    assert found["state"] == State.WITHHELD
    assert [*said(found)] == ["state"]
    assert found["lines"] == []
    figures = ("value", "band", "interval", "total", "raters")
    assert [found[key] for key in figures] == [None] * 5


async def test_raters_are_described_as_a_group_where_the_method_corrects_for_it(
    callers: Callers, scene: Scene
) -> None:
    await compute(scene.cycle, method="crossed", key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    for name in BY_STATE["published"]:
        found = await read(callers, name, name)
        assert found["method"]["name"] == "crossed"
        severity = found["lines"][2]
        assert severity["sentence"].startswith("As a group, these colleagues are ")
        assert severity["figure"] == round(severity["figure"], 1)


async def test_it_is_said_in_welsh_as_well_as_a_draft(
    callers: Callers, published: Scene
) -> None:
    english = await read(callers, "hmt1", "hmt1", "en")
    welsh = await read(callers, "hmt1", "hmt1", "cy")
    assert (english["notice"], english["translation"]) == ("", "original")
    assert "drafft" in welsh["notice"]
    for one, other in zip(english["lines"], welsh["lines"], strict=True):
        assert one["figure"] == other["figure"]
        assert one["sentence"] != other["sentence"]
    assert said(english).keys() == said(welsh).keys()
    assert english == await read(callers, "hmt1", "hmt1")
    refused = await callers.get("hmt1", await path(published, "hmt1") + "?language=fr")
    assert refused.status_code == 422


async def test_reading_it_stands_in_the_audit(
    callers: Callers, published: Scene
) -> None:
    found = await read(callers, "hmt-head", "hmt1")
    rows = await AuditEntry.select().where(AuditEntry.entity == "explanation")
    assert [(row["actor"], row["action"], row["entity_id"]) for row in rows] == [
        (f"person:{published.people['hmt-head']}", "read", found["score"])
    ]


async def test_no_explanation_names_a_rater_or_says_how_many_there_were(
    callers: Callers, published: Scene
) -> None:
    raters = {str(id_) for id_ in published.people.values()}
    for name in EXPECTED:
        answer = await callers.get(name, await path(published, name))
        assert not [id_ for id_ in raters if id_ in answer.text]
        if answer.json()["raters"]:
            assert set(answer.json()["raters"]) == {"band", "organisations"}
