"""How commands about clients and keys print what they found."""

import json
from datetime import date
from typing import Any

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever json.dumps takes
    """Print a result as one line of JSON."""
    click.echo(json.dumps(value, default=spoken, ensure_ascii=False))


def spoken(value: object) -> str:
    """Return a value in words."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(spoken, value)) or "-"
    if isinstance(value, dict):  # A secret
        return f"made {value['created_at']}, ends {value['expires_at'] or 'never'}"
    return "-" if value is None else str(value)
