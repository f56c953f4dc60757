"""`python -m bench`: measure everything once, on a database of its own."""

import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
import uvloop

from bench.assigning import assigning
from bench.estimating import estimating
from bench.exporting import exporting
from bench.measure import Measure
from bench.pages import pages
from bench.requests import requests
from bench.year import answered, imported, published
from service.cli.session import opened
from service.db import transaction
from service.settings import settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(*, as_json: bool) -> None:
    """Measure the service, and compare within the run. Takes two or three minutes."""
    with _own_settings() as folder:
        # What is measured in this process runs as it does in the server's.
        machine, measures = uvloop.run(_everything(folder))
    if as_json:
        found = [asdict(measure) for measure in measures]
        click.echo(json.dumps({"machine": machine, "measures": found}))
        return
    click.echo(", ".join(f"{name} {value}" for name, value in machine.items()))
    for line in _table(measures):
        click.echo(line)


@contextmanager
def _own_settings() -> Iterator[Path]:
    """Run on defaults and an embedded database that is thrown away."""
    for name in [name for name in os.environ if name.startswith("JOINEDUP_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # As root, the database runs as another user.
        os.environ["JOINEDUP_DATA_DIR"] = name
        os.environ["JOINEDUP_RATE_LIMIT"] = "1000000"  # A caller asks without pause.
        settings.cache_clear()
        yield folder


async def _everything(folder: Path) -> tuple[dict[str, object], list[Measure]]:
    """Import, share, answer and publish a year, then read it as HR systems do."""
    async with opened() as now:
        machine = await _machine()
        imports = await imported(folder / "sample", now)
        year, submitting = await answered(now)
        assigned = await assigning(year)
        publishing = await published(year, now)
        asking = await requests(now)
        drawn = await pages(now)
        exported = await exporting(folder)
    return machine, [
        *asking,
        *drawn,
        *imports,
        *assigned,
        *submitting,
        publishing,
        *exported,
        *estimating(),
    ]


async def _machine() -> dict[str, object]:
    async with transaction() as connection:
        server = await connection.fetchval("SHOW server_version")
    return {
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "PostgreSQL": server,
    }


def _table(measures: list[Measure]) -> Iterator[str]:
    yield f"{'':48} {'':>22} {'CPU µs':>9} {'x bare':>8} {'target':>8}"
    for measure in measures:
        digits = 0 if measure.value >= 100 else 2  # noqa: PLR2004 - three or so in all
        value = f"{measure.value:,.{digits}f}"
        cells = [
            "" if measure.cpu_us is None else f"{measure.cpu_us:,.0f}",
            "" if measure.ratio is None else f"{measure.ratio:.1f}",
            "" if measure.target is None else f"≤ {measure.target:g}",
        ]
        figure = f"{value} {measure.unit}"
        yield f"{measure.name:48} {figure:>22} " + "{:>9} {:>8} {:>8}".format(*cells)


if __name__ == "__main__":
    main()
