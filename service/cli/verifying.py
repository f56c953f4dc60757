"""`joinedup verify`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from joserfc.jwk import ECKey

from service.auth.row_keys.actions import published
from service.cli.printing import AS_JSON, print_json
from service.cli.session import REFUSED, opened, run
from service.hr.signing.verifying import Report, Unreadable, keys_from
from service.hr.signing.verifying import verify as verify_rows

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=EXISTING)
@click.option(
    "--jwks",
    type=EXISTING,
    help="The service's keys, as /.well-known/jwks.json gave them: nothing else is"
    " needed then. Left out, they come from the database.",
)
@AS_JSON
def verify(file: Path, jwks: Path | None, *, as_json: bool) -> None:
    """Check that the rows of FILE are as the service signed them.

    FILE is JSON or NDJSON: a score, a page of them, or pages of the change feed. Ends
    with 1 and names the rows if any is not.
    """
    keys = _keys(jwks)
    try:
        report = verify_rows(_text(file), keys)
    except Unreadable as why:
        click.echo(f"{file}: {why}", err=True)
        sys.exit(REFUSED)
    if as_json:
        print_json(asdict(report))
    else:
        _tell(report)
    if report.faults:
        sys.exit(REFUSED)


def _keys(jwks: Path | None) -> dict[str, ECKey]:
    if jwks is None:
        return keys_from(json.dumps({"keys": run(_stored())}))
    try:
        return keys_from(_text(jwks))
    except Unreadable as why:
        click.echo(f"{jwks}: {why}", err=True)
        sys.exit(REFUSED)


async def _stored() -> list[dict[str, object]]:
    async with opened():
        return await published()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("It is not UTF-8.") from error


def _tell(report: Report) -> None:
    for fault in report.faults:
        click.echo(f"{fault.row}  row {fault.place}: {fault.why}")
    click.echo(f"{report.rows} rows, {len(report.faults)} of them not as signed.")
