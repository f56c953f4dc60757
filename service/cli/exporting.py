"""`joinedup export`: scores of one organisation in a file that its HR system reads."""

from pathlib import Path
from uuid import UUID

import click

from service.app import issuer_of
from service.cli.printing import AS_JSON, print_json
from service.cli.session import REFUSED, configured, end, opened, operator, run
from service.directory.queries import known_codes
from service.directory.rules import UnknownOrganisation
from service.errors import Refusal
from service.hr.exports.actions import write_out
from service.hr.exports.layouts import layout_of, read
from service.hr.exports.rules import MAPPED, ExportFormat
from service.hr.exports.validating import faults
from service.hr.exports.writing import Made
from service.settings import settings

FORMATS = click.Choice([each.value for each in ExportFormat])


@click.group(invoke_without_command=True)
@click.option("--organisation", metavar="CODE", help="Whose people's scores.")
@click.option("--format", "wanted", type=FORMATS, help="What the file is for.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write."
)
@click.option("--cycle", type=click.UUID, help="Only this cycle's; else all.")
@AS_JSON
@click.pass_context
def export(
    context: click.Context,
    organisation: str | None,
    wanted: str | None,
    out: Path | None,
    cycle: UUID | None,
    *,
    as_json: bool,
) -> None:
    """Write published scores to a file, which only its owner can read."""
    if context.invoked_subcommand is not None:
        return
    if organisation is None or wanted is None or out is None:
        raise click.UsageError("Give --organisation, --format and --out.")
    code, path, kind = organisation, out, ExportFormat(wanted)

    async def work() -> Made:
        async with opened() as now:
            if code not in await known_codes():
                raise UnknownOrganisation(f"{code}: see `joinedup organisations list`.")
            chosen = settings()
            try:
                return await write_out(
                    kind,
                    code,
                    path,
                    cycle=cycle,
                    issuer=issuer_of(chosen),
                    data_dir=chosen.data_dir,
                    caller=operator(),
                    now=now,
                )
            except OSError as error:
                said = f"--out: {path}: {error.strerror}."
                raise click.ClickException(said) from error

    _tell(run(work()), as_json=as_json)


def _tell(made: Made, *, as_json: bool) -> None:
    if as_json:
        print_json({"scores": made.scores, "bytes": made.size, "sha256": made.sha256})
    else:
        click.echo(f"{made.scores} scores, {made.size} bytes, SHA-256 {made.sha256}")


@export.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", "wanted", type=FORMATS, required=True)
@click.option(
    "--layout",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A layout's own file; else the organisation's, or ours.",
)
@click.option("--organisation", metavar="CODE", default="", help="Whose layout.")
@AS_JSON
def validate(
    file: Path, wanted: str, layout: Path | None, organisation: str, *, as_json: bool
) -> None:
    """Check a file against its layout; exit with 1 if anything is wrong."""
    kind = ExportFormat(wanted)
    try:
        said = None
        if kind in MAPPED:
            data_dir = configured().data_dir
            said = read(layout) if layout else layout_of(kind, organisation, data_dir)
        found = faults(file, kind, said)
    except Refusal as refusal:
        end(refusal)
    if as_json:
        print_json({"faults": found})
    else:
        for fault in found:
            click.echo(fault)
        click.echo("It is as its layout says." if not found else f"{len(found)} faults")
    if found:
        raise SystemExit(REFUSED)
