"""The pool of a record: whose it is, and who is in it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from service.access.tables import DataSharing
from service.directory.tables import Person as StoredPerson
from service.feedback import rules
from service.feedback.queries import limits_of
from tests.feedback.over_http import Callers, an_administrator, slug
from tests.feedback.pooled import by_id, drawn, emails, path_of, propose
from tests.scoring import REST, Scene


async def test_the_subject_and_their_manager_see_one_pool_and_nobody_else_any(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, *REST[:2]))
    await propose(pool, by_id(wide, *REST[2:]), "hmt-head")
    await an_administrator(wide, "hmt2")
    own = await pool.get("fresh", path_of(wide))
    managers = await pool.get("hmt-head", path_of(wide))
    assert own.content == managers.content
    origins = {item["name"]: item["origin"] for item in own.json()["items"]}
    names = await pool.names()
    assert origins == {
        names[name]: "subject" if name in REST[:2] else "manager" for name in REST
    }
    for other in ("hmt2", "hmt3", "dwp1", "dwp-head"):
        for method, body in (("GET", None), ("POST", by_id(wide, "dwp-head"))):
            answer = await pool.ask(other, method, path_of(wide), body)
            assert (answer.status_code, slug(answer)) == (404, "not-found"), other
    assert (await pool.get("hmt", path_of(wide))).status_code == 403


async def test_who_shares_an_objective_is_in_the_pool_without_being_proposed(
    pool: Callers, wide: Scene
) -> None:
    items = (await pool.get("hmt1", path_of(wide, "hmt1"))).json()["items"]
    assert {item["origin"] for item in items} == {"objective"}
    assert len({item["objective"] for item in items}) == 1
    assert {UUID(item["person"]) for item in items} == {
        wide.people[name] for name in (*REST, "hmt2", "hmt3", "hmt4", "hmt5", "hmt6")
    }


async def test_the_pool_looks_the_same_before_and_after_the_draw(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, *REST[:5]))
    await propose(pool, await emails(wide, "dft2", "dwp-head"))
    before = await pool.get("fresh", path_of(wide))
    assert len(await drawn(wide)) == 7
    after = await pool.get("fresh", path_of(wide))
    assert (before.content, before.headers["content-length"]) == (
        after.content,
        after.headers["content-length"],
    )


async def test_an_address_stands_for_its_owner_in_the_draw_and_nowhere_else(
    pool: Callers, wide: Scene
) -> None:
    added = await propose(pool, await emails(wide, *REST))
    assert {(item["person"], item["name"]) for item in added} == {(None, None)}
    assert {item["email"] for item in added} == {
        item["email"].lower() for item in (await emails(wide, *REST))["people"]
    }
    assert await drawn(wide) == set(REST)


async def test_an_address_that_nobody_has_yet_is_kept_and_draws_nobody(
    pool: Callers, wide: Scene
) -> None:
    await propose(pool, by_id(wide, *REST[:4]))
    await propose(pool, {"people": [{"email": "new.starter@dft.example"}]})
    assert await drawn(wide) == set(REST[:4])
    items = (await pool.get("fresh", path_of(wide))).json()["items"]
    assert "new.starter@dft.example" in {item["email"] for item in items}


async def test_somebody_hidden_is_not_found_by_their_address(
    pool: Callers, wide: Scene
) -> None:
    await StoredPerson.update({StoredPerson.discoverable: False}).where(
        StoredPerson.id == wide.people["dft2"]
    )
    await propose(pool, by_id(wide, *REST[:4]))
    await propose(pool, await emails(wide, "dft2"))
    answer = await pool.ask("fresh", "POST", path_of(wide), by_id(wide, "dft2"))
    assert (answer.status_code, slug(answer)) == (422, "feedback-nominee-unknown")
    assert await drawn(wide) == set(REST[:4])


@pytest.mark.parametrize(
    ("wanted", "pointer", "said"),
    [
        ({"email": "sam@nowhere.example"}, "email", "no member organisation"),
        ({"email": "sam+me@dwp.example"}, "email", "one plain address"),
        ({"email": "sam@dwp.example, al@dwp.example"}, "email", "one plain address"),
        ({"email": "Sam <sam@dwp.example>"}, "email", "one plain address"),
        (
            {"organisation": "dwp", "person": {"id": str(uuid4())}},
            "person",
            "nobody of this id",
        ),
    ],
)
async def test_who_cannot_be_proposed_is_named_and_nobody_is_added(
    pool: Callers, wide: Scene, wanted: dict[str, Any], pointer: str, said: str
) -> None:
    body = by_id(wide, "dwp1")
    body["people"].append(wanted)
    answer = await pool.ask("fresh", "POST", path_of(wide), body)
    assert (answer.status_code, slug(answer)) == (422, "feedback-nominee-unknown")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"#/people/1/{pointer}"
    assert said in error["detail"]
    assert (await pool.get("fresh", path_of(wide))).json()["items"] == []


async def test_nobody_is_proposed_whose_organisation_shares_nothing(
    pool: Callers, wide: Scene
) -> None:
    await DataSharing.delete().where(DataSharing.partner == "hmt")
    for body in (by_id(wide, "dwp1"), await emails(wide, "dwp1")):
        answer = await pool.ask("fresh", "POST", path_of(wide), body)
        assert (answer.status_code, slug(answer)) == (422, "data-sharing-missing")


async def test_twenty_are_proposed_and_not_one_more(pool: Callers, wide: Scene) -> None:
    twenty = [{"email": f"colleague{n}@dwp.example"} for n in range(20)]
    await propose(pool, {"people": twenty[:12]})
    await propose(pool, {"people": twenty[12:]}, "hmt-head")
    one_more = by_id(wide, "moj1")
    answer = await pool.ask("fresh", "POST", path_of(wide), one_more)
    assert (answer.status_code, slug(answer)) == (409, "feedback-pool-full")
    assert await propose(pool, {"people": twenty}) == []
    items = (await pool.get("fresh", path_of(wide))).json()["items"]
    assert len(items) == 20


@pytest.mark.parametrize(
    ("who", "origin"), [("fresh", "manager"), ("hmt-head", "subject")]
)
async def test_nobody_proposes_as_the_other(
    pool: Callers, wide: Scene, who: str, origin: str
) -> None:
    body = {**by_id(wide, "dwp1"), "origin": origin}
    answer = await pool.ask(who, "POST", path_of(wide), body)
    assert (answer.status_code, slug(answer)) == (403, "feedback-not-your-part")


async def test_an_hr_system_proposes_and_is_shown_nobody(
    pool: Callers, wide: Scene
) -> None:
    body = {**by_id(wide, *REST[:3]), "origin": "subject"}
    answer = await pool.ask("hmt", "POST", path_of(wide), body)
    assert answer.status_code == 201, answer.text
    items = answer.json()["items"]
    assert {(i["origin"], i["person"], i["name"]) for i in items} == {
        ("subject", None, None)
    }
    other = await pool.ask("dwp", "POST", path_of(wide), body)
    assert other.status_code == 404


async def test_the_limits_are_the_framework_s(wide: Scene) -> None:
    assert await limits_of(wide.cycle) == rules.Limits(
        10, 3, 20, 2, 50, 3, own_organisation_may_rate=False
    )
