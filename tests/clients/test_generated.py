"""Clients that standard generators make of our document, checked to the letter.

Of openapi-python-client by mypy --strict, of openapi-typescript by tsc --strict; and a
program that is written against each is checked with it, and does its work.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.served import BASIC, Served
from tests.e2e.running import ROOT

DOCUMENT = ROOT / "openapi" / "openapi.json"
NODE = ROOT / "tests" / "node"
GENERATORS = NODE / "node_modules" / ".bin"
READY = shutil.which("node") and (NODE / "node_modules/.ready").exists()
MYPY = (sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull)
TSC = (GENERATORS / "tsc", "--strict", "--noEmit", "--target", "es2022")
PACKAGE = "joined_up_appraisal_client"
PROGRAM = '''\
"""Pulls cycles and scores, as an HR team would write it."""

import sys

import httpx
from joined_up_appraisal_client import AuthenticatedClient
from joined_up_appraisal_client.api.cycles import list_cycles
from joined_up_appraisal_client.api.scores import list_scores
from joined_up_appraisal_client.models import CollaborationScore, CyclePage, ScorePage


def said(score: CollaborationScore) -> str:
    value = "no number" if score.value is None else f"{score.value:.1f}"
    return f"{score.record.external_id}: {value} ({score.state.value})"


def main(address: str, client_id: str, secret: str) -> None:
    answer = httpx.post(
        f"{address}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "cycles:read scores:read"},
        auth=(client_id, secret),
    )
    token: str = answer.raise_for_status().json()["access_token"]
    client = AuthenticatedClient(base_url=address, token=token)
    cycles = list_cycles.sync(client=client)
    scores = list_scores.sync(client=client, limit=10)
    if not isinstance(cycles, CyclePage) or not isinstance(scores, ScorePage):
        raise SystemExit(f"{cycles} {scores}")
    for score in scores.items:
        print(said(score))
    print(*(cycle.id for cycle in cycles.items))


main(*sys.argv[1:])
'''
TYPES = """\
import type { components, paths } from "./schema";

type Score = components["schemas"]["CollaborationScore"];
type Page =
  paths["/v1/scores"]["get"]["responses"][200]["content"]["application/json"];
type Asked = NonNullable<paths["/v1/scores"]["get"]["parameters"]["query"]>;

export const asked: Asked = { limit: 100 };
export function told(page: Page): string[] {
  return page.items
    .filter((score: Score) => score.state === "published")
    .map((score) => `${score.record.external_id}: ${score.value ?? "none"}`);
}
"""
WRONG = """\
export const noSuchField = (of: Score) => of.rank;
export const noSuchState: Score["state"] = "splendid";
export const mayBeMissing = (of: Score) => of.value + 1;
export const noSuchParameter: Asked = { colour: 1 };
"""
"""What a client's own compiler must tell its author, line by line."""

pytestmark = pytest.mark.slow
typescript = pytest.mark.skipif(
    not READY, reason="openapi-typescript needs node and its packages: `make node`"
)


def ran(
    *words: str | Path, folder: Path, passes: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a tool in a folder, with this environment's own programs found first."""
    here = Path(sys.executable).parent
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env=os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert (done.returncode == 0) is passes, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a generated Python package, made without a warning."""
    folder = tmp_path_factory.mktemp("python") / "client"
    done = ran(
        *(
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--fail-on-warning",
        ),
        *("--path", DOCUMENT, "--output-path", folder),
        folder=folder.parent,
    )
    assert "arning" not in done.stdout + done.stderr
    return folder


def test_a_python_client_passes_mypy_strict(python_client: Path) -> None:
    assert ran(*MYPY, PACKAGE, folder=python_client).returncode == 0


def test_a_program_for_the_python_client_is_checked_and_pulls(
    python_client: Path, served: Served
) -> None:
    (python_client / "program.py").write_text(PROGRAM)
    assert ran(*MYPY, "program.py", folder=python_client).returncode == 0
    client = served.client(BASIC)

    done = ran(
        *(sys.executable, "program.py", served.address),
        *(client.client_id, client.secret),
        folder=python_client,
    )

    assert done.stdout.splitlines()[-1] == served.cycle


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of generated TypeScript types."""
    folder = tmp_path_factory.mktemp("typescript")
    ran(GENERATORS / "openapi-typescript", DOCUMENT, "-o", "schema.d.ts", folder=folder)
    return folder


@typescript
def test_typescript_types_and_a_program_pass_tsc_strict(schema: Path) -> None:
    (schema / "program.ts").write_text(TYPES)

    assert ran(*TSC, "schema.d.ts", "program.ts", folder=schema).returncode == 0


@typescript
def test_typescript_finds_what_the_document_does_not_say(schema: Path) -> None:
    (schema / "wrong.ts").write_text(TYPES + WRONG)
    first = len(TYPES.splitlines()) + 1

    said = ran(*TSC, "wrong.ts", folder=schema, passes=False).stdout
    assert re.findall(r"^wrong\.ts\((\d+),", said, re.MULTILINE) == [
        str(first + line) for line in range(len(WRONG.splitlines()))
    ]
