"""What openapi/integration.md says, in parts that tests can look at."""

import re
from pathlib import Path

from tests.e2e.running import ROOT

GUIDE = (ROOT / "openapi" / "integration.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `([a-z_-]+)` \| (\d{3}) \|", re.MULTILINE)
PUBLIC = Path("public.jwks.json")
"""The guide's name for the file of public keys."""


def section(title: str) -> str:
    """Return the section of that title."""
    _, found, rest = GUIDE.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return [code for kind, code in FENCED.findall(text) if kind == language]


def commands() -> list[str]:
    """Return every `joinedup` command of the guide, in a block or in a line."""
    lines = "".join(blocks(GUIDE, "sh")).splitlines()
    inline = re.findall(r"`(joinedup [^`]+)`", FENCED.sub("", GUIDE))
    return [line for line in lines if line.startswith("joinedup ")] + inline


def refusals() -> dict[str, int]:
    """Return the status of each refusal that the guide names."""
    rows = ROW.findall(section("What breaks, and how it says so"))
    assert len({name for name, _ in rows}) == len(rows)
    return {name: int(status) for name, status in rows}
