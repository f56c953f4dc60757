"""A client's webhooks over HTTP: its own, proven, and nobody else's."""

import json
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from service.auth.caller import Scope
from service.db import transaction
from service.edge import outbound
from service.hr.webhooks import actions, rules
from service.settings import settings
from tests.edge.test_outbound import INSIDE, PUBLIC, URLS
from tests.factories import a_token
from tests.hr.webhooks.hearing import Clock, Hearing, change, queued
from tests.hr.webhooks.receiver import Receiver

SECRETS = "SELECT sealed FROM webhook_secret"
AUDITED = """
SELECT action, actor FROM audit_entry WHERE action LIKE 'webhook.%' ORDER BY id
"""


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("#", 1)[-1].rsplit("/", 1)[
        -1
    ]


async def test_a_webhook_is_registered_and_its_secret_is_told_once(
    hmt: Hearing,
) -> None:
    made = await hmt.register("scores", "scores", "cycles")

    assert (made["state"], made["streams"]) == ("pending", ["cycles", "scores"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert len(Webhook(secret)._whsecret) == 32
    assert await hmt.state() == made
    listed = await hmt.ask("GET")
    assert listed.json() == {"items": [made], "next": None, "delta": None}
    assert secret.removeprefix("whsec_") not in listed.text
    async with transaction() as connection:
        (row,) = await connection.fetch(SECRETS)
    assert secret.encode() not in row["sealed"]


async def test_the_address_of_a_new_webhook_is_where_it_is_read(hmt: Hearing) -> None:
    body = {"url": hmt.receiver.url, "streams": ["people"]}
    answer = await hmt.ask("POST", body=body)

    where = answer.headers["location"]
    assert where == f"/v1/webhooks/{answer.json()['id']}"
    read = await hmt.client.get(where, headers=hmt.token)
    again = await hmt.client.get(
        where, headers={**hmt.token, "If-None-Match": read.headers["etag"]}
    )
    assert (read.status_code, again.status_code) == (200, 304)


async def test_whoever_may_not_read_a_stream_is_not_told_of_it(hmt: Hearing) -> None:
    hmt.token = await a_token(
        hmt.client, "hmt", scopes=[Scope.WEBHOOKS_WRITE, Scope.SCORES_READ]
    )
    body = {"url": hmt.receiver.url, "streams": ["scores", "people"]}
    assert slug(await hmt.ask("POST", body=body)) == (403, "insufficient-scope")
    await hmt.register("scores")  # These two scopes are enough for everything.
    await hmt.verify()
    replay = {"organisation": "hmt", "stream": "scores", "from_sequence": 1}
    asked = [
        await hmt.ask("GET"),
        await hmt.ask("GET", f"/{hmt.id}"),
        await hmt.ask("GET", f"/{hmt.id}/deliveries"),
        await hmt.ask("POST", f"/{hmt.id}/replay", replay),
        await hmt.ask("POST", f"/{hmt.id}/secrets", {}),
        await hmt.ask("DELETE", f"/{hmt.id}"),
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 202, 201, 204]


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://hr.example/", "streams": []},
        {"url": "https://hr.example/", "streams": ["feedback"]},
        {"url": "https://hr.example/", "streams": ["scores"], "state": "active"},
        {"url": "https://hr.example/", "streams": ["scores"], "client": "another"},
        {"streams": ["scores"]},
    ],
    ids=["no stream", "feedback has none", "a state", "a client", "no address"],
)
async def test_what_a_webhook_is_not_is_refused(hmt: Hearing, body: object) -> None:
    assert (await hmt.ask("POST", body=body)).status_code == 422


async def test_a_client_has_ten_webhooks_at_most(hmt: Hearing) -> None:
    for _ in range(rules.MOST_WEBHOOKS):
        made = await hmt.register()
    body = {"url": hmt.receiver.url, "streams": ["scores"]}

    assert slug(await hmt.ask("POST", body=body)) == (409, "too-many-webhooks")
    assert (await hmt.ask("DELETE", f"/{made['id']}")).status_code == 204
    assert (await hmt.ask("POST", body=body)).status_code == 201


