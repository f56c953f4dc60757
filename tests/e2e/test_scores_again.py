"""What an operator can do with published scores: verify, amend and compare them."""

from tests.e2e.demos import Demo
from tests.e2e.running import ask, joinedup, json_of

ROWS = "SELECT s::text FROM score s ORDER BY s.id"


def cycle_of(demo: Demo) -> str:
    return str(demo.said["cycle"])


def test_every_score_comes_out_again_of_the_stored_forms(demo: Demo) -> None:
    found = json_of(demo.data, "scores", "verify", "--cycle", cycle_of(demo))
    rows = sum(demo.said["scores"].values())
    assert found == {"rows": rows, "differing": [], "faults": []}


SPOIL = """
UPDATE score SET band = 'clearly_below', version = version + 1 WHERE id = (
    SELECT id FROM score WHERE band = 'typical_or_not_enough_evidence'
    ORDER BY id LIMIT 1) RETURNING id
"""
MEND = """
UPDATE score SET band = 'typical_or_not_enough_evidence', version = version + 1
WHERE version = 2 RETURNING id
"""


def test_a_row_changed_by_hand_is_found_and_said(demo: Demo) -> None:
    ((score,),) = ask(demo.data, SPOIL)
    try:
        done = joinedup(demo.data, "scores", "verify", "--cycle", cycle_of(demo))
        assert done.returncode == 1
        assert f"{score}  " in done.stdout
        assert done.stdout.rstrip().endswith("band")
    finally:
        assert ask(demo.data, MEND) == [(score,)]


def test_without_three_raters_changed_nothing_is_amended(demo: Demo) -> None:
    before = ask(demo.data, ROWS)
    found = json_of(demo.data, "scores", "amend", "--cycle", cycle_of(demo))
    assert found == {"amended": 0}
    assert ask(demo.data, ROWS) == before


def test_the_other_method_is_run_beside_and_moves_nothing(demo: Demo) -> None:
    before = ask(demo.data, ROWS)
    asked = ("scores", "compare", "--method", "crossed", "--version", "1")
    found = json_of(demo.data, *asked, "--cycle", cycle_of(demo))
    assert (found["against"], found["against_version"]) == ("mean", 1)
    assert found["people"] == 120
    for name in ("changed_bands", "changed_states"):
        assert found[name] is None or 0 <= found[name] <= 1
    assert ask(demo.data, ROWS) == before


def test_a_published_cycle_is_neither_computed_nor_published_again(demo: Demo) -> None:
    before = ask(demo.data, ROWS)
    for verb in ("compute", "publish"):
        done = joinedup(demo.data, "scores", verb, "--cycle", cycle_of(demo))
        assert done.returncode == 2
        assert "published" in done.stderr
    assert ask(demo.data, ROWS) == before
