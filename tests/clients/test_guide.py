"""The integration guide names nothing that is not there."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from service.auth.issuing import STATUS
from service.cli import joinedup
from service.settings import Settings
from tests.clients.guide import GUIDE, PUBLIC, blocks, commands, refusals
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
PRODUCTS = [
    "Oracle Integration", "SAP Cloud Integration", "Azure Data Factory", "Workday",
    "Java (Spring)", "Python", "curl",
]  # fmt: skip


def parse(words: list[str]) -> None:
    """Parse a command as click does, down to its last group, and run nothing."""
    command: click.Command = joinedup
    context = command.make_context(words[0], words[1:])
    while isinstance(command, click.Group):
        left = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, left)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)


@pytest.fixture(autouse=True)
def with_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the file of public keys that the guide's commands name."""
    monkeypatch.chdir(tmp_path)
    PUBLIC.write_text("{}")


@pytest.mark.parametrize("command", commands())
def test_its_commands_parse(command: str) -> None:
    parse(shlex.split(command))


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
        parse(shlex.split(wrong))


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
    named = set(re.findall(r"/(?:v1|oauth|\.well-known)/[a-z/-]+", GUIDE))
    # A linked service's base address, which ends with /v1/, is not of this form.
    assert named
    assert named - {*routes} == set()


def test_its_settings_are_settings() -> None:
    named = set(re.findall(r"JOINEDUP_[A-Z_]+", GUIDE))
    assert named <= {f"JOINEDUP_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("product", PRODUCTS)
def test_it_has_a_part_on_each_product(product: str) -> None:
    assert f"\n## {product}\n" in GUIDE


def test_its_json_is_json() -> None:
    assert [json.loads(block) for block in blocks(GUIDE, "json")]


def test_readme_links_it() -> None:
    assert "openapi/integration.md" in (ROOT / "README.md").read_text()
