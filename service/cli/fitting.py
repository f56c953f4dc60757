"""`joinedup scores fit`: the method on anybody's own table of ratings.

The law: a table is fitted whole or refused with the column and the remedy, and then
nothing is written.
"""

import csv
import json
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from service.scores.estimate import CROSSED
from service.scores.estimation.model import Floats, People
from service.scores.estimation.reading import Ratings
from service.scores.estimation.table import Effect, Fitted, Solver, fit_table

FILE: Final = click.Path(path_type=Path)
COLUMN: Final = "COLUMN"


@click.command()
@click.argument("file", metavar="FILE.csv", type=FILE)
@click.option("--rating", required=True, metavar=COLUMN, help="Numbers; may be empty.")
@click.option("--person", required=True, metavar=COLUMN, help="Who is rated.")
@click.option("--rater", required=True, metavar=COLUMN, help="Who rates.")
@click.option("--item", metavar=COLUMN, help="Left out, each row is a form.")
@click.option("--rater-group", metavar=COLUMN, help="Each rater is in one.")
@click.option("--fixed", metavar=COLUMN, multiple=True, help="May be given again.")
@click.option(
    "--solver",
    type=click.Choice(["auto", "dense", "pcg"]),
    default="auto",
    show_default=True,
)
@click.option("--winsorise", is_flag=True, help="Draw in ratings that are far off.")
@click.option("--out", required=True, type=FILE, help="A folder; made if need be.")
@click.option("--json", "as_json", is_flag=True, help="Print fit.json.")
def fit(  # noqa: PLR0913 - an option each
    file: Path,
    rating: str,
    person: str,
    rater: str,
    item: str | None,
    rater_group: str | None,
    fixed: Sequence[str],
    solver: Solver,
    out: Path,
    *,
    winsorise: bool,
    as_json: bool,
) -> None:
    """Fit the crossed model to a table of ratings, as other software would.

    Writes variance_components.csv, persons.csv, raters.csv, fixed_effects.csv and
    fit.json.
    """
    if out.exists() and not out.is_dir():
        raise click.ClickException(f"--out: {out} is a file; name a folder.")
    wanted = [name for name in (rating, person, rater, item, rater_group) if name]
    columns = _columns(file, [*wanted, *fixed])
    table, left_out = _ratings(columns, rating, person, rater, item, rater_group, fixed)
    began = time.perf_counter()
    found = fit_table(table, solver=solver, winsorise=winsorise)
    summary = _summary(found, left_out, time.perf_counter() - began)
    _write(out, found, summary)
    if as_json:
        click.echo(summary, nl=False)
    else:
        for name, variance in found.variances.items():
            click.echo(f"{name:12} {variance:12.6f}")


def _columns(file: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of these names, without spaces around what they hold."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            header = [name.strip() for name in next(rows, [])]
            for name in names:
                if header.count(name) != 1:
                    often = "twice or more" if name in header else "not there"
                    raise click.ClickException(
                        f"{file}: column {name} is {often}. Its columns are:"
                        f" {', '.join(header) or 'none'}."
                    )
            return _read(rows, file, len(header), {n: header.index(n) for n in names})
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise click.ClickException(
            f"{file} is not CSV in UTF-8 ({error}); save it as that."
        ) from error


def _read(
    rows: Iterator[list[str]], file: Path, width: int, places: Mapping[str, int]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in places}
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) != width:
            raise click.ClickException(
                f"{file}: row {number} has {len(row)} columns where the first has"
                f" {width}; make them the same."
            )
        for name, at in places.items():
            found[name].append(row[at].strip())
    return found


def _ratings(
    columns: Mapping[str, list[str]],
    rating: str,
    person: str,
    rater: str,
    item: str | None,
    group: str | None,
    fixed: Sequence[str],
) -> tuple[Ratings, int]:
    """Return the table without rows that have no rating, and how many those are."""
    rows = [at for at, value in enumerate(columns[rating]) if value]
    if not rows:
        raise click.ClickException(f"Column {rating} holds no rating.")

    def names(column: str) -> People:
        values = [columns[column][at] for at in rows]
        if "" in values:
            raise click.ClickException(
                f"Column {column}: rating {values.index('') + 1} has none; fill it in"
                " or leave the rating out."
            )
        return np.array(values, dtype=np.str_)

    numbers = _numbers([columns[rating][at] for at in rows])
    if isinstance(numbers, str):
        raise click.ClickException(
            f"Column {rating}: {numbers!r} is not a number; correct it or empty it."
        )
    return (
        Ratings(
            rating=numbers,
            person=names(person),
            rater=names(rater),
            item=_joined(item, names(item)) if item else None,
            group=names(group) if group else None,
            fixed={column: _term(names(column)) for column in fixed},
        ),
        len(columns[rating]) - len(rows),
    )


def _numbers(values: Sequence[str]) -> Floats | str:
    """Return the numbers, or the first value that is none."""
    found = np.empty(len(values))
    for at, value in enumerate(values):
        try:
            found[at] = float(value)
        except ValueError:
            return value
        if not math.isfinite(found[at]):
            return value
    return found


def _joined(column: str, values: People) -> People:
    return np.array([f"{column}{value}" for value in values.tolist()], dtype=np.str_)


def _term(values: People) -> Floats | People:
    numbers = _numbers(values.tolist())
    return values if isinstance(numbers, str) else numbers


def _summary(found: Fitted, left_out: int, seconds: float) -> str:
    return (
        json.dumps(
            {
                "method": CROSSED.name,
                "version": CROSSED.version,
                "digest": CROSSED.digest,
                "solver": found.solver,
                "iterations": found.iterations,
                "probes": found.probes,
                "seconds": round(seconds, 4),
                "log_likelihood": found.log_likelihood,
                "forms": found.forms,
                "persons": len(found.persons),
                "raters": len(found.raters),
                "rows_left_out": left_out,
                "winsorised": found.winsorised,
            },
            indent=2,
        )
        + "\n"
    )


def _write(out: Path, found: Fitted, summary: str) -> None:
    """Write all files beside the folder first, then move them in."""
    tables: dict[str, tuple[Sequence[str], list[tuple[Any, ...]]]] = {
        "variance_components.csv": (
            ("component", "variance"),
            [(name, repr(value)) for name, value in found.variances.items()],
        ),
        "persons.csv": (("id", "effect", "sd"), _rows(found.persons)),
        "raters.csv": (("id", "effect", "sd"), _rows(found.raters)),
        "fixed_effects.csv": (("term", "estimate", "se"), _rows(found.terms)),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fit-", dir=out) as beside:
            for name, (header, rows) in tables.items():
                with (Path(beside) / name).open(
                    "w", encoding="utf-8", newline=""
                ) as stream:
                    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
            (Path(beside) / "fit.json").write_text(summary, encoding="utf-8")
            for name in (*tables, "fit.json"):
                os.replace(Path(beside) / name, out / name)  # noqa: PTH105 - as a pair
    except OSError as error:
        raise click.ClickException(f"--out: {out}: {error.strerror}.") from error


def _rows(effects: Sequence[Effect]) -> list[tuple[Any, ...]]:
    return [(each.name, repr(each.effect), repr(each.sd)) for each in effects]
