"""The integration guide names nothing that is not there."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from service.auth.issuing import STATUS
from service.cli import joinedup
from service.hr.exports.layouts import read
from service.hr.exports.rules import ExportFormat
from service.settings import Settings
from tests.clients.guide import (
    FENCED,
    GUIDE,
    PUBLIC,
    blocks,
    commands,
    refusals,
    section,
)
from tests.e2e.running import ROOT

PROBLEMS = (ROOT / "openapi" / "problems.md").read_text(encoding="utf-8")
OF_PROBLEMS = {
    slug: int(status) for slug, status in re.findall(r"## (\S+)\n\n(\d{3}): ", PROBLEMS)
}
OAUTH = {
    # RFC 6749 section 5.2, less what only other grants meet.
    "invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type",
    # RFC 6749 section 4.1.2.1
    "temporarily_unavailable",
    # RFC 9449 sections 5 and 8
    "invalid_dpop_proof", "use_dpop_nonce",
}  # fmt: skip
"""Every error that the token endpoint gives."""
ADDRESS = r"/(?:v1|oauth|scim|\.well-known)(?:/[\w{}.-]*[\w}])+"
CONNECTOR = ROOT / "openapi" / "examples" / "connector.py"
NAMED = [
    PUBLIC.name,
    "scores.zip",
    "scores.csv",
    "scores.ndjson",
    "jwks.json",
    "own.toml",
]
"""Files that the guide's commands read."""
PRODUCTS = [
    "Oracle Integration", "SAP Cloud Integration", "Azure Data Factory", "Workday",
    "Java (Spring)", "Python", "curl",
]  # fmt: skip


def parsed(words: list[str]) -> str:
    """Parse a command as click does, down to its last group, and run nothing.

    Returns its name with those of its groups.
    """
    command: click.Command = joinedup
    context = command.make_context(words[0], words[1:])
    while isinstance(command, click.Group):
        left = [*context._protected_args, *context.args]
        if command.invoke_without_command and not left:
            break
        name, found, rest = command.resolve_command(context, left)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)
    return context.command_path


@pytest.fixture(autouse=True)
def with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the files that the guide's commands name."""
    monkeypatch.chdir(tmp_path)
    for name in NAMED:
        Path(name).write_text("{}")


@pytest.mark.parametrize("command", commands())
def test_its_commands_parse(command: str) -> None:
    words = shlex.split(command)
    assert words[: len(parsed(words).split())] == parsed(words).split()


@pytest.mark.parametrize(
    "wrong",
    [
        "joinedup clients make",
        "joinedup clients create --organisation hmt",
        "joinedup clients create --organisation hmt --scope scores:read --auth none",
        "joinedup clients show",
        "joinedup clients show CLIENT more",
    ],
)
def test_a_command_that_is_not_there_does_not_parse(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        parsed(shlex.split(wrong))


def test_it_shows_each_command_about_clients_that_an_integration_meets() -> None:
    shown = {
        shlex.split(command)[2] for command in commands() if " clients " in command
    }
    assert shown == {
        "create", "show", "rotate-secret", "replace-keys", "revoke-tokens", "disable",
        "allow-audience", "allow-rs256",
    }  # fmt: skip


def test_each_of_its_refusals_exists_with_that_status() -> None:
    known = OF_PROBLEMS | {error: STATUS.get(error, 400) for error in OAUTH}
    named = refusals()
    assert named == {name: known.get(name) for name in named}


def test_it_names_every_error_of_the_token_endpoint() -> None:
    assert refusals().keys() >= OAUTH


def test_its_addresses_are_routes() -> None:
    routes = json.loads((ROOT / "openapi" / "openapi.json").read_text())["paths"]
    named = set(re.findall(ADDRESS, GUIDE))
    assert len(named) > 10
    # Where an identity provider's own addresses begin.
    assert named - {*routes} == {"/scim/v2"}


def test_its_settings_are_settings() -> None:
    named = set(re.findall(r"JOINEDUP_[A-Z_]+", GUIDE))
    of_connector = set(re.findall(r"JOINEDUP_[A-Z_]+", CONNECTOR.read_text()))
    settings = {f"JOINEDUP_{name.upper()}" for name in Settings.model_fields}
    assert named - settings == of_connector


def test_its_layout_can_be_used(tmp_path: Path) -> None:
    (own,) = blocks(GUIDE, "toml")
    (tmp_path / "own.toml").write_text(own)
    layout = read(tmp_path / "own.toml")
    assert [each.header for each in layout.files[0].columns] == [
        "Employee_ID", "Rating", "Comment",
    ]  # fmt: skip


def test_it_tells_of_every_format_of_a_file() -> None:
    of_files = section("Files for an HR system")
    named = re.findall(r"^\| `([a-z-]+)` \|", of_files, re.MULTILINE)
    assert [*named] == ["format", *ExportFormat]


def test_its_links_lead_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", GUIDE), re.MULTILINE)
    anchors = {
        re.sub(r"[^a-z -]", "", each.lower()).replace(" ", "-") for each in titles
    }
    for link in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if link.startswith("#"):
            assert link[1:] in anchors
        elif not link.startswith("https://"):
            assert (ROOT / "openapi" / link).is_file()


@pytest.mark.parametrize("product", PRODUCTS)
def test_it_has_a_part_on_each_product(product: str) -> None:
    assert f"\n## {product}\n" in GUIDE


def test_its_json_is_json() -> None:
    assert [json.loads(block) for block in blocks(GUIDE, "json")]


def test_readme_links_it() -> None:
    assert "openapi/integration.md" in (ROOT / "README.md").read_text()
