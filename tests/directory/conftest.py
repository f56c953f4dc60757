"""What most tests of the directory begin with."""

from pathlib import Path

import pytest

from tests.directory.files import two_organisations


@pytest.fixture
async def folder(db: None, tmp_path: Path) -> Path:
    """Two organisations, and Defra's posts P1 to P3."""
    await two_organisations(tmp_path)
    return tmp_path
