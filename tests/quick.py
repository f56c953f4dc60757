"""What a quick run runs: all that needs no database, and the rooms that are touched.

A room is the folder a file lies in; what git says differs from the last commit is
touched. The whole is for `make test`.
"""

import re
import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALWAYS = {"test_permissions.py", "test_row_security.py", "test_migrations.py"}
"""What one forgets while writing something else."""

DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def by_chance(item: pytest.Item) -> bool:
    """Say whether a test is named by an identifier that no test has written down."""
    return any(drawn not in written() for drawn in DRAWN.findall(item.name))


@cache
def written() -> str:
    """Return the text of all tests."""
    return "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")
    )


def is_quick(item: pytest.Item, rooms: Collection[str]) -> bool:
    """Say whether a test belongs in a quick run."""
    fixtures: Collection[str] = getattr(item, "fixturenames", ())
    if item.path.name in ALWAYS or "addresses" not in fixtures:
        return item.get_closest_marker("slow") is None
    return room_of(item.path.relative_to(ROOT)) in rooms


def room_of(path: Path) -> str:
    """Return the folder that a file of the service or its tests is about."""
    return str(Path(*path.parts[1:-1]))


@cache
def touched() -> frozenset[str]:
    """Return the rooms of which a file differs from the last commit."""
    said = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],  # noqa: S607 - whichever git is there
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    paths = (Path(line[3:].split(" -> ")[-1]) for line in said.stdout.splitlines())
    return frozenset(
        room_of(path)
        for path in paths
        if path.parts and path.parts[0] in {"service", "tests"}
    )
