"""Vetoes and objections, until the draw; and what whoever draws is told."""

from uuid import UUID, uuid4

import pytest

from service.directory.tables import PersonDetails
from service.feedback.tables import Nomination
from service.settings import settings
from tests.factories import CLOSED, a_person
from tests.feedback.over_http import Callers, an_administrator, slug
from tests.feedback.pooled import (
    HEADS,
    by_id,
    drawn,
    drawn_ids,
    emails,
    path_of,
    propose,
)
from tests.scoring import REST, Scene


async def test_whom_the_manager_vetoes_is_not_drawn_and_both_see_why(
    pool: Callers, wide: Scene
) -> None:
    added = await propose(pool, by_id(wide, *REST))
    mine = {UUID(item["person"]): item["id"] for item in added}
    path = f"{path_of(wide)}/{mine[wide.people['dft1']]}"
    reason = {"reason": "They bid against each other."}
    own = await pool.ask("fresh", "POST", f"{path}/veto", reason)
    assert (own.status_code, slug(own)) == (403, "feedback-not-your-part")
    none = await pool.ask("hmt-head", "POST", f"{path}/veto", {"reason": " "})
    assert (none.status_code, slug(none)) == (422, "feedback-no-reason")
    vetoed = await pool.ask("hmt-head", "POST", f"{path}/veto", reason)
    assert (vetoed.status_code, vetoed.json()["state"]) == (201, "vetoed")
    assert vetoed.json()["reason"] == reason["reason"]
    twice = await pool.ask("hmt-head", "POST", f"{path}/veto", reason)
    assert (twice.status_code, slug(twice)) == (409, "feedback-wrong-state")
    assert await drawn(wide) == set(REST) - {"dft1"}


async def test_who_was_vetoed_does_not_come_back_by_another_name(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, *REST[:4]))
    (by_address,) = await propose(pool, await emails(wide, "dft1"))
    (by_name,) = await propose(pool, by_id(wide, "dft2"))
    for item in (by_address, by_name):
        path = f"{path_of(wide)}/{item['id']}/veto"
        answer = await pool.ask("hmt-head", "POST", path, {"reason": "Rivals."})
        assert answer.status_code == 201
    await propose(pool, by_id(wide, "dft1"))
    await propose(pool, await emails(wide, "dft2"))
    assert await drawn(wide) == set(REST[:4])


async def a_second_account(wide: Scene) -> UUID:
    """Of `dft1`: another person to the register, and the same mailbox."""
    second = await a_person("dft")
    for person, email in (
        (wide.people["dft1"], "sam.jones@dft.example"),
        (second, "samjones+2@dft.example"),
    ):
        await PersonDetails.update({PersonDetails.email: email}).where(
            PersonDetails.person == person
        )
    return second


async def veto(pool: Callers, wide: Scene, nomination: str) -> None:
    path = f"{path_of(wide)}/{nomination}/veto"
    answer = await pool.ask("hmt-head", "POST", path, {"reason": "Rivals."})
    assert answer.status_code == 201


async def test_whom_the_manager_vetoed_is_not_drawn_by_a_second_account(
    pool: Callers, wide: Scene
) -> None:
    second = await a_second_account(wide)
    added = await propose(pool, by_id(wide, *REST))
    other = {"organisation": "dft", "person": {"id": str(second)}}
    await propose(pool, {"people": [other]})
    mine = {UUID(item["person"]): item["id"] for item in added}
    await veto(pool, wide, mine[wide.people["dft1"]])
    assert not {wide.people["dft1"], second}.intersection(await drawn_ids(wide))


async def test_whom_the_manager_vetoed_is_not_drawn_by_another_form_of_the_address(
    pool: Callers, wide: Scene
) -> None:
    await a_second_account(wide)
    await propose(pool, by_id(wide, *REST))
    (item,) = await propose(pool, {"people": [{"email": "samjones@dft.example"}]})
    await veto(pool, wide, item["id"])
    assert wide.people["dft1"] not in await drawn_ids(wide)


