"""The same rows as JSON, NDJSON and CSV, written by PostgreSQL as pydantic would."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from service.audit.tables import Disclosure
from service.db import transaction
from service.hr import controller
from service.hr.schemas import CollaborationScore, ScorePage
from tests.factories import a_token
from tests.hr.renaming import known_as
from tests.scoring import EXPECTED, Scene

CODES = ("hmt", "dwp", "moj", "dft")
NDJSON, CSV = "application/x-ndjson", "text/csv"
LISTS = {"episodes", "scale_bands", "components"}


async def read(
    client: httpx.AsyncClient, accept: str, path: str = "/v1/scores", *codes: str
) -> httpx.Response:
    headers = await a_token(client, *(codes or CODES))
    answer = await client.get(path, headers=headers | {"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer


async def items(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await read(client, "*/*")).json()["items"]
    return found


def cells(item: dict[str, Any], within: str = "") -> dict[str, str]:
    """What a row of CSV says of an item, by column."""
    found: dict[str, str] = {}
    for name, value in item.items():
        column = f"{within}{name}"
        if isinstance(value, dict):
            found |= cells(value, f"{column}_")
        elif isinstance(value, list):
            found[column] = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        elif isinstance(value, str):
            guarded = value[:1] in {*"'=+-@\t\r\n＝＋－＠"}  # noqa: RUF001 - what spreadsheets read as signs
            found[column] = f"'{value}" if guarded else value
        else:
            found[column] = "" if value is None else json.dumps(value)
    return found


def rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]


async def test_json_is_to_the_byte_what_the_schema_would_write(
    client: httpx.AsyncClient, published: Scene
) -> None:
    page = await read(client, "application/json")
    assert (
        page.content
        == ScorePage.model_validate_json(page.content).model_dump_json().encode()
    )
    id_ = page.json()["items"][0]["id"]
    alone = await read(client, "application/json", f"/v1/scores/{id_}")
    assert (
        alone.content
        == CollaborationScore.model_validate_json(alone.content)
        .model_dump_json()
        .encode()
    )


async def test_a_line_of_ndjson_is_an_item_of_json(
    client: httpx.AsyncClient, published: Scene
) -> None:
    answer = await read(client, NDJSON)
    assert answer.headers["content-type"].startswith(NDJSON)
    assert answer.headers["vary"] == "Accept"
    assert answer.text.endswith("\n")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == await items(client)
    assert len(lines) == len(EXPECTED)


async def test_a_row_of_csv_says_what_the_item_of_json_says(
    client: httpx.AsyncClient, published: Scene
) -> None:
    answer = await read(client, CSV)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    found, told = rows(answer.text), await items(client)
    assert len(found) == len(told)
    for row, item in zip(found, told, strict=True):
        of_objects = {name for name, value in item.items() if isinstance(value, dict)}
        nothing = {
            name
            for name in row
            if not any(name.startswith(f"{each}_") for each in of_objects)
        }
        expected = cells(item)
        assert {name: row[name] for name in expected if name in row} == {
            name: value for name, value in expected.items() if name in row
        }
        missing = {*expected} - {*row}
        assert all(item[name] is None for name in missing)  # An object that is null.
        assert not [row[name] for name in nothing - {*expected} if row[name]]
        for name in LISTS:
            json.loads(row[name])


async def test_no_cell_of_csv_begins_a_formula(
    client: httpx.AsyncClient, published: Scene
) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", 'a"b,\nc', "＝1", "ø–\\."]  # noqa: RUF001 - what spreadsheets read as signs
    async with transaction() as connection:
        people = await connection.fetch(
            "SELECT id, person FROM score WHERE organisation = 'hmt' ORDER BY id"
        )
    for name, owner in zip(names, people, strict=False):
        await known_as(owner["person"], "hmt", name)
    told = await items(client)
    assert {each["person"]["external_id"] for each in told} >= {*names[:8]}
    for row, item in zip(rows((await read(client, CSV)).text), told, strict=True):
        cell, meant = row["person_external_id"], item["person"]["external_id"]
        assert cell == cells(item)["person_external_id"]
        assert cell[:1] not in {*"=+-@\t\r\n＝＋－＠"}  # noqa: RUF001 - what spreadsheets read as signs
        assert cell.removeprefix("'") == meant or cell == meant


@pytest.mark.parametrize("accept", [NDJSON, CSV])
async def test_a_stream_without_a_limit_holds_every_row_however_it_is_read(
    client: httpx.AsyncClient,
    published: Scene,
    monkeypatch: pytest.MonkeyPatch,
    accept: str,
) -> None:
    at_once = await read(client, accept)
    monkeypatch.setattr(controller, "STRETCH", 2)
    before = {row["id"] for row in await Disclosure.select(Disclosure.id)}
    by_twos = await read(client, accept)
    assert by_twos.content == at_once.content
    told = [row for row in await Disclosure.select() if row["id"] not in before]
    assert sum(len(row["people"]) for row in told) == len(EXPECTED)


@pytest.mark.parametrize("accept", [NDJSON, CSV])
async def test_pages_of_a_stream_are_led_on_by_link(
    client: httpx.AsyncClient, published: Scene, accept: str
) -> None:
    headers = await a_token(client, *CODES) | {"Accept": accept}
    following: str | None = "/v1/scores?limit=5"
    found: list[str] = []
    while following:
        answer = await client.get(following, headers=headers)
        lines = answer.text.splitlines()
        found += lines[1:] if accept == CSV else lines
        link = answer.headers.get("link")
        following = link and link.removeprefix("<").removesuffix('>; rel="next"')
    whole = (await read(client, accept)).text.splitlines()
    assert found == (whole[1:] if accept == CSV else whole)


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("text/csv, */*;q=0.1", "text/csv; charset=utf-8"),
        ("application/x-ndjson;q=0.5, application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
    ],
)
async def test_the_caller_has_what_they_prefer(
    client: httpx.AsyncClient, published: Scene, accept: str, given: str
) -> None:
    assert (await read(client, accept)).headers["content-type"] == given


@pytest.mark.parametrize(
    "path",
    ["/v1/scores", "/v1/cycles/{}/scores", "/v1/people/{}/scores", "/v1/records"],
)
@pytest.mark.parametrize("accept", ["application/xml", "text/html", "image/png"])
async def test_what_there_is_not_is_406(
    client: httpx.AsyncClient, published: Scene, path: str, accept: str
) -> None:
    name = published.people["hmt1"] if "people" in path else published.cycle
    headers = await a_token(client, "hmt") | {"Accept": accept}
    answer = await client.get(path.format(name), headers=headers)
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", [NDJSON, CSV])
async def test_a_stream_is_refused_before_it_begins(
    client: httpx.AsyncClient, published: Scene, accept: str
) -> None:
    headers = await a_token(client, "hmt") | {"Accept": accept}
    answer = await client.get("/v1/scores?organisation=dwp", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", [NDJSON, CSV])
async def test_records_come_in_every_format(
    client: httpx.AsyncClient, published: Scene, accept: str
) -> None:
    told = (await read(client, "*/*", "/v1/records")).json()["items"]
    answer = await read(client, accept, "/v1/records")
    if accept == NDJSON:
        assert [json.loads(line) for line in answer.text.splitlines()] == told
    else:
        assert rows(answer.text) == [cells(item) for item in told]
