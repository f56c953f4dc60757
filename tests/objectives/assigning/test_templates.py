"""Templates: kept, used, changed and removed, by an organisation for itself."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.objectives.assigning.tables import Template
from service.objectives.queries import objective
from service.objectives.tables import SharedObjective
from tests.factories import IN_THE_YEAR, OPERATOR, a_token
from tests.objectives.asking import named, slug
from tests.objectives.assigning.many import Many, an_objective

PARTNERS = [
    {
        "organisation": "dft",
        "role": "supporting",
        "share": 40,
        "commitment": "the data",
    }
]
ONE = an_objective(
    partners=PARTNERS,
    value_map=[{"organisation": "dft", "puts_in": "data", "money_in": "10.50"}],
    ends_on="2028-03-31",
)
AT = "/v1/objective-templates"


async def keep(many: Many, says: dict[str, Any] = ONE, code: str = "hmt") -> Any:  # noqa: ANN401 - JSON
    answer = await many.client.post(AT, json=says, headers=many.tokens[code])
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_what_is_kept_is_read_again(many: Many) -> None:
    kept = await keep(many)
    assert (kept["organisation"], kept["version"]) == ("hmt", 1)
    assert kept["says"]["value_map"][0]["money_in"] == "10.50"
    assert kept["says"]["ends_on"] == "2028-03-31"
    answer = await many.client.get(f"{AT}/{kept['id']}", headers=many.tokens["hmt"])
    assert (answer.json(), answer.headers["etag"]) == (kept, '"1"')
    page = (await many.client.get(AT, headers=many.tokens["hmt"])).json()
    assert (page["items"], page["next"]) == ([kept], None)


async def test_another_organisation_cannot_tell_that_it_exists(many: Many) -> None:
    kept = await keep(many)
    theirs = many.tokens["dft"]
    for method in ("GET", "PUT", "DELETE"):
        answers = [
            await many.client.request(
                method,
                f"{AT}/{id_}",
                headers={**theirs, "If-Match": '"1"'},
                json=ONE if method == "PUT" else None,
            )
            for id_ in (kept["id"], UUID(int=7))
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert (await many.client.get(AT, headers=theirs)).json()["items"] == []
    use = many.body(objective=None, template=kept["id"])
    assert (await many.post(use, theirs)).status_code == 404


async def test_pages_lead_to_all_of_them(many: Many) -> None:
    ids = {(await keep(many, an_objective(title=f"No. {n}")))["id"] for n in range(5)}
    address, found = f"{AT}?limit=2", []
    while address:
        page = (await many.client.get(address, headers=many.tokens["hmt"])).json()
        assert len(page["items"]) <= 2
        found += [each["id"] for each in page["items"]]
        address = page["next"]
    assert sorted(found) == sorted(ids)


async def test_a_change_says_what_was_read(many: Many) -> None:
    kept = await keep(many)
    path, headers = f"{AT}/{kept['id']}", many.tokens["hmt"]
    says = {**ONE, "title": "Two front doors"}

    async def put(says: dict[str, Any], **match: str) -> httpx.Response:
        return await many.client.put(path, json=says, headers={**headers, **match})

    assert (await put(says)).status_code == 428
    assert (await put(says, **{"If-Match": '"2"'})).status_code == 412
    changed = await put(says, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["says"]["title"] == "Two front doors"
    same = await put(says, **{"If-Match": '"2"'})
    assert same.json()["version"] == 2
    entries = await AuditEntry.select().where(AuditEntry.entity_id == kept["id"])
    assert sorted(each["action"] for each in entries) == ["change", "create"]


async def test_what_is_removed_is_gone_and_what_was_made_from_it_stays(
    many: Many,
) -> None:
    kept = await keep(many)
    said = (await many.post(many.body(objective=None, template=kept["id"]))).json()
    path, headers = f"{AT}/{kept['id']}", many.tokens["hmt"]
    assert (await many.client.delete(path, headers=headers)).status_code == 428
    match = {**headers, "If-Match": '"1"'}
    assert (await many.client.delete(path, headers=match)).status_code == 204
    assert (await many.client.get(path, headers=headers)).status_code == 404
    assert (await many.client.delete(path, headers=match)).status_code == 404
    fact = await objective(UUID(said["items"][0]["objective"]))
    assert str(fact.template) == kept["id"]


async def test_it_fills_in_what_is_left_out_of_who_contributes(many: Many) -> None:
    kept = await keep(many)
    dft = {"organisation": "dft", "person": await named(many.joint.partner)}
    body = many.body(objective=None, template=kept["id"], contributions=[dft])
    said = (await many.post(body)).json()

    assert said["template"] == kept["id"]
    fact = await objective(UUID(said["items"][1]["objective"]))
    (part,) = [part for part in fact.contributions if part.organisation == "dft"]
    assert (part.role, part.share, part.commitment) == ("supporting", 40, "the data")
    assert fact.content.value_map[0].puts_in == "data"
    again = (await many.post(body)).json()  # Another call: told again.
    assert again["template"] == kept["id"]


async def test_what_only_links_an_assignment_is_not_listed(many: Many) -> None:
    said = (await many.post(many.body())).json()
    headers = many.tokens["hmt"]
    assert (await many.client.get(AT, headers=headers)).json()["items"] == []
    one = await many.client.get(f"{AT}/{said['template']}", headers=headers)
    assert one.json()["says"]["title"] == "One front door"
    made = await SharedObjective.count().where(
        SharedObjective.template == UUID(said["template"])
    )
    assert made == 2


async def test_line_managers_read_and_hr_administrators_write(
    app: Litestar, many: Many
) -> None:
    kept = await keep(many)
    head = await many.sign_in(many.joint.hmt.head, "hmt")
    assert (await many.client.get(AT, headers=head)).json()["items"] == [kept]
    answer = await many.client.post(AT, json=ONE, headers=head)
    assert (answer.status_code, slug(answer)) == (403, "missing-role")
    await grant(
        many.joint.hmt.head,
        Role.HR_ADMINISTRATOR,
        organisation="hmt",
        until=IN_THE_YEAR.date().replace(year=2030),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )
    answer = await many.client.post(AT, json=ONE, headers=head)
    assert answer.status_code == 201, answer.text


async def test_a_template_is_of_one_organisation(many: Many) -> None:
    both = await a_token(many.client, "hmt", "dft")
    answer = await many.client.post(AT, json=ONE, headers=both)
    assert (answer.status_code, slug(answer)) == (409, "ambiguous-identifier")
    answer = await many.client.post(f"{AT}?organisation=dft", json=ONE, headers=both)
    assert answer.json()["organisation"] == "dft"
    answer = await many.client.post(f"{AT}?organisation=moj", json=ONE, headers=both)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"parent": "10000000-0000-0000-0000-000000000000"}, "invalid"),
        ({"accountable_owner": {"id": str(UUID(int=7))}}, "invalid"),
        ({"title": "a\x00b"}, "unstorable-text"),
        ({"partners": PARTNERS * 2}, "invalid"),
        ({"priority": {"scheme": "x", "code": "y"}}, "objective-priority-unknown"),
    ],
)
async def test_what_a_template_cannot_hold_is_refused(
    many: Many, more: dict[str, Any], expected: str
) -> None:
    answer = await many.client.post(
        AT, json={**ONE, **more}, headers=many.tokens["hmt"]
    )
    assert (answer.status_code, slug(answer)) == (422, expected)
    assert not await Template.exists()
