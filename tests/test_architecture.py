"""What holds for the service as a whole: its routes, settings, clock and states."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from service.app import DOCUMENTED_ISSUER, about, create_app
from service.auth.declared import check_declared, routes
from service.edge.openapi import document
from service.settings import Settings
from tests.sources import MODULES, ROOT, functions, name_of, strings, tree_of

OPENAPI = ROOT / "openapi" / "openapi.json"
VARIABLE = re.compile(r"JOINEDUP_[A-Z][A-Z_]*")
OF_THE_TESTS = {"JOINEDUP_REAL_DATA"}
PUBLIC = {
    "GET /docs",
    "GET /docs/style.css",
    "GET /docs/try",
    "GET /docs/try/{name}",
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "GET /livez",
    "GET /openapi.json",
    "GET /readyz",
    "GET /v1/methods/{name}/{version}",
    "POST /oauth/introspect",  # These two authenticate the client themselves.
    "POST /oauth/revoke",
    "POST /oauth/token",
    # A rater who cannot sign in: their link's token, and a code typed, let them in.
    "GET /v1/feedback-links/{token}",
    "POST /v1/feedback-links/{token}/codes",
    "POST /v1/feedback-links/{token}/sessions",
    "POST /v1/feedback-links/{token}/openings",
    "GET /v1/feedback-links/{token}/response",
    "GET /v1/feedback-links/{token}/response/hints",
    "PUT /v1/feedback-links/{token}/response",
    "POST /v1/feedback-links/{token}/submission",
    "POST /v1/feedback-links/{token}/decline",
}

OPEN_PAGES = {
    # A rater who cannot sign in: their link's token, and a code typed, let them in.
    "GET /feedback-links/declined",
    "GET /feedback-links/{token}",
    "POST /feedback-links/{token}/codes",
    "GET /feedback-links/{token}/code",
    "POST /feedback-links/{token}/code",
    "GET /feedback-links/{token}/{step}",
    "POST /feedback-links/{token}/{step}",
    "GET /sign-in",
    "POST /sign-in/{provider}",
    "GET /sign-in/{provider}/callback",
    "GET /sign-in/development",  # Nothing but where JOINEDUP_DEV_SIGN_IN says so.
    "POST /sign-in/development",
    "GET /signed-out",
    "GET /help",
    "GET /privacy",
    "GET /cookies",
    "GET /accessibility",
    "GET /language/{code}",
    "GET /assets/{name}",
    "GET /embed/records/{record}",  # A signed link of the HR system lets it in.
    "GET /dev/mail",  # Nothing but where JOINEDUP_DEV_SIGN_IN says so.
    "GET /dev/mail/{mail}",
}
"""Pages for people who have not signed in; those of each other room come below."""


# What callers meet.


def test_every_route_declares_its_access(app: Litestar) -> None:
    check_declared(app)
    assert [path for _, path, access in routes(app) if access == "UNDECLARED"] == []


def test_only_these_routes_are_open_to_anyone(app: Litestar) -> None:
    listed = {f"{method} {path}" for method, path, to in routes(app) if to == "public"}

    assert listed == PUBLIC | OPEN_PAGES


def test_the_committed_openapi_document_is_the_app_s() -> None:
    app = create_app(Settings(), DOCUMENTED_ISSUER)

    assert OPENAPI.read_bytes() == document(app, about(DOCUMENTED_ISSUER)), (
        "make openapi renews it"
    )


UNDESCRIBED = {"GET /openapi.json"} | {each for each in PUBLIC if " /docs" in each}


def operations() -> dict[str, dict[str, Any]]:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, item in paths.items()
        for method, operation in item.items()
        if method in {"get", "put", "post", "patch", "delete"}
    }


def test_every_operation_has_an_id_a_summary_and_a_tag() -> None:
    found = operations()

    lacking = {
        name: [key for key in ("operationId", "summary", "tags") if not has.get(key)]
        for name, has in found.items()
    }
    assert {name: keys for name, keys in lacking.items() if keys} == {}
    ids = [operation["operationId"] for operation in found.values()]
    assert len(ids) == len(set(ids))


def test_every_route_is_in_the_openapi_document_with_its_access(app: Litestar) -> None:
    documented = {
        name: " | ".join(spoken(each, operation) for each in operation["security"])
        or "public"
        for name, operation in operations().items()
    }
    served = {
        f"{method} {path}": access
        for method, path, access in routes(app)
        if f"{method} {path}" not in OPEN_PAGES and not access.startswith("page")
    }
    # It does not describe itself, nor the pages that show it.
    documented |= dict.fromkeys(UNDESCRIBED, "public")

    assert documented == served


def spoken(requirement: dict[str, list[str]], operation: dict[str, Any]) -> str:
    """One of the callers that a route serves, in the words of the guard."""
    ((scheme, scopes),) = requirement.items()
    if scheme == "oauth2":
        return " ".join(sorted(scopes))
    return ":".join([scheme, *operation.get("x-roles", [])])


# What whoever runs it is told.


def variables() -> set[str]:
    return {f"JOINEDUP_{field.upper()}" for field in Settings.model_fields}


def test_every_setting_is_in_the_readme() -> None:
    named = set(VARIABLE.findall((ROOT / "README.md").read_text(encoding="utf-8")))

    assert variables() - named == set()


@pytest.mark.parametrize(
    "path", ["README.md", "CONTRIBUTING.md", "Makefile", "Dockerfile", ".ci/run"]
)
def test_no_setting_is_named_that_does_not_exist(path: str) -> None:
    named = set(VARIABLE.findall((ROOT / path).read_text(encoding="utf-8")))

    assert named - variables() - OF_THE_TESTS == set()


def test_no_message_names_a_setting_that_does_not_exist() -> None:
    known = variables() | OF_THE_TESTS
    wrong = {
        f"{name_of(module)}: {name}"
        for module in MODULES
        for name in VARIABLE.findall(module.read_text(encoding="utf-8"))
        if name not in known
    }

    assert wrong == set()


# What the clock and the states of things hang on.

CLOCK = "service/settings.py"
NOW_IN_SQL = re.compile(
    r"\bnow\(\)|\bcurrent_(timestamp|date|time)\b|\b(clock|statement|transaction)_timestamp\b"
    r"|\blocaltime(stamp)?\b",
    re.IGNORECASE,
)


def wall_clocks(tree: ast.AST) -> Iterator[str]:
    """Every look at a wall clock in Python, however the module was imported."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="now" | "today" | "utcnow", value=of):
                if ast.unparse(of).split(".")[-1] in {"datetime", "date", "dt"}:
                    yield ast.unparse(node)
            case ast.Attribute(
                attr="time" | "time_ns" | "localtime" | "gmtime" | "ctime" | "strftime",
                value=ast.Name(id="time"),
            ):
                yield ast.unparse(node)
            case ast.ImportFrom(module="time", names=names):
                wrong = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"}
                yield from (name.name for name in names if name.name in wrong)


