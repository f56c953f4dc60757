"""The documentation: all of the API, for every reader, and no request elsewhere."""

import gzip
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import httpx
import pytest

from service.docs.pages import ASSETS, HERE
from service.docs.reference import reference
from tests.sources import ROOT

DOCUMENT = (ROOT / "openapi" / "openapi.json").read_bytes()
TOLD = json.loads(DOCUMENT)
VOID = {"meta", "link", "br"}
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src"}


class Seen(HTMLParser):
    """What a page holds, as a browser reads it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.scopes: list[str] = []
        self.inline: list[str] = []
        self.feed(page)
        assert self.open == [], "Every element is closed."

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag in LOADS and LOADS[tag] in given:
            self.loads.append(given[LOADS[tag]] or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.scopes.append(given.get("scope") or "")
        self.inline += [n for n in given if n.startswith("on") or n == "style"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag


async def page(client: httpx.AsyncClient, path: str) -> tuple[str, str]:
    """The text of a page, and its policy."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text, answer.headers["content-security-policy"]


async def test_the_reference_has_every_operation_and_schema(
    client: httpx.AsyncClient,
) -> None:
    text, _ = await page(client, "/docs")
    seen = Seen(text)
    operations = [
        told["operationId"]
        for part in ("paths", "webhooks")
        for item in TOLD[part].values()
        for told in item.values()
        if isinstance(told, dict) and "operationId" in told
    ]

    assert "receiveChange" in operations
    assert {*operations} <= {*seen.ids}
    assert {f"schema-{name}" for name in TOLD["components"]["schemas"]} <= {*seen.ids}
    for path in TOLD["paths"]:
        assert f" {path}</code>" in text


async def test_every_link_of_the_reference_leads_somewhere(
    client: httpx.AsyncClient,
) -> None:
    seen = Seen((await page(client, "/docs"))[0])

    assert len(seen.ids) == len({*seen.ids})
    assert {link for link in seen.links if not link.startswith("#")} == {
        "/openapi.json",
        "/docs/try",
    }
    assert {link[1:] for link in seen.links if link.startswith("#")} <= {*seen.ids}


async def test_the_reference_is_read_without_scripts_by_any_reader(
    client: httpx.AsyncClient,
) -> None:
    text, policy = await page(client, "/docs")
    seen = Seen(text)

    assert '<html lang="en">' in text
    assert text.count("<main") == text.count("<h1") == 1
    assert text.index('class="skip"') < text.index("<header")
    assert all(deeper <= above + 1 for above, deeper in pairwise(seen.headings))
    assert {*seen.scopes} == {"col", "row"}
    assert text.count("<table") == text.count("<caption")
    assert (seen.loads, seen.inline) == (["/docs/style.css"], [])
    assert "script" not in policy
    assert policy.startswith("default-src 'none'")


async def test_the_reference_looks_as_its_style_says(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs/style.css")

    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "outline: 3px" in answer.text  # Focus is seen.
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_what_the_document_says_is_text_and_nothing_else() -> None:
    evil = '<script>alert("x")</script>'
    told = json.loads(DOCUMENT)
    told["info"]["description"] = f"{evil} `{evil}`"
    told["components"]["schemas"] = {
        f"Evil{evil}": {"description": evil, "properties": {evil: {"enum": [evil]}}}
    }
    for item in told["paths"].values():
        for operation in item.values():
            operation["summary"] = operation["description"] = evil

    shown = reference(json.dumps(told).encode())

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


async def test_the_page_to_try_it_on_asks_this_service_alone(
    client: httpx.AsyncClient,
) -> None:
    text, policy = await page(client, "/docs/try")
    seen = Seen(text)

    assert [load for load in seen.loads if load != "data:,"] == [
        "/docs/try/swagger-ui.css",
        "/docs/try/swagger-ui-bundle.js",
        "/docs/try/start.js",
    ]
    assert seen.inline == []
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert not re.search(r"https?:|\*|unsafe-eval", policy)


@pytest.mark.parametrize("name", ASSETS)
async def test_each_part_of_that_page_is_here(
    client: httpx.AsyncClient, name: str
) -> None:
    packed = await client.get(f"/docs/try/{name}")  # httpx unpacks it.
    plain = await client.get(
        f"/docs/try/{name}", headers={"Accept-Encoding": "identity"}
    )

    assert packed.status_code == plain.status_code == 200
    assert packed.content == plain.content
    assert "content-encoding" not in plain.headers
    assert plain.headers["x-content-type-options"] == "nosniff"
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert plain.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("name", ["LICENSE.txt", "..%2fpages.py", "start.js.gz", "x"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/try/{name}")).status_code == 404


def test_swagger_ui_is_kept_with_its_licence() -> None:
    kept = {path.name for path in (HERE / "swagger").iterdir()}

    assert {"LICENSE.txt", "NOTICE.txt", "swagger-ui-bundle.js.LICENSE.txt"} < kept
    licence = (HERE / "swagger" / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert b"SwaggerUIBundle" in gzip.decompress(
        (HERE / "swagger" / "swagger-ui-bundle.js.gz").read_bytes()
    )


async def test_the_document_is_the_same_after_the_reference_was_drawn(
    client: httpx.AsyncClient,
) -> None:
    await client.get("/docs")

    assert (await client.get("/openapi.json")).content == DOCUMENT
