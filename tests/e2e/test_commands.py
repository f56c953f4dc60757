"""What a command says and how it ends: 0 done, 1 refused, 2 not now, 3 unavailable."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.cli import COMMANDS
from service.cli import joinedup as command
from tests.e2e.demos import Demo
from tests.e2e.running import ROOT, SECRET, free_port, joinedup, json_of

pytestmark = pytest.mark.slow

HEAVY = ("service.app", "litestar", "scipy", "numpy", "piccolo", "authlib", "uvicorn")


def every_command(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*words, name), found
        if isinstance(found, click.Group):
            yield from every_command(found, (*words, name))


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("cycles", "nonsense"),
        ("cycles", "list", "--nonsense"),
        ("cycles", "create", "--framework", "uk-scs-2025"),
        ("demo", "--people", "99"),
        ("serve", "--port", "0"),
        ("scores", "compute", "--cycle", "not-an-id"),
        (
            "roles",
            "grant",
            "p",
            "no-role",
            "--organisation",
            "a",
            "--until",
            "2027-01-01",
        ),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_refused_input(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = joinedup(tmp_path / "data", *words)
    assert done.returncode == 1
    assert "Usage:" in done.stderr
    assert not (tmp_path / "data").exists()


def test_every_command_has_help() -> None:
    found = dict(every_command(command))
    assert len(found) > 20
    for words, each in found.items():
        shown = CliRunner().invoke(command, [*words, "--help"])
        assert shown.exit_code == 0
        assert shown.output.startswith("Usage:")
        assert each.help
        assert " ".join(each.help.split()[:6]) in " ".join(shown.output.split())


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys\n"
        "from service.cli import joinedup\n"
        "joinedup(['--help'], standalone_mode=False)\n"
        f"print(sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)


def test_a_command_that_serves_nothing_does_not_load_the_web() -> None:
    code = (
        "import sys, click\n"
        "from service.cli import joinedup as it\n"
        "for name in ('clients', 'cycles', 'import', 'migrate', 'roles', 'serve'):\n"
        "    it.get_command(click.Context(it), name)\n"
        "print(sorted(set(sys.modules) & {'service.app', 'litestar', 'scipy'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_refused_input_is_1(demo: Demo) -> None:
    done = joinedup(
        demo.data,
        "clients",
        "create",
        "--organisation",
        "no-such",
        "--scope",
        "scores:read",
    )
    assert done.returncode == 1
    assert "no-such" in done.stderr
    assert done.stdout == ""


def test_what_is_not_there_is_1(demo: Demo) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    done = joinedup(demo.data, "scores", "compute", "--cycle", nobody)
    assert done.returncode == 1
    assert nobody in done.stderr


def test_computing_before_the_window_has_closed_is_2(demo: Demo) -> None:
    now = datetime.now(UTC)
    year = now.year + 1
    made = json_of(
        demo.data,
        *("cycles", "create", "--framework", "uk-scs-2025", "--year", str(year)),
    )
    done = joinedup(demo.data, "scores", "compute", "--cycle", made["id"])
    assert done.returncode == 2
    assert str(year + 1) in done.stderr  # It says when.
    published = joinedup(demo.data, "scores", "publish", "--cycle", made["id"])
    assert published.returncode == 2


UNREACHABLE = {
    "nobody listens": "postgresql://joinedup_app:{secret}@127.0.0.1:{port}/joinedup",
    "no such socket": "postgresql://joinedup_app:{secret}@/joinedup?host=/nowhere",
    "no port": "postgresql://joinedup_app:{secret}@127.0.0.1:port/joinedup",
    "another engine": "mysql://joinedup_app:{secret}@127.0.0.1:{port}/joinedup",
}


@pytest.mark.parametrize("address", UNREACHABLE.values(), ids=UNREACHABLE)
@pytest.mark.parametrize(
    "words", [("cycles", "list"), ("migrate",), ("serve",)], ids=" ".join
)
def test_a_database_out_of_reach_is_3_and_its_password_is_not_shown(
    words: tuple[str, ...], address: str, tmp_path: Path
) -> None:
    url = address.format(secret=SECRET, port=free_port())
    given = {
        "JOINEDUP_DATABASE_URL": url,
        "JOINEDUP_MIGRATION_DATABASE_URL": url,
        "JOINEDUP_SECRET_KEY": "k" * 40,
    }
    if words == ("serve",):
        words = (*words, "--port", str(free_port()))
    done = joinedup(tmp_path, *words, given=given)
    assert done.returncode == 3
    assert "DATABASE_URL" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_an_address_that_is_none_is_refused_and_not_shown(tmp_path: Path) -> None:
    given = {"JOINEDUP_DATABASE_URL": SECRET, "JOINEDUP_SECRET_KEY": "k" * 40}
    done = joinedup(tmp_path, "cycles", "list", given=given)
    assert done.returncode == 1
    assert "postgresql://role:password@host/database" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"JOINEDUP_NOW": "yesterday"}, "JOINEDUP_NOW"),
        ({"JOINEDUP_NOW": "2026-01-01T00:00:00"}, "JOINEDUP_NOW"),
        ({"JOINEDUP_POOL_SIZE": "none"}, "JOINEDUP_POOL_SIZE"),
        ({"JOINEDUP_SECRET_KEY": SECRET[:20]}, "JOINEDUP_SECRET_KEY"),
        (
            {
                "JOINEDUP_NOW": "2026-01-01T00:00:00Z",
                "JOINEDUP_DATABASE_URL": f"postgresql://a:{SECRET}@127.0.0.1:1/b",
            },
            "JOINEDUP_NOW fixes the clock and is refused with JOINEDUP_DATABASE_URL",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_wrong_setting_is_named(
    given: dict[str, str], named: str, tmp_path: Path
) -> None:
    done = joinedup(tmp_path / "data", "cycles", "list", given=given)
    assert done.returncode == 1
    assert done.stderr.startswith(named)
    assert SECRET[:20] not in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_demo_refuses_a_database_that_is_not_its_own(tmp_path: Path) -> None:
    given = {"JOINEDUP_DATABASE_URL": f"postgresql://a:{SECRET}@127.0.0.1:1/b"}
    done = joinedup(tmp_path / "data", "demo", given=given)
    assert done.returncode == 1
    assert "JOINEDUP_DATABASE_URL" in done.stderr
    assert SECRET not in done.stderr


def test_routes_lists_every_route_with_who_may_use_it(demo: Demo) -> None:
    document = json.loads(joinedup(demo.data, "openapi").stdout)
    operations = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert len(operations) > 10
    listed = {}
    for line in joinedup(demo.data, "routes", "--access").stdout.splitlines():
        method, path, access = line.split(maxsplit=2)
        listed[f"{method} {path}"] = access
    assert operations <= set(listed)
    assert listed["GET /livez"] == "public"
    assert "scores:read" in listed["GET /v1/scores"]


def test_migrating_again_changes_nothing(demo: Demo) -> None:
    for _ in range(2):
        done = joinedup(demo.data, "migrate")
        assert done.returncode == 0
        assert done.stdout.startswith("0 migrations ran")
