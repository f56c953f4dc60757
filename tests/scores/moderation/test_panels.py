"""Panels over HTTP: opened, named, seen by whom, and what they may do."""

from uuid import UUID, uuid4

import pytest

from service.db import transaction
from service.scores.moderation import queries
from service.scores.moderation.rules import JudgementStage
from tests.factories import a_token
from tests.feedback.over_http import slug
from tests.scores.moderation.sitting import (
    LOCAL,
    OVERALL,
    PANELS,
    PUBLISHED,
    WHY,
    House,
    Sitting,
    judged,
)


def judgements(house: House, name: str) -> str:
    return f"/v1/records/{house.records[name].id}/judgements"


async def test_the_line_manager_judges_and_the_last_word_counts(
    sitting: Sitting, house: House
) -> None:
    for level in ("achieving", "high-performing"):
        body = {"level": level, "reason": WHY}
        made = await sitting.ask("s1", "POST", judgements(house, "p1"), body)
        assert made.status_code == 201, made.text
    shown = await sitting.got("s1", f"/v1/records/{house.records['p1'].id}/moderation")
    assert [(e["number"], e["level"]) for e in shown["judgements"]] == [
        (1, "achieving"),
        (2, "high-performing"),
    ]
    assert {e["stage"] for e in shown["judgements"]} == {"end_year"}


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("p1", 403, "judgement-not-yours"),
        ("hr", 403, "judgement-not-yours"),
        ("s2", 404, "not-found"),
        ("dwp-head", 404, "not-found"),
    ],
)
async def test_nobody_else_judges(
    sitting: Sitting, house: House, name: str, status: int, problem: str
) -> None:
    body = {"level": "achieving", "reason": WHY}
    got = await sitting.ask(name, "POST", judgements(house, "p1"), body)
    assert (got.status_code, slug(got)) == (status, problem)


async def test_a_judgement_has_a_level_of_the_scale_and_a_reason_in_its_time(
    sitting: Sitting, house: House
) -> None:
    for body, problem in (
        ({"level": "splendid", "reason": WHY}, "moderation-level-unknown"),
        ({"level": "achieving", "reason": " "}, "invalid"),
        ({"level": "achieving"}, "invalid"),
    ):
        got = await sitting.ask("s1", "POST", judgements(house, "p1"), body)
        assert (got.status_code, slug(got)) == (422, problem)
    sitting.at(LOCAL)
    got = await sitting.ask(
        "s1", "POST", judgements(house, "p1"), {"level": "achieving", "reason": WHY}
    )
    assert (got.status_code, slug(got)) == (409, "moderation-not-now")


