"""What holds for the text of every file, whoever wrote it."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.sources import MODULES, functions, name_of, tracked, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def matching(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in the repository: `file:line`."""
    return [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        yield name_of(path), path.read_text(encoding="utf-8", errors="replace")


def test_every_module_says_its_purpose() -> None:
    assert [name_of(m) for m in MODULES if not ast.get_docstring(tree_of(m))] == []


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        name_of(module): len(module.read_text(encoding="utf-8").splitlines())
        for module in MODULES
    }

    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long_to_read() -> None:
    lengths = {
        f"{name_of(module)}: {function.name}": function.end_lineno - function.lineno + 1
        for module in MODULES
        for function in functions(module)
        if function.end_lineno is not None
    }

    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


# A class of one letter keeps a pattern from finding itself here; `~` does for examples.
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b")
UNTESTED = re.compile(r"[p]ragma: ?no ?(cover|branch)")
BARE_IGNORE = re.compile(r"# [t]ype: ignore(?!\[[\w, -]+\]  ?# \w)")
BARE_NOQA = re.compile(r"# [n]oqa(?!: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* - \S)")
MACHINE = re.compile(r"(?<![\w.}-])/([w]ork|[r]oot|[h]ome|[t]mp)/\w")
SECRET = re.compile(
    r"-----[B]EGIN [A-Z ]*PRIVATE KEY|\b[e]yJ[\w-]{12,}\.[e]yJ[\w-]{12,}\."
    r"|\b(gh[pousr]_|[g]lpat-|[A]KIA)\w{16,}"
    r"|://[^/\s:@{}'\"…]+:(?!(?i:password)@)[^/\s@{}'\"…]{8,}@"
)
PACKAGE_HOST = re.compile(
    r"[p]ypi\.org|[p]ythonhosted|[n]pmjs\.|[y]arnpkg|[a]rtifactory|/[s]imple/"
    r"|deb\.[d]ebian|archive\.[u]buntu|[g]hcr\.io|[d]ocker\.io",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+\.[A-Za-z]{2,})\b")
REFERENCES = {"keepachangelog.com", "semver.org", "www.w3.org"}
"""Formats that a text points to, or that name themselves so, as SVG does."""
NOBODYS = re.compile(r"(.*\.)?(example(\.(com|org|gov\.uk))?|invalid|test|localhost)")
"""Names that are reserved, or that only this service gives."""


@pytest.mark.parametrize(
    ("pattern", "examples"),
    [
        (UNFINISHED, ["# TO~DO: later"]),
        (UNTESTED, ["if x:  # pra~gma: no cover"]),
        (MACHINE, ["open('/wo~rk/data')", "cd /ro~ot/main"]),
        (
            SECRET,
            [
                "-----BEG~IN EC PRIVATE KEY-----",
                "e~yJhbGciOiJFUzI1NiJ9.e~yJpc3MiOiJodHRwcyJ9.x",
                "postgresql:~//me:correct-horse@db/joinedup",
            ],
        ),
        (
            PACKAGE_HOST,
            ["https:~//registry.npm~js.org/", "--index-url https:~//a.b/sim~ple/"],
        ),
    ],
    ids=["unfinished", "untested", "a machine's path", "a secret", "a package host"],
)
def test_no_file_holds_what_should_not_be_kept(
    pattern: re.Pattern[str], examples: list[str]
) -> None:
    assert all(pattern.search(example.replace("~", "")) for example in examples)
    assert matching(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "examples"),
    [
        (BARE_IGNORE, ["# ty~pe: ignore", "# ty~pe: ignore[misc]"]),
        (BARE_NOQA, ["# no~qa", "# no~qa: S101", "# no~qa: PLR2004 a reason"]),
    ],
    ids=["mypy", "ruff"],
)
def test_every_exception_to_a_check_gives_its_reason(
    pattern: re.Pattern[str], examples: list[str]
) -> None:
    assert all(pattern.search(example.replace("~", "")) for example in examples)
    assert [place for place in matching(pattern) if ".py:" in place] == []


OTHERS_WORDS = {
    "tests/node/package-lock.json",  # Names whom to pay, as npm does.
    "service/docs/swagger/LICENSE.txt",  # Licences are kept as they were given.
    "service/docs/swagger/swagger-ui-bundle.js.LICENSE.txt",
}


def test_no_file_names_a_host_that_somebody_owns() -> None:
    found = {
        f"{name}: {host}"
        for name, text in texts()
        if name not in OTHERS_WORDS
        for host in ADDRESS.findall(text)
        if host not in REFERENCES and not NOBODYS.fullmatch(host)
    }

    assert found == set()