def test_one_place_reads_the_wall_clock() -> None:
    found = {name_of(m): [*wall_clocks(tree_of(m))] for m in MODULES}

    assert {name: seen for name, seen in found.items() if seen} == {
        CLOCK: ["datetime.now"]
    }


def test_no_statement_asks_the_database_for_the_time() -> None:
    """The migrations' own record may: it says when a command ran, and rules nothing."""
    found = {
        name_of(module)
        for module in MODULES
        if any(NOW_IN_SQL.search(text) for text in strings(tree_of(module)))
    }

    assert found == {
        "service/db/migrations.py",
        "service/edge/rates.py",  # Instances count by one clock: the database's.
    }


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "dt.date.today()",
        "date.today()",
        "time.time()",
        "from time import time_ns",
    ],
)
def test_a_look_at_the_clock_would_be_found(code: str) -> None:
    assert [*wall_clocks(ast.parse(code))]


def changes_of_state(module: Path) -> Iterator[tuple[str, str]]:
    """The table and the function, for each update of a state."""
    for function in functions(module):
        place = f"{name_of(module)}: {function.name}"
        for node in ast.walk(function):
            for key in node.keys if isinstance(node, ast.Dict) else []:
                if isinstance(key, ast.Attribute) and key.attr in {"state", "stage"}:
                    yield ast.unparse(key.value), place


def test_each_state_is_changed_by_one_function() -> None:
    found: dict[str, set[str]] = {}
    for module in MODULES:
        for table, place in changes_of_state(module):
            found.setdefault(table, set()).add(place)

    assert found == {
        "Contribution": {"service/objectives/changing.py: move"},
        "Cycle": {"service/records/actions.py: step"},
        "Export": {"service/hr/exports/actions.py: _move"},
        "FeedbackRequest": {"service/feedback/moving.py: move"},
        "Milestone": {"service/objectives/progress/milestones.py: _save"},
        "Nomination": {"service/feedback/nominating.py: _mark"},
        "ScoreAppeal": {"service/scores/deciding/appealing.py: _end"},
        "SharedObjective": {
            "service/objectives/assigning/adding.py: _itself",  # Of new ones, and so
            "service/objectives/changing.py: _save_itself",
            "service/objectives/writing.py: drafted",  # is this.
        },
        "SigningKey": {"service/auth/keys.py: rotate"},
        "Webhook": {"service/hr/webhooks/actions.py: _move"},
    }


SETS_A_STATE = re.compile(r"\bSET\b[^;]*?\b(state|stage) =", re.IGNORECASE | re.DOTALL)


def test_statements_change_the_state_of_scores_alone() -> None:
    found = {
        name_of(module)
        for module in MODULES
        if any(SETS_A_STATE.search(text) for text in strings(tree_of(module)))
    }

    assert found == {"service/scores/saving.py"}
