"""Files that are looked through, and what was found in them."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from service.directory.importing import uploads
from service.directory.importing.report import Complaint, Report
from service.directory.importing.uploads import Counts, Trial
from service.errors import NotFound
from tests.directory.files import NOW

SENDER = uuid4()
BAD = Complaint("people.csv", 3, "fte", "'tŵo\0' is no number.", "Write a number.")
TRIAL = Trial(
    Report(read=2, created=1, rejected=[BAD], warnings=[BAD]),
    rejected=1,
    complete=True,
    importable=True,
)


def sent(data_dir: Path, trial: Trial | None = TRIAL) -> UUID:
    upload = uploads.keep(io.BytesIO(b"fte"), SENDER, data_dir=data_dir, now=NOW)
    if trial is not None:
        uploads.note(upload, SENDER, trial, data_dir=data_dir)
    return upload


def found(
    data_dir: Path, upload: UUID, sender: UUID = SENDER, minutes: int = 0
) -> Trial:
    now = NOW + timedelta(minutes=minutes)
    return uploads.noted(upload, sender, data_dir=data_dir, now=now)


def modes(folder: Path) -> set[int]:
    return {each.stat().st_mode & 0o777 for each in folder.iterdir()}


def test_what_was_found_is_read_as_it_was_noted_last(tmp_path: Path) -> None:
    upload = sent(tmp_path)
    assert found(tmp_path, upload) == TRIAL
    later = Trial(Report(), 0, complete=False, importable=False, nobody_there="No.")
    uploads.note(upload, SENDER, later, data_dir=tmp_path)
    assert found(tmp_path, upload, minutes=59).nobody_there == "No."


def test_nobody_but_its_sender_and_the_service_reads_it(tmp_path: Path) -> None:
    upload = sent(tmp_path)
    with pytest.raises(NotFound):
        found(tmp_path, upload, uuid4())
    assert modes(tmp_path / "uploads") == {0o600}
    assert (tmp_path / "uploads").stat().st_mode & 0o777 == 0o700


def test_a_file_whose_trial_broke_off_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        found(tmp_path, sent(tmp_path, None))
    upload = sent(tmp_path)
    for path in (tmp_path / "uploads").glob(f"*{upload}.json"):
        path.write_text('{"report": {}}')
    with pytest.raises(NotFound):
        found(tmp_path, upload)


async def test_what_was_found_goes_with_its_file(tmp_path: Path) -> None:
    forgotten, old = sent(tmp_path), sent(tmp_path)
    uploads.forget(forgotten, SENDER, data_dir=tmp_path)
    assert len([*(tmp_path / "uploads").iterdir()]) == 2
    with pytest.raises(NotFound):
        found(tmp_path, old, minutes=60)
    forget = uploads.forgetting(tmp_path)
    await forget(NOW + timedelta(minutes=59))
    assert found(tmp_path, old) == TRIAL
    await forget(NOW + timedelta(minutes=60))
    assert [*(tmp_path / "uploads").iterdir()] == []


def test_of_two_imports_at_once_the_first_one_s_outcome_stands(tmp_path: Path) -> None:
    upload = sent(tmp_path)
    first, second = Counts(2, 0, 0, 0), Counts(0, 0, 2, 0)

    uploads.close(upload, SENDER, first, data_dir=tmp_path)
    uploads.close(upload, SENDER, second, data_dir=tmp_path)

    kept = uploads.came_to(upload, SENDER, data_dir=tmp_path, now=NOW)
    assert kept == first
    with pytest.raises(NotFound):
        found(tmp_path, upload)
