"""How the service ends: told to, or killed."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.demos import Demo
from tests.e2e.running import ask, pulled, runs, server_pid, serving, until

pytestmark = pytest.mark.slow
DISCLOSED = "SELECT count(*) FROM disclosure"


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_stops_whole_and_keeps_all(
    demo: Demo, workers: str, sign: signal.Signals, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    before = ask(demo.data, DISCLOSED)[0][0]
    with serving(demo.data, "--workers", workers, said=said) as (process, address):
        assert len(pulled(address, demo.data)) == demo.said["pulled"]
        family = [process.pid, *_children(process.pid)]
        process.send_signal(sign)
        assert process.wait(30) == 0, said.read_text()
    until(lambda: not [pid for pid in family if runs(pid)], seconds=10)
    assert ask(demo.data, DISCLOSED)[0][0] > before
    assert "Traceback" not in said.read_text()


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def test_the_database_stops_with_it(demo: Demo, tmp_path: Path) -> None:
    with serving(demo.data, said=tmp_path / "said") as (process, _):
        server = server_pid(demo.data)
        process.terminate()
        assert process.wait(30) == 0
        assert not runs(server)
    assert not (demo.data / "postgres/cluster/data/postmaster.pid").exists()


def test_killed_it_starts_again(demo: Demo, tmp_path: Path) -> None:
    with serving(demo.data, said=tmp_path / "said") as (process, address):
        before = len(pulled(address, demo.data))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
    with serving(demo.data, said=tmp_path / "said") as (_, address):
        assert len(pulled(address, demo.data)) == before


def test_workers_do_not_outlive_a_command_that_is_killed(
    demo: Demo, tmp_path: Path
) -> None:
    two = serving(demo.data, "--workers", "2", said=tmp_path / "said")
    with two as (process, _):
        family = _children(process.pid)
        assert len(family) >= 3  # The database and the workers.
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: not [pid for pid in family if runs(pid)], seconds=30)