async def test_sent_twice_it_is_registered_once(hmt: Hearing) -> None:
    body = {"url": hmt.receiver.url, "streams": ["scores"]}
    first = await hmt.ask("POST", body=body, **{"Idempotency-Key": "one"})
    again = await hmt.ask("POST", body=body, **{"Idempotency-Key": "one"})

    assert slug(again) == (409, "answer-not-kept")
    assert again.headers["location"] == first.headers["location"]
    assert len((await hmt.ask("GET")).json()["items"]) == 1


# Proof.


async def test_an_address_that_holds_the_secret_is_verified(
    hmt: Hearing, receiver: Receiver
) -> None:
    await hmt.register()
    await hmt.verify()

    assert len(receiver.challenges) == 1
    async with transaction() as connection:
        audited = [row["action"] for row in await connection.fetch(AUDITED)]
    assert audited == ["webhook.register", "webhook.verify"]


@pytest.mark.parametrize(
    "proof",
    [
        lambda challenge, _: json.dumps({"challenge": challenge}).encode(),
        lambda challenge, _: json.dumps({"proof": challenge}).encode(),
        lambda challenge, _: challenge.encode(),
        lambda *_: b"[]",
        lambda *_: b"[" * 4000,
        lambda *_: b'{"proof": null}',
        lambda *_: b'{"proof": "\\ud800"}',
        lambda *_: b"",
        lambda *_: b'{"proof": "' + b"0" * 5000 + b'"}',
    ],
    ids=[
        "an echo",
        "an echo as proof",
        "the text",
        "a list",
        "a deep list",
        "nothing",
        "no text",
        "no body",
        "more than is read",
    ],
)
async def test_an_address_that_shows_nothing_is_never_told_anything(
    hmt: Hearing, receiver: Receiver, proof: Callable[[str, str], bytes]
) -> None:
    receiver.proof = proof
    await hmt.register()

    answer = await hmt.ask("POST", f"/{hmt.id}/verifications")

    assert slug(answer) == (409, "webhook-not-proven")
    assert (await hmt.state())["state"] == "pending"
    await change(hmt.clock)
    assert (await hmt.tell(), receiver.got, await queued()) == (0, [], [])


async def test_a_door_is_not_knocked_at_without_end(
    hmt: Hearing, receiver: Receiver
) -> None:
    """Nor with a key, under which what fails is otherwise as if it had not been."""
    await hmt.register()
    receiver.proof = lambda *_: b"{}"

    answers = [
        await hmt.ask(
            "POST", f"/{hmt.id}/verifications", **{"Idempotency-Key": f"key-{number}"}
        )
        for number in range(3)
    ]

    assert [slug(answer)[1] for answer in answers] == [
        "webhook-not-proven",
        "challenge-too-soon",
        "challenge-too-soon",
    ]
    assert answers[-1].headers["retry-after"] == "30"
    assert len(receiver.challenges) == 1


async def test_what_was_proven_a_moment_ago_is_not_asked_again(
    verified: Hearing, receiver: Receiver
) -> None:
    again = await verified.ask("POST", f"/{verified.id}/verifications")

    assert (again.status_code, again.json()["state"]) == (200, "active")
    assert len(receiver.challenges) == 1


async def test_nothing_is_held_open_while_an_address_is_waited_for(
    hmt: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten addresses that hang would else hold every connection to the database."""
    held = []

    async def look(*_: object, **__: object) -> None:
        async with transaction() as connection:
            held.append(await connection.fetchval("SELECT count(*) FROM kept_answer"))

    monkeypatch.setattr(actions, "prove", look)
    await hmt.register()
    key = {"Idempotency-Key": "a-key"}
    answer = await hmt.ask("POST", f"/{hmt.id}/verifications", **key)
    assert (answer.status_code, held) == (200, [0])


async def test_an_address_where_nobody_answers_is_not_verified(hmt: Hearing) -> None:
    await hmt.register(url="http://127.0.0.1:1/")

    answer = await hmt.ask("POST", f"/{hmt.id}/verifications")

    assert slug(answer) == (409, "webhook-not-proven")
    assert (await hmt.state())["state"] == "pending"


# Where it may not lead.


async def test_no_forbidden_address_is_registered_or_connected_to(
    hmt: Hearing, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Abuse case 36: "60+ URLs incl. F17's …: 0 connections"."""
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "false")
    settings.cache_clear()
    accepted = []
    loopback = [f"http://localhost:{receiver.port}/", receiver.url]
    for url in [*URLS, *loopback]:
        answer = await hmt.ask("POST", body={"url": url, "streams": ["scores"]})
        if answer.status_code != 422:
            accepted.append((url, answer.status_code))

    assert accepted == []
    assert len({*URLS, *loopback}) >= 60
    assert (receiver.got, receiver.challenges) == ([], [])


