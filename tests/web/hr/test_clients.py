"""HR systems on pages: a secret is shown once, and kept nowhere."""

import re

from service.access.rules import Role
from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Scope
from tests.conftest import ISSUER
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.web.hr.conftest import Office
from tests.web.visiting import Visitor, heading, title, visiting

NEW = {
    "name": "Workday <b>",
    "scopes": ["scores:read", "cycles:read"],
    "auth_method": "client_secret_basic",
}
CODE = re.compile(r"<code[^>]*>([^<]+)</code>")


async def made(hr: Visitor) -> tuple[str, str]:
    """The id and secret of a new client."""
    got = await hr.post("/hr/clients/new", NEW)
    assert got.status_code == 200, got.text
    assert got.headers["cache-control"] == "no-store"
    client, secret, *rest = CODE.findall(got.text)
    assert rest == [f"{ISSUER}/oauth/token", f"{ISSUER}/v1", " ".join(NEW["scopes"])]
    return client, secret


async def test_a_secret_is_shown_once_and_lets_the_client_in(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        client, secret = await made(hr)
        one = await hr.get(f"/hr/clients/{client}")
        listed = await hr.get("/hr/clients")
        assert secret not in one.text + listed.text
        assert heading(one) == "Workday &lt;b&gt;"
        told = {"scores:read", "cycles:read", f"{ISSUER}/oauth/token", f"{ISSUER}/v1"}
        assert told <= {*CODE.findall(one.text)}
        token = await hr.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client, secret),
        )
        assert token.status_code == 200, token.text


async def test_each_right_is_told_in_the_words_that_hr_products_ask_for(
    office: Office,
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        asked = await hr.get("/hr/clients/new")
    for scope in Scope:
        assert re.search(rf">\s*{scope.value}\s*<", asked.text), scope


async def test_a_bad_form_comes_back_with_what_was_written(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        got = await hr.post(
            "/hr/clients/new",
            {"name": "Oracle", "auth_method": "private_key_jwt", "jwks": "{no"},
        )
        assert got.status_code == 422
        assert title(got).startswith("Error: ")
        assert "Select what the HR system may do" in got.text
        assert "The keys must be a JSON Web Key Set" in got.text
        assert 'value="Oracle"' in got.text
        assert "{no" in got.text
        signs = {**NEW, "auth_method": "private_key_jwt"}
        without = await hr.post("/hr/clients/new", signs)
        assert (without.status_code, "public keys" in without.text) == (422, True)


async def test_a_new_secret_is_shown_once_and_the_old_one_ends(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        client, secret = await made(hr)
        bad = await hr.post(f"/hr/clients/{client}/secrets", {"keep_days": "91"})
        assert (bad.status_code, 'value="91"' in bad.text) == (422, True)
        got = await hr.post(f"/hr/clients/{client}/secrets", {"keep_days": "0"})
        _, newer, *_ = CODE.findall(got.text)
        assert newer != secret
        statuses = [
            (
                await hr.client.post(
                    "/oauth/token",
                    data={"grant_type": "client_credentials"},
                    auth=(client, each),
                )
            ).status_code
            for each in (newer, secret)
        ]
    assert statuses == [200, 401]


async def test_a_client_is_disabled_after_a_question(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        client, _ = await made(hr)
        assert (await hr.get(f"/hr/clients/{client}/disable")).status_code == 200
        assert (await hr.post(f"/hr/clients/{client}/disable")).status_code == 303
        assert "Disabled" in (await hr.get("/hr/clients")).text


async def test_another_organisation_s_client_is_not_there(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        client, _ = await made(hr)
    both, _ = await create_client(
        ["hmt", "defra"],
        ["scores:read"],
        known={"hmt", "defra"},
        caller=OPERATOR,
        now=IN_THE_YEAR,
        record=record,
    )
    async with visiting(office.other_hr, "defra") as other:
        for path in (client, both, "nothing"):
            assert (await other.get(f"/hr/clients/{path}")).status_code == 404
            got = await other.post(f"/hr/clients/{path}/disable")
            assert got.status_code == 404
