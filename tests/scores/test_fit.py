"""`joinedup scores fit`, against lme4, and what it does with a table it cannot use."""

import csv
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from service.cli import main
from tests.scores.estimation.forms import simulated
from tests.scores.estimation.penicillin import (
    EFFECTS,
    LOG_LIKELIHOOD,
    PLATE,
    RESIDUAL,
    SAMPLE,
    table,
)

DATA = os.environ.get("JOINEDUP_REAL_DATA")
FILES = {
    "variance_components.csv",
    "persons.csv",
    "raters.csv",
    "fixed_effects.csv",
    "fit.json",
}
PENICILLIN = ["--rating", "diameter", "--person", "sample", "--rater", "plate"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def fit(*words: object) -> Done:
    """Run the command, in this process."""
    out, err = StringIO(), StringIO()
    argv = ["joinedup", "scores", "fit", *map(str, words)]
    with (
        patch.object(sys, "argv", argv),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(str(ended.code))
    return Done(code, out.getvalue(), err.getvalue())


def fit_apart(*words: object, threads: int) -> None:
    """Run the command in a process of its own, with so many threads for BLAS."""
    several = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    subprocess.run(
        [sys.executable, "-m", "service", "scores", "fit", *map(str, words)],
        capture_output=True,
        check=True,
        env={**os.environ, **several},
    )


def read(path: Path) -> dict[str, list[float]]:
    """Return the rows of a file of figures by their first column."""
    with path.open(encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    return {row[0]: [float(value) for value in row[1:]] for row in rows}


@pytest.fixture
def penicillin(tmp_path: Path) -> Path:
    path = tmp_path / "penicillin.csv"
    path.write_text(table(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small table with items, groups and a covariate."""
    made = simulated(11, 120, each=6, group=0.3).forms
    lines = ["score,subject,by,question,department,late,same"]
    for at, answers in enumerate(made.answers):
        for item, answer in enumerate(answers):
            value = "" if np.isnan(answer) else f"{answer:g}"
            late = "yes" if at % 3 == 0 else "no"
            who = f"{made.person[at]},{made.rater[at]}"
            lines.append(f"{value},{who},q{item},{made.group[at]},{late},7")
    path = tmp_path_factory.mktemp("fit") / "forms.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


FORMS = ["--rating", "score", "--person", "subject", "--rater", "by"]
ITEMS = [*FORMS, "--item", "question"]


@pytest.mark.parametrize("solver", ["auto", "dense", "pcg"])
def test_penicillin_is_as_lme4_has_it(
    penicillin: Path, tmp_path: Path, solver: str
) -> None:
    out = tmp_path / "deep" / "out"
    done = fit(penicillin, *PENICILLIN, "--solver", solver, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} == FILES
    found = read(out / "variance_components.csv")
    assert list(found) == ["person", "rater", "residual"]
    expected = [SAMPLE, PLATE, RESIDUAL]
    assert [value for (value,) in found.values()] == pytest.approx(expected, rel=1e-4)
    effects = {**read(out / "persons.csv"), **read(out / "raters.csv")}
    for name, (effect, sd) in EFFECTS.items():
        assert effects[name][0] == pytest.approx(effect, abs=1e-4 * RESIDUAL**0.5)
        assert effects[name][1] == pytest.approx(sd, rel=1e-3)
    terms = read(out / "fixed_effects.csv")
    assert terms["(Intercept)"][0] == pytest.approx(22.97222, abs=1e-5)
    assert terms["(Intercept)"][1] == pytest.approx(0.8086, abs=1e-4)  # lme4's own
    summary = json.loads((out / "fit.json").read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == summary
    assert (summary["method"], summary["version"]) == ("crossed", 1)
    assert summary["seconds"] > 0
    if solver != "pcg":
        assert summary["log_likelihood"] == pytest.approx(LOG_LIKELIHOOD, rel=1e-6)


@pytest.mark.skipif(not DATA, reason="JOINEDUP_REAL_DATA names no folder")
@pytest.mark.parametrize("solver", ["dense", "pcg"])
def test_forms_with_items_are_as_lme4_has_them(tmp_path: Path, solver: str) -> None:
    folder = Path(DATA or "") / "reference"
    columns = ["--rating", "y", "--person", "p", "--rater", "r", "--item", "b"]
    file = folder / "synth_forms.csv"
    done = fit(file, *columns, "--solver", solver, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    names = {"p": "person", "r": "rater", "f": "form", "Residual": "residual"}
    found = read(tmp_path / "variance_components.csv")
    for name, (variance,) in read(folder / "synth_forms_vc.csv").items():
        assert found[names[name]][0] == pytest.approx(variance, rel=2e-3)
    for term, (estimate,) in read(folder / "synth_forms_fixef.csv").items():
        own = read(tmp_path / "fixed_effects.csv")[term][0]
        assert own == pytest.approx(estimate, abs=2e-3)
    mine = {"p": read(tmp_path / "persons.csv"), "r": read(tmp_path / "raters.csv")}
    with (folder / "synth_forms_blup.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            effect, sd = mine[row["grpvar"]][row["level"]]
            assert effect == pytest.approx(float(row["condval"]), abs=2e-3)
            assert sd == pytest.approx(float(row["condsd"]), rel=1.5e-2)


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["dense", "pcg"])
def test_one_core_or_two_write_the_same_bytes(
    forms: Path, tmp_path: Path, solver: str
) -> None:
    words = [*ITEMS, "--rater-group", "department", "--solver", solver, "--winsorise"]
    for threads in (1, 2):
        fit_apart(forms, *words, "--out", tmp_path / str(threads), threads=threads)
    for name in FILES - {"fit.json"}:
        one, two = ((tmp_path / str(n) / name).read_bytes() for n in (1, 2))
        assert one == two
    assert "rater_group" in read(tmp_path / "1" / "variance_components.csv")


def test_rows_in_another_order_write_the_same_bytes(
    forms: Path, tmp_path: Path
) -> None:
    header, *rows = forms.read_text(encoding="utf-8").splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([header, *rows[::-1]]), encoding="utf-8")
    for file, out in ((forms, "as is"), (turned, "turned")):
        words = [*ITEMS, "--fixed", "late", "--out", tmp_path / out]
        assert fit(file, *words).returncode == 0
    for name in FILES - {"fit.json"}:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("as is", "turned"))
        assert one == two
    assert "lateyes" in read(tmp_path / "turned" / "fixed_effects.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rating", "scor"], "column scor is not there. Its columns are: score"),
        (["--rating", "question"], "Column question: 'q0' is not a number"),
        (["--person", "score"], "Column score: rating"),
        (["--rater-group", "question"], "has several groups; give each rater one"),
        (["--fixed", "question"], "is not the same for all items of a form"),
        (["--fixed", "same"], "same says nothing that other columns do not"),
        (["--item", "late"], "more than once; keep one rating of each"),
        (["--solver", "best"], "'best' is not one of"),
        (["--rater", "subject"], "more than once"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_column_and_nothing_is_written(
    forms: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    out = tmp_path / "out"
    if words[0] == "--person":
        text = forms.read_text(encoding="utf-8").replace("p00003,", ",", 1)
        forms = tmp_path / "holes.csv"
        forms.write_text(text, encoding="utf-8")
        words, said = [], "Column subject: rating"
    done = fit(forms, *ITEMS, *words, "--out", out)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_refused_table_leaves_what_was_written_before(
    penicillin: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert fit(penicillin, *PENICILLIN, "--out", out).returncode == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    flat = tmp_path / "flat.csv"
    flat.write_text("diameter,plate,sample\n" + "3,a,A\n3,a,B\n3,b,A\n3,b,B\n3,c,A\n")
    done = fit(flat, *PENICILLIN, "--out", out)
    assert done.returncode == 1
    assert "All ratings are equal" in done.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Its columns are: none"),
        ("diameter,plate,sample\n", "Column diameter holds no rating"),
        ("diameter,plate,sample\n1,a\n", "row 2 has 2 columns where the first has 3"),
        ('diameter,plate,sample\n1,a,"A\n', "is not CSV in UTF-8"),
        ("diameter,plate,plate,sample\n1,a,a,A\n", "column plate is twice or more"),
        ("diameter,plate,sample\nnan,a,A\n", "'nan' is not a number"),
        ("diameter,plate,sample\n1,a,A\n2,b,A\n", "There is one person"),
        ("diameter,plate,sample\n1,a,A\n2,a,B\n", "There is one rater"),
        ("diameter,plate,sample\n1,a,A\n2,b,B\n", "Each person has one form"),
    ],
)
def test_a_file_that_is_no_table_of_ratings_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    done = fit(file, *PENICILLIN, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_missing_file_and_an_out_that_is_a_file_are_refused(
    penicillin: Path, tmp_path: Path
) -> None:
    done = fit(tmp_path / "none.csv", *PENICILLIN, "--out", tmp_path / "out")
    assert (done.returncode, "No such file" in done.stderr) == (1, True)
    done = fit(penicillin, *PENICILLIN, "--out", penicillin)
    assert (done.returncode, "name a folder" in done.stderr) == (1, True)
