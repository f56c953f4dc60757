"""The demo, run once for all who only look at it or serve it."""

from collections.abc import Iterator

import pytest

from tests.e2e.demos import SMALL, Demo
from tests.e2e.running import a_folder, json_of


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with a_folder() as folder:
        yield Demo(folder / "data", json_of(folder / "data", *SMALL))
