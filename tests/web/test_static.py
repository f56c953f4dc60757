"""What pages load is ours, unbranded, and named by what it holds."""

import re

import httpx
import pytest
from litestar import Litestar

from service.web.assets import ASSETS, asset
from service.web.vendor import CSS, JS, without_brand

NAMES = [CSS, JS, "app.css", "start.js", "favicon.svg"]


def test_nothing_that_belongs_to_govuk_alone_is_kept() -> None:
    css = (ASSETS / CSS).read_text(encoding="utf-8")
    assert not re.search(r"GDS Transport|crest|url\((?!data:)", css)
    assert without_brand(css) == css


def test_a_copy_with_the_font_is_refused() -> None:
    with pytest.raises(SystemExit, match="GDS Transport"):
        without_brand('.a{font:"GDS Transport"}')


def test_nothing_names_another_host() -> None:
    for path in ASSETS.iterdir():
        text = path.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org"}
        assert hosts == set(), path.name


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_is_kept_for_good_under_its_own_name(
    name: str, app: Litestar
) -> None:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.get(asset(name))
        other = await client.get(asset(name).replace(".", ".0", 1))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert re.fullmatch(r"/assets/[\w.-]+\.[0-9a-f]{12}\.\w+", asset(name))
    assert other.status_code == 404
