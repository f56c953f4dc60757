"""What gets installed is what was reviewed: exact versions, digests, no addresses."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
RUNTIME = (ROOT / "requirements.txt").read_text(encoding="utf-8")
DEV = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
NODE = ROOT / "tests" / "node"
NODE_LOCK = (NODE / "package-lock.json").read_text(encoding="utf-8")

# An entry is a name, a version, where it applies, and digests. Whatever else pip would
# read (an option, an index, an address, a path, a looser version) does not fit.
ENTRY = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9a-z.]*)"
    r"(?: ; (?P<marker>[\w .'=<>!]+))?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)


def entries(lock: str) -> list[re.Match[str]]:
    """Return the entries of a lock; ValueError names the line that is not one."""
    found: list[re.Match[str]] = []
    position = 0
    while position < len(lock):
        entry = ENTRY.match(lock, position)
        if entry is None:
            line = lock.count("\n", 0, position) + 1
            raise ValueError(f"line {line} begins something that is not a pinned entry")
        found.append(entry)
        position = entry.end()
    return found


def versions(lock: str) -> dict[str, set[Version]]:
    """Return every version a name is pinned to, on whatever Python."""
    pins: dict[str, set[Version]] = {}
    for entry in entries(lock):
        pins.setdefault(entry["name"], set()).add(Version(entry["version"]))
    return pins


def missing(wanted: list[Requirement], lock: str, python: str) -> list[str]:
    """Return what `wanted` asks for that does not have one fitting pin on Linux."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "extra": "",
    }
    pins: dict[str, list[Version]] = {}
    for entry in entries(lock):
        marker = (
            Requirement(f"x ; {entry['marker']}").marker if entry["marker"] else None
        )
        if marker is None or marker.evaluate(environment):
            pins.setdefault(entry["name"], []).append(Version(entry["version"]))
    return [
        str(requirement)
        for requirement in wanted
        if (requirement.marker is None or requirement.marker.evaluate(environment))
        and [
            requirement.specifier.contains(version)
            for version in pins.get(canonicalize_name(requirement.name), [])
        ]
        != [True]
    ]


@pytest.mark.parametrize("lock", [RUNTIME, DEV], ids=["runtime", "dev"])
def test_every_entry_is_pinned_with_digests_and_names_no_address(lock: str) -> None:
    assert len(entries(lock)) > len(PROJECT["dependencies"])


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple\n",
        "-e .\n",
        "./wheels/six.whl\n",
        "six @ https://packages.example/six.whl\n",
        "six==1.17.0\n",
        "six>=1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n",
        "six==1.17.0 \\\n    --hash=md5:" + "0" * 32 + "\n",
        "# from https://packages.example\n",
    ],
)
def test_a_lock_with_anything_else_in_it_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=f"line {RUNTIME.count(chr(10)) + 1} begins"):
        entries(RUNTIME + line)


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_runtime_lock_satisfies_pyproject(python: str) -> None:
    wanted = [Requirement(line) for line in PROJECT["dependencies"]]

    assert missing(wanted, RUNTIME, python) == []


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_development_lock_satisfies_pyproject(python: str) -> None:
    declared = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]

    assert missing([Requirement(line) for line in declared], DEV, python) == []


@pytest.mark.parametrize("wanted", ["litestar<2", "not-in-the-lock"])
def test_a_stale_lock_is_noticed(wanted: str) -> None:
    assert missing([Requirement(wanted)], RUNTIME, "3.11") == [wanted]


def test_development_runs_the_versions_that_production_runs() -> None:
    runtime, dev = versions(RUNTIME), versions(DEV)

    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_node_lock_names_no_address_of_a_package() -> None:
    packages: Mapping[str, Any] = json.loads(NODE_LOCK)["packages"]
    installed = [package for path, package in packages.items() if path]

    assert installed
    assert [p for p in installed if "resolved" in p or "link" in p] == []
    assert [p for p in installed if not p["integrity"].startswith("sha512-")] == []


def test_node_packages_are_asked_for_by_exact_version_and_locked_to_it() -> None:
    asked = json.loads((NODE / "package.json").read_text(encoding="utf-8"))
    packages = json.loads(NODE_LOCK)["packages"]
    locked = {
        name: packages[f"node_modules/{name}"]["version"]
        for name in asked["devDependencies"]
    }

    assert asked["devDependencies"] == locked
