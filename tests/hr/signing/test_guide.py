"""What HR systems are told of signatures works as it stands there."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from service.hr.signing.signatures import TYPE
from tests.hr.signing.test_verifying import KEY, ROWS
from tests.sources import ROOT

GUIDE = (ROOT / "openapi" / "signatures.md").read_text(encoding="utf-8")
PUBLIC = {**KEY.as_dict(private=False), "kid": KEY.thumbprint()}
(PROGRAM,) = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(
    find_spec("rfc8785") is None, reason="the guide's program needs rfc8785"
)


def ran(folder: Path, rows: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    (folder / "jwks.json").write_text(json.dumps({"keys": [PUBLIC]}))
    (folder / "rows").write_text("\n".join(map(json.dumps, rows)))
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "jwks.json", "rows"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_program_takes_rows_as_they_were_signed(tmp_path: Path) -> None:
    done = ran(tmp_path, ROWS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is as it was signed") == len(ROWS)


def test_the_program_stops_at_a_row_that_was_changed(tmp_path: Path) -> None:
    assert ran(tmp_path, [{**ROWS[0], "value": 1.0}]).returncode != 0


def test_the_guide_names_what_the_service_signs() -> None:
    assert f"`{TYPE}`" in GUIDE