async def test_the_subject_objects_to_one_colleague(pool: Callers, wide: Scene) -> None:
    added = await propose(pool, by_id(wide, *REST), "hmt-head")
    first, second = (f"{path_of(wide)}/{item['id']}/objection" for item in added[:2])
    reason = {"reason": "We are in dispute."}
    managers = await pool.ask("hmt-head", "POST", first, reason)
    assert (managers.status_code, slug(managers)) == (403, "feedback-not-your-part")
    objected = await pool.ask("fresh", "POST", first, reason)
    assert (objected.status_code, objected.json()["state"]) == (201, "objected")
    again = await pool.ask("fresh", "POST", second, reason)
    assert (again.status_code, slug(again)) == (409, "feedback-objected-already")
    out = wide.name_of(UUID(added[0]["person"]))
    assert await drawn(wide) == set(REST) - {out}


async def test_after_the_draw_nothing_of_the_pool_changes(
    pool: Callers, wide: Scene
) -> None:
    added = await propose(pool, by_id(wide, *REST))
    await drawn(wide)
    path, reason = f"{path_of(wide)}/{added[0]['id']}", {"reason": "Too late."}
    for who, to, body in (
        ("fresh", path_of(wide), by_id(wide, "dwp-head")),
        ("hmt-head", f"{path}/veto", reason),
        ("fresh", f"{path}/objection", reason),
    ):
        answer = await pool.ask(who, "POST", to, body)
        assert (answer.status_code, slug(answer)) == (409, "feedback-already-drawn")


async def test_once_the_window_has_closed_nothing_of_the_pool_changes(
    pool: Callers, wide: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = await propose(pool, by_id(wide, *REST))
    monkeypatch.setenv("JOINEDUP_NOW", CLOSED.isoformat())
    settings.cache_clear()
    path = f"{path_of(wide)}/{added[0]['id']}/veto"
    answer = await pool.ask("hmt-head", "POST", path, {"reason": "Too late."})
    assert (answer.status_code, slug(answer)) == (409, "feedback-not-open")
    items = (await pool.get("fresh", path_of(wide))).json()["items"]
    assert len(items) == len(REST)


async def test_a_nomination_of_another_record_is_not_there(
    pool: Callers, wide: Scene
) -> None:
    (other,) = await Nomination.select(Nomination.id).where(
        Nomination.record == wide.records["hmt1"].id
    ).limit(1)  # fmt: skip
    for id_ in (other["id"], uuid4()):
        path = f"{path_of(wide)}/{id_}/veto"
        answer = await pool.ask("hmt-head", "POST", path, {"reason": "Wrong one."})
        assert (answer.status_code, slug(answer)) == (404, "not-found")


async def test_the_administrator_and_the_hr_system_draw_and_see_no_names(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, *REST))
    path = f"{path_of(wide)}/draw"
    assert (await pool.ask("hmt2", "POST", path)).status_code == 403
    await an_administrator(wide, "hmt2")
    before = (await pool.get("hmt2", path)).json()
    assert before == {
        "record": str(wide.records["fresh"].id),
        "proposed": 6,
        "heavily_proposed": 6,
        "drawn_at": None,
    }
    made = await pool.ask("hmt", "POST", path)
    assert (made.status_code, made.json()["proposed"]) == (201, 6)
    after = (await pool.get("hmt2", path)).json()
    assert after == {**before, "drawn_at": "2027-02-10T09:00:00Z"}
    twice = await pool.ask("hmt2", "POST", path)
    assert (twice.status_code, slug(twice)) == (409, "feedback-already-drawn")
    for stranger in ("dwp", "moj"):
        assert (await pool.ask(stranger, "POST", path)).status_code == 404


async def test_a_pool_too_small_is_refused_with_what_it_lacks(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, "dwp1", "dwp2"))
    answer = await pool.ask("hmt", "POST", f"{path_of(wide)}/draw")
    assert (answer.status_code, slug(answer)) == (409, "feedback-pool-too-small")
    assert "2 eligible colleagues" in answer.json()["detail"]


async def test_whoever_draws_is_told_how_many_stand_in_many_pools(
    pool: Callers, wide: Scene
) -> None:
    """Each of REST shares the objective with eleven others: more than eight pools."""
    await propose(pool, by_id(wide, *REST, *HEADS))
    seen = (await pool.get("hmt", f"{path_of(wide)}/draw")).json()
    assert (seen["proposed"], seen["heavily_proposed"]) == (9, len(REST))
