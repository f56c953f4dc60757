import httpx
import pytest

from tests.factories import a_token


@pytest.mark.parametrize(
    "sent",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "253402300800",
        "1",
        "2026-13-01T00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "20260101T000000Z",
        "yesterday",
        "",
    ],
)
async def test_an_instant_that_is_none_is_refused_by_name(
    client: httpx.AsyncClient, sent: str
) -> None:
    headers = await a_token(client, "hmt")

    answer = await client.get(
        "/v1/scores", params={"changed_since": sent}, headers=headers
    )

    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["parameter"] == "changed_since"


@pytest.mark.parametrize(
    "sent",
    [
        "2026-04-01T00:00:00Z",
        "2026-04-01T01:00:00.5+01:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
async def test_an_instant_with_its_offset_is_taken(
    client: httpx.AsyncClient, sent: str
) -> None:
    headers = await a_token(client, "hmt")

    answer = await client.get(
        "/v1/scores", params={"changed_since": sent}, headers=headers
    )

    assert answer.status_code == 200, answer.text
