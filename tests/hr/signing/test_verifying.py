"""Files of rows, checked with the public keys and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from service.cli import joinedup
from service.hr.signing.signatures import sign
from service.hr.signing.verifying import Unreadable, keys_from, verify

KEY = ECKey.generate_key("P-256")
KEYS = {KEY.thumbprint(): KEY}
JWKS = json.dumps(
    {
        "keys": [
            {**KEY.as_dict(private=False), "kid": KEY.thumbprint()},
            {"kty": "OKP", "crv": "Ed25519", "x": "", "kid": "another kind"},
        ]
    }
)


def row(number: int, **more: Any) -> dict[str, Any]:
    plain = {"id": f"row-{number}", "value": 50.0 + number, **more}
    return {**plain, "signature": sign(plain, KEY)}


ROWS = [row(number) for number in range(3)]
WRAPPED = {
    "a row": json.dumps(ROWS[0]),
    "a list": json.dumps(ROWS),
    "a page": json.dumps({"items": ROWS, "next": None, "delta": None}),
    "lines": "\n".join(map(json.dumps, ROWS)) + "\n\n",
    "a page of the feed": json.dumps(
        {
            "items": [
                {"sequence": 1, "op": "upsert", "data": ROWS[0]},
                {"sequence": 2, "op": "delete", "data": None},
            ]
        }
    ),
    "lines of pages": "\n".join(json.dumps({"items": [each]}) for each in ROWS),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_rows_are_found_however_they_are_kept(kind: str) -> None:
    report = verify(WRAPPED[kind], KEYS)

    assert report.rows == WRAPPED[kind].count('"signature"')
    assert report.faults == []


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_changed_row_is_named_however_it_is_kept(kind: str) -> None:
    changed = WRAPPED[kind].replace('"value": 50.0', '"value": 99.9')

    assert [fault.row for fault in verify(changed, KEYS).faults] == ["row-0"]


def test_of_several_only_those_that_were_changed_are_named() -> None:
    rows = [ROWS[0], {**ROWS[1], "value": 1}, {"id": "bare"}, ROWS[2]]

    assert [
        (fault.row, fault.place) for fault in verify(json.dumps(rows), KEYS).faults
    ] == [("row-1", 2), ("bare", 3)]


FORGED = {"id": "forged", "value": 99.0, "signature": "x..y"}
DISGUISES: dict[str, dict[str, Any]] = {
    "an empty page": {**FORGED, "items": []},
    "a page of a good row": {**FORGED, "items": [ROWS[0]]},
    "a tombstone": {**FORGED, "sequence": 1, "op": "delete", "data": None},
    "a change": {**FORGED, "sequence": 1, "data": ROWS[0]},
    "a change of another row": {"id": "forged", "sequence": 1, "data": ROWS[0]},
    "a row that went missing": {
        "id": "forged", "type": "score", "op": "upsert", "sequence": 1, "data": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", DISGUISES)
def test_no_row_passes_for_what_rows_are_wrapped_in(kind: str) -> None:
    text = "\n".join(map(json.dumps, [ROWS[0], DISGUISES[kind]]))

    assert [fault.row for fault in verify(text, KEYS).faults] == ["forged"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no rows"),
        ("[" * 100_000, "too deep"),
        (f'{{"value": {"1" * 5_000}}}', "digits"),
        ("[]", "no rows"),
        ('{"items": []}', "no rows"),
        ("no JSON", "Line 1"),
        (f"{json.dumps(ROWS[0])}\n{{", "Line 2"),
        ("[1]", "JSON object"),
        ('{"id": "a", "id": "b"}', "twice"),
        ('{"value": NaN}', "NaN"),
    ],
)
def test_what_holds_no_rows_passes_for_nothing(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        verify(text, KEYS)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": 1}', '{"keys": [1]}'])
def test_what_is_no_key_set_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="JWKS"):
        keys_from(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jwks.json").write_text(JWKS)
    return tmp_path


def ran(folder: Path, text: str, *words: str) -> Result:
    (folder / "rows.ndjson").write_text(text, encoding="utf-8")
    words = ("verify", str(folder / "rows.ndjson"), *words)
    return CliRunner().invoke(joinedup, [*words, "--jwks", str(folder / "jwks.json")])


def test_the_command_needs_no_database(folder: Path) -> None:
    done = ran(folder, WRAPPED["lines"])

    assert (done.exit_code, done.output) == (0, "3 rows, 0 of them not as signed.\n")


def test_the_command_names_the_row_and_ends_with_one(folder: Path) -> None:
    done = ran(folder, WRAPPED["lines"].replace("51.0", "52.0"))

    assert done.exit_code == 1
    assert "row-1  row 2: " in done.output


def test_the_command_says_so_for_programs_too(folder: Path) -> None:
    done = ran(folder, WRAPPED["lines"].replace("51.0", "52.0"), "--json")

    assert done.exit_code == 1
    assert json.loads(done.output)["faults"][0]["row"] == "row-1"


@pytest.mark.parametrize("text", ["", "no JSON", "[]"])
def test_the_command_refuses_what_it_cannot_read(folder: Path, text: str) -> None:
    assert ran(folder, text).exit_code == 1


def test_the_command_refuses_a_file_that_is_no_key_set(folder: Path) -> None:
    (folder / "jwks.json").write_text("{}")

    assert ran(folder, WRAPPED["a row"]).exit_code == 1