async def test_a_name_that_leads_inside_is_not_challenged(
    hmt: Hearing, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checked when it is resolved, by the address that is dialled: no rebinding."""
    asked = []
    for address in INSIDE.split():

        async def resolved(host: str, port: int, found: str = address) -> list[str]:
            asked.append((host, port))
            return [PUBLIC, found]

        monkeypatch.setattr(outbound, "_resolved", resolved)
        await hmt.register(url="https://hr.example/")
        answer = await hmt.ask("POST", f"/{hmt.id}/verifications")
        assert slug(answer) == (422, "address-refused"), address
        await hmt.ask("DELETE", f"/{hmt.id}")

    assert asked == [("hr.example", 443)] * len(INSIDE.split())
    assert receiver.challenges == []


# Whose they are.


async def test_another_client_cannot_tell_that_a_webhook_exists(
    verified: Hearing,
) -> None:
    missing = uuid4()
    replay = {"organisation": "hmt", "stream": "scores", "from_sequence": 1}
    routes = [
        ("GET", "/{}", None),
        ("GET", "/{}/deliveries", None),
        ("POST", "/{}/verifications", None),
        ("POST", "/{}/secrets", {}),
        ("POST", "/{}/replay", replay),
        ("DELETE", "/{}", None),
    ]
    for organisation in ("defra", "hmt"):
        verified.token = await a_token(verified.client, organisation)
        assert (await verified.ask("GET")).json()["items"] == []
        for method, path, body in routes:
            one = await verified.ask(method, path.format(verified.id), body)
            none = await verified.ask(method, path.format(missing), body)

            assert one.status_code == none.status_code == 404, path
            assert (
                one.text.replace(str(verified.id), "").split("request_id")[0]
                == (none.text.replace(str(missing), "").split("request_id")[0])
            )


async def test_a_deleted_webhook_is_forgotten_with_its_log(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    await change(clock)
    await verified.tell()
    await change(clock)
    assert (await verified.ask("DELETE", f"/{verified.id}")).status_code == 204

    assert (await verified.tell(), len(receiver.got)) == (0, 1)
    assert await queued() == []
    assert (await verified.ask("GET", f"/{verified.id}")).status_code == 404


# Secrets.


async def test_while_a_secret_is_replaced_both_sign(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    old = receiver.secret
    answer = await verified.ask("POST", f"/{verified.id}/secrets", {"keep_hours": 1})
    assert answer.status_code == 201
    new = answer.json()["secret"]
    for secret in (old, new):
        receiver.secret = secret
        await change(clock)
        await verified.tell()
    assert len(receiver.taken) == 2  # Each was verified by one of the two.
    assert len(receiver.got[-1].headers["webhook-signature"].split()) == 2

    clock.wait(hours=1)
    await change(clock)
    await verified.tell()
    assert len(receiver.got[-1].headers["webhook-signature"].split()) == 1


async def test_a_leaked_secret_is_ended_at_once(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    answer = await verified.ask("POST", f"/{verified.id}/secrets", {"keep_hours": 0})
    receiver.secret = answer.json()["secret"]
    await change(clock)
    await verified.tell()

    (got,) = receiver.got
    assert len(got.headers["webhook-signature"].split()) == 1
    assert len((await verified.state())["secrets"]) == 1


async def test_no_more_than_three_secrets_sign(verified: Hearing) -> None:
    statuses = [
        (await verified.ask("POST", f"/{verified.id}/secrets", {})).status_code
        for _ in range(3)
    ]
    assert statuses == [201, 201, 409]