async def test_a_panel_keeps_before_after_and_reason_and_what_the_manager_judged(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    local = await sitting.panel("s2", "s3", grade="SCS1")
    overall = await sitting.panel("head", "s3", level="overall")
    sitting.at(LOCAL)
    got = await sitting.moderate("s2", local, "p1", "achieving", "high-performing")
    assert got.status_code == 201, got.text
    sitting.at(OVERALL)
    got = await sitting.moderate("s3", overall, "p1", "high-performing", "exceeding")
    assert got.status_code == 201, got.text
    path = f"/v1/records/{house.records['p1'].id}/moderation"
    shown = await sitting.got("s1", path)
    assert [each["level"] for each in shown["judgements"]] == ["achieving"]
    assert [
        (e["number"], e["panel_level"], e["before"], e["after"], e["reason"])
        for e in shown["events"]
    ] == [
        (1, "local", "achieving", "high-performing", WHY),
        (2, "overall", "high-performing", "exceeding", WHY),
    ]
    assert shown["events"][0]["recorded_by"] == str(house.people["s2"])
    (mine,) = (await sitting.got("s2", f"{PANELS}/{local}/events"))["items"]
    assert mine["id"] == shown["events"][0]["id"]


async def test_no_score_changes_and_the_audit_tells_no_level(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    panel = await sitting.panel("s2", "s3", grade="SCS1")
    sitting.at(LOCAL)
    await sitting.moderate("s2", panel, "p1", "achieving", "exceeding")
    async with transaction() as connection:
        assert await connection.fetchval("SELECT count(*) FROM score") == 0
        entries = await connection.fetch(
            "SELECT action, after::text, reason FROM audit_entry"
            " WHERE entity IN ('moderation_panel', 'appraisal_record')"
        )
    said = str([tuple(entry) for entry in entries])
    assert {"judge", "open", "name member", "moderate"} <= {
        e["action"] for e in entries
    }
    assert "exceeding" not in said
    assert "achieving" not in said


@pytest.mark.parametrize(
    ("member", "subject", "why"),
    [
        ("s1", "p1", "yours"),
        ("s2", "s2", "own record"),
        ("s2", "head", "answer to"),
        ("s2", "s3", "moderated with"),
    ],
)
async def test_who_is_too_close_is_refused_and_told_why(
    sitting: Sitting, house: House, member: str, subject: str, why: str
) -> None:
    if subject != "head":  # Nobody is above the head to judge them.
        await judged(house, subject, "achieving")
    panel = await sitting.panel(member, "head", level="overall")
    sitting.at(OVERALL)
    got = await sitting.moderate(member, panel, subject, "achieving", "exceeding")
    assert (got.status_code, slug(got)) == (403, "moderation-too-close")
    assert why in got.json()["detail"]


async def test_a_member_is_not_shown_what_they_are_too_close_to(
    sitting: Sitting, house: House
) -> None:
    for name in ("p1", "p3", "s1", "s2"):
        await judged(house, name, "achieving")
    panel = await sitting.panel("s2", "s3", level="overall")
    items = (await sitting.got("s2", f"{PANELS}/{panel}/records"))["items"]
    shown = {each["person"]: each for each in items}
    names = {name for name, id_ in house.people.items() if str(id_) in shown}
    assert names == {"p1", "p2", "p3", "p4", "hr"}
    p1, p2, p3 = (shown[str(house.people[name])] for name in ("p1", "p2", "p3"))
    assert (p1["judged"], p1["stands"], p1["may_moderate"]) == (
        "achieving",
        "achieving",
        True,
    )
    assert (p2["judged"], p2["stands"]) == (None, None)
    assert p3["may_moderate"] is False  # It is s2's own judgement.


async def test_a_local_panel_has_its_grade_and_unit_alone(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "s1", "achieving")
    panel = await sitting.panel("head", "p1", grade="SCS2")
    items = (await sitting.got("head", f"{PANELS}/{panel}/records"))["items"]
    there = {each["person"] for each in items}
    names = {name for name, id_ in house.people.items() if str(id_) in there}
    assert names == {"s1", "s2", "s3"}
    sitting.at(LOCAL)
    got = await sitting.moderate("head", panel, "p1", "achieving", "exceeding")
    assert (got.status_code, slug(got)) == (404, "not-found")
    other = await sitting.panel("head", "p1", grade="SCS2", unit="Another unit")
    assert (await sitting.got("head", f"{PANELS}/{other}/records"))["items"] == []


async def test_what_the_panel_did_not_see_it_does_not_moderate(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    panel = await sitting.panel("s2", "s3", grade="SCS1")
    sitting.at(LOCAL)
    assert (
        await sitting.moderate("s2", panel, "p1", "achieving", "achieving")
    ).status_code == 201  # Confirmed.
    await sitting.moderate("s3", panel, "p1", "achieving", "exceeding")
    for before, after, status, problem in (
        ("achieving", "exceeding", 409, "moderation-superseded"),
        ("exceeding", "splendid", 422, "moderation-level-unknown"),
    ):
        got = await sitting.moderate("s2", panel, "p1", before, after)
        assert (got.status_code, slug(got)) == (status, problem)
    got = await sitting.moderate("s2", panel, "p2", "achieving", "exceeding")
    assert (got.status_code, slug(got)) == (409, "moderation-not-judged")


async def test_of_two_members_at_once_one_is_told_to_look_again(
    sitting: Sitting, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await judged(house, "p1", "achieving")
    panel = await sitting.panel("s2", "s3", grade="SCS1")
    sitting.at(LOCAL)
    seen = await queries.standing_at([house.records["p1"].id], JudgementStage.END_YEAR)

    async def as_both_saw_it(*_: object) -> dict[UUID, queries.Stands]:
        return seen

    monkeypatch.setattr(queries, "standing_at", as_both_saw_it)
    first, second = [
        await sitting.moderate(member, panel, "p1", "achieving", "exceeding")
        for member in ("s2", "s3")
    ]
    assert first.status_code == 201
    assert (second.status_code, slug(second)) == (409, "moderation-superseded")


async def test_panels_sit_in_their_own_stage_and_never_alone(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    local = await sitting.panel("s2", "s3", grade="SCS1")
    overall = await sitting.panel("s2", level="overall")
    for panel, now, problem in (
        (local, OVERALL, "moderation-not-now"),
        (overall, OVERALL, "moderation-panel-too-small"),
    ):
        sitting.at(now)
        got = await sitting.moderate("s2", panel, "p1", "achieving", "exceeding")
        assert (got.status_code, slug(got)) == (409, problem)


async def test_an_administrator_names_others_of_their_organisation_until_a_date(
    sitting: Sitting, house: House
) -> None:
    panel = await sitting.panel("s2", grade="SCS1")
    for member, until, problem in (
        ("hr", "2028-01-01", "role-to-oneself"),
        ("s3", "2027-01-01", "term-invalid"),
        ("dwp-head", "2028-01-01", "moderation-member-elsewhere"),
        ("s2", "2028-01-01", "moderation-member-already"),
    ):
        got = await sitting.name(panel, member, until=until)
        assert slug(got) == problem, member
    (shown,) = (await sitting.got("hr", PANELS))["items"]
    assert [m["person"] for m in shown["members"]] == [str(house.people["s2"])]


async def test_a_member_whose_term_is_over_or_ended_is_none(
    sitting: Sitting, house: House
) -> None:
    panel = await sitting.panel("s2", grade="SCS1")
    await sitting.name(panel, "s3", until="2027-05-01")
    sitting.at(LOCAL)
    assert (
        await sitting.ask("s3", "GET", f"{PANELS}/{panel}/records")
    ).status_code == 404
    assert (await sitting.name(panel, "s3")).status_code == 204
    assert (
        await sitting.ask("s3", "GET", f"{PANELS}/{panel}/records")
    ).status_code == 200
    ended = f"{PANELS}/{panel}/members/{house.people['s3']}"
    assert (await sitting.ask("hr", "DELETE", ended)).status_code == 204
    assert (await sitting.ask("hr", "DELETE", ended)).status_code == 404
    assert (
        await sitting.ask("s3", "GET", f"{PANELS}/{panel}/records")
    ).status_code == 404


async def test_whoever_left_the_organisation_makes_no_panel_of_two(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    panel = await sitting.panel("head", "s3", level="overall")
    async with transaction() as connection:
        await connection.execute(
            "UPDATE posting SET valid_to = '2027-05-01' WHERE person = $1",
            house.people["s3"],
        )
    sitting.at(OVERALL)
    got = await sitting.moderate("head", panel, "p1", "achieving", "exceeding")
    assert (got.status_code, slug(got)) == (409, "moderation-panel-too-small")
    (shown,) = (await sitting.got("hr", PANELS))["items"]
    assert [m["person"] for m in shown["members"]] == [str(house.people["head"])]


async def test_one_panel_a_level_and_the_parts_fit_it(
    sitting: Sitting, house: House
) -> None:
    await sitting.panel(grade="SCS1")
    body = {"cycle": str(house.cycle), "level": "local", "grade": "SCS1"}
    got = await sitting.ask("hr", "POST", PANELS, body)
    assert (got.status_code, slug(got)) == (409, "moderation-panel-exists")
    for wrong in ({"level": "local", "grade": None}, {"level": "overall"}):
        got = await sitting.ask("hr", "POST", PANELS, {**body, **wrong})
        assert got.status_code == 422
    got = await sitting.ask("hr", "POST", PANELS, {**body, "cycle": str(uuid4())})
    assert got.status_code == 404


async def test_others_cannot_tell_that_a_panel_is_there(
    sitting: Sitting, house: House
) -> None:
    panel = await sitting.panel("s2", "s3", grade="SCS1")
    for name in ("p1", "dwp1", "head"):
        assert (await sitting.got(name, PANELS))["items"] == []
        for kind in ("records", "events"):
            got = await sitting.ask(name, "GET", f"{PANELS}/{panel}/{kind}")
            nothing = await sitting.ask(name, "GET", f"{PANELS}/{uuid4()}/{kind}")
            assert (got.status_code, slug(got)) == (404, "not-found")
            assert nothing.status_code == 404
    got = await sitting.name(panel, "dwp-head", by="dwp1")
    assert (got.status_code, slug(got)) == (404, "not-found")
    assert (await sitting.ask("p1", "POST", PANELS, {})).status_code == 403
    # An administrator who is not on it sees it, and not what is before it.
    assert (
        await sitting.ask("hr", "GET", f"{PANELS}/{panel}/records")
    ).status_code == 404


async def test_a_machine_is_served_nothing_of_it(
    sitting: Sitting, house: House
) -> None:
    panel = await sitting.panel("s2", grade="SCS1")
    machine = await a_token(sitting.client, "hmt")
    record = house.records["p1"].id
    for path in (
        PANELS,
        f"{PANELS}/{panel}/records",
        f"/v1/records/{record}/moderation",
    ):
        got = await sitting.client.get(path, headers=machine)
        assert (got.status_code, slug(got)) == (403, "wrong-caller")


async def test_the_subject_is_told_once_it_is_published(
    sitting: Sitting, house: House
) -> None:
    await judged(house, "p1", "achieving")
    path = f"/v1/records/{house.records['p1'].id}/moderation"
    got = await sitting.ask("p1", "GET", path)
    assert (got.status_code, slug(got)) == (409, "moderation-not-yet-told")
    assert (await sitting.ask("p2", "GET", path)).status_code == 404
    sitting.at(PUBLISHED)
    shown = await sitting.got("p1", path)
    assert [each["level"] for each in shown["judgements"]] == ["achieving"]
