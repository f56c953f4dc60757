"""HR administrators look after their own HR systems' webhooks, and nobody else's."""

import re
from collections.abc import AsyncIterator

import pytest

from service.access.rules import Role
from service.audit.actions import record
from service.audit.tables import AuditEntry
from service.auth.actions import create_client
from service.hr.webhooks.tables import Webhook
from service.settings import settings
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.hr.webhooks.receiver import Receiver, receiving
from tests.web.hr.conftest import Office
from tests.web.visiting import Visitor, heading, title, visiting

HERE = "/hr/webhooks"
CODE = re.compile(r"<code[^>]*>([^<]+)</code>")


@pytest.fixture
async def receiver(
    in_the_year: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Receiver]:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()
    async with receiving() as found:
        yield found


async def a_client(*organisations: str) -> str:
    client, _ = await create_client(
        organisations,
        ["scores:read", "objectives:read", "webhooks:write"],
        known={*organisations},
        caller=OPERATOR,
        now=IN_THE_YEAR,
        record=record,
    )
    return client


async def registered(hr: Visitor, receiver: Receiver) -> str:
    """The address of a webhook's page, once it is registered."""
    got = await hr.post(
        f"{HERE}/new",
        {"client": await a_client("hmt"), "url": receiver.url, "streams": ["scores"]},
    )
    assert got.status_code == 200, got.text
    assert got.headers["cache-control"] == "no-store"
    (receiver.secret,) = CODE.findall(got.text)
    (row,) = await Webhook.select()
    return f"{HERE}/{row['id']}"


async def test_a_webhook_is_registered_verified_and_told_again(
    office: Office, receiver: Receiver
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        where = await registered(hr, receiver)
        one = await hr.get(where)
        assert "Not verified yet" in one.text
        assert receiver.secret not in one.text
        assert (await hr.post(f"{where}/verifications")).status_code == 303
        assert receiver.challenges
        active = await hr.get(where)
        assert "Active" in active.text
        bad = await hr.post(f"{where}/replay", {"from_sequence": "none"})
        assert (bad.status_code, 'value="none"' in bad.text) == (422, True)
        fine = {"stream": "scores", "from_sequence": "1"}
        assert (await hr.post(f"{where}/replay", fine)).status_code == 303
        assert (await hr.get(HERE)).text.count("Active") == 1
    actors = {
        each["action"]: (each["actor"], each["organisation"])
        for each in await AuditEntry.select().where(AuditEntry.entity == "webhook")
    }
    me = f"person:{office.people[Role.HR_ADMINISTRATOR]}", "hmt"
    assert actors == dict.fromkeys(
        ["webhook.register", "webhook.verify", "webhook.replay"], me
    )


async def test_an_address_that_gives_no_proof_is_not_verified(
    office: Office, receiver: Receiver
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        where = await registered(hr, receiver)
        receiver.proof = lambda *_: b"{}"
        got = await hr.post(f"{where}/verifications")
        assert (got.status_code, title(got)[:6]) == (422, "Error:")
        assert "Not verified yet" in got.text
        assert "did not show that it holds the webhook&#39;s secret" in got.text
        assert "joinedup.webhook.challenge" not in got.text


async def test_a_new_secret_is_shown_once(office: Office, receiver: Receiver) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        where = await registered(hr, receiver)
        got = await hr.post(f"{where}/secrets")
        (newer,) = CODE.findall(got.text)
        assert newer != receiver.secret
        assert newer not in (await hr.get(where)).text
        assert heading(await hr.get(f"{where}/delete")) == "Delete this webhook"
        assert (await hr.post(f"{where}/delete")).status_code == 303
        assert (await hr.get(where)).status_code == 404


async def test_a_bad_form_comes_back_with_what_was_written(office: Office) -> None:
    client = await a_client("hmt")
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        got = await hr.post(f"{HERE}/new", {"url": "ftp://here"})
        assert got.status_code == 422
        assert "Select which HR system it is for" in got.text
        assert 'value="ftp://here"' in got.text
        refused = await hr.post(
            f"{HERE}/new",
            {"client": client, "url": "ftp://here", "streams": ["scores"]},
        )
        assert (refused.status_code, title(refused)[:6]) == (422, "Error:")
        beyond = await hr.post(
            f"{HERE}/new",
            {
                "client": client,
                "url": "https://hr.example/x",
                "streams": ["scores", "people", "cycles"],
            },
        )
        said = "Leave out what this HR system may not read: People, Steps of cycles"
        assert (beyond.status_code, said in beyond.text) == (422, True)
        assert "token" not in beyond.text.replace("csrf", "").replace("_token", "")


async def test_another_organisation_s_webhook_is_not_there(
    office: Office, receiver: Receiver
) -> None:
    both = await a_client("hmt", "defra")
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        where = await registered(hr, receiver)
        shared = await hr.post(
            f"{HERE}/new", {"client": both, "url": receiver.url, "streams": ["scores"]}
        )
        assert shared.status_code == 404
    async with visiting(office.other_hr, "defra") as other:
        for path in (where, f"{where}/delete"):
            assert (await other.get(path)).status_code == 404
        for rest in ("verifications", "secrets", "replay", "delete"):
            assert (await other.post(f"{where}/{rest}")).status_code == 404
        assert receiver.url not in (await other.get(HERE)).text
