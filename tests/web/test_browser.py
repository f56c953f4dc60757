"""Which browser the pages are tried in, and which only has its name."""

from pathlib import Path

import pytest

from tests.web.browser import found

STUB = """echo "Command '$0' requires the chromium snap to be installed." >&2
echo "Please install it with: snap install chromium 1.2.3.4" """
SAYS = "echo Chromium 156.0.8078.79 built on Debian GNU/Linux 12"


def put(folder: Path, name: str, does: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("does", [f"{STUB}\nexit 1", "exit 0", f"{SAYS}; exit 1"])
def test_what_does_not_say_its_version_is_no_browser(tmp_path: Path, does: str) -> None:
    put(tmp_path, "chromium", does)
    assert found(str(tmp_path)) is None
    put(tmp_path, "chromium-browser", "exit 1")
    assert found(str(tmp_path)) is None


def test_whichever_does_is_taken_though_another_is_a_stub(tmp_path: Path) -> None:
    put(tmp_path, "chromium", f"{STUB}\nexit 1")
    whole = put(tmp_path, "chromium-browser", SAYS)
    assert found(str(tmp_path)) == whole


def test_where_there_is_nothing_there_is_no_browser(tmp_path: Path) -> None:
    assert found(str(tmp_path)) is None
