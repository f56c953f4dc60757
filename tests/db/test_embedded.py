import os
import pwd
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from service.db import embedded
from service.db.embedded import (
    Addresses,
    DatabaseBusy,
    DatabaseDidNotStart,
    EmbeddedPostgres,
)
from tests.db.running import another_process, ask, passable_folder, server_pid, until

pytestmark = pytest.mark.slow

IS_ROOT = os.geteuid() == 0
HOLD = "EmbeddedPostgres(Path(sys.argv[1])).start(); print('up', flush=True); input()"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "postgres"


@pytest.fixture
def addresses(home: Path) -> Iterator[Addresses]:
    with EmbeddedPostgres(home) as found:
        yield found


def test_it_listens_on_a_unix_socket_only(home: Path, addresses: Addresses) -> None:
    server = psutil.Process(server_pid(home))
    for process in (server, *server.children(recursive=True)):
        assert process.net_connections(kind="inet") == []
    assert ask(addresses.owner, "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE((home / "run").stat().st_mode) == 0o700


def test_every_connection_needs_the_secret(home: Path, addresses: Addresses) -> None:
    word = (home / "cluster/joinedup_app.secret").read_text()
    assert len(word) >= 43
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(addresses.application.replace(word, "guess"), "SELECT 1")
    rules = ask(
        addresses.owner, "SELECT DISTINCT type, auth_method FROM pg_hba_file_rules"
    )
    assert rules == [("local", "scram-sha-256")]


def test_the_secrets_differ_and_only_their_owner_reads_them(
    home: Path, addresses: Addresses
) -> None:
    secrets = sorted((home / "cluster").glob("*.secret"))
    assert len({secret.read_text() for secret in secrets}) == 2
    for secret in secrets:
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert secret.stat().st_uid == os.geteuid()


def test_the_application_has_no_power_over_the_cluster(addresses: Addresses) -> None:
    (powers,) = ask(
        addresses.owner,
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,"
        " rolreplication FROM pg_roles WHERE rolname = 'joinedup_app'",
    )
    assert powers == (True, False, False, False, False, False)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(addresses.application, "CREATE TABLE mine ()")


def test_the_application_owns_nothing(addresses: Addresses) -> None:
    owned = ask(
        addresses.owner,
        "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o'"
        " AND refobjid = 'joinedup_app'::regrole",
    )
    assert owned == [(0,)]


def test_the_owner_owns_the_database(addresses: Addresses) -> None:
    assert ask(
        addresses.owner,
        "SELECT current_database()::text, current_user::text, datdba::regrole::text"
        " FROM pg_database WHERE datname = current_database()",
    ) == [("joinedup", "joinedup_owner", "joinedup_owner")]


def test_what_is_acknowledged_is_on_disk(addresses: Addresses) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(addresses.application, f"SHOW {setting}") == [("on",)]


def test_settings_reach_the_server_but_never_open_a_port(home: Path) -> None:
    settings = {"max_connections": "17", "listen_addresses": "*"}
    with EmbeddedPostgres(home, settings=settings) as addresses:
        assert ask(addresses.owner, "SHOW max_connections") == [("17",)]
        assert ask(addresses.owner, "SHOW listen_addresses") == [("",)]


def test_it_keeps_its_data_and_its_secrets(home: Path) -> None:
    with EmbeddedPostgres(home) as before:
        ask(before.owner, "CREATE TABLE notes AS SELECT 'kept' AS note")
    with EmbeddedPostgres(home) as after:
        assert after == before
        assert ask(after.owner, "SELECT note FROM notes") == [("kept",)]


def test_its_log_does_not_repeat_what_a_person_wrote(
    home: Path, addresses: Addresses
) -> None:
    with pytest.raises(asyncpg.DataError):
        ask(addresses.application, "SELECT 'canary in feedback'::int")
    assert "canary" not in (home / "postgres.log").read_text()
    assert stat.S_IMODE((home / "postgres.log").stat().st_mode) == 0o600


def test_a_warm_start_takes_less_than_half_a_second(home: Path) -> None:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        with EmbeddedPostgres(home):
            taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.5  # The least: the machine may be busy with something else.


def test_stopping_leaves_no_process(home: Path) -> None:
    database = EmbeddedPostgres(home)
    database.start()
    pid = server_pid(home)
    database.stop()
    assert not psutil.pid_exists(pid)
    database.stop()  # Once is enough; twice does no harm.


def test_another_process_joins_the_running_server(
    home: Path, addresses: Addresses
) -> None:
    code = (
        "database = EmbeddedPostgres(Path(sys.argv[1]))\n"
        "print(database.start().application)\n"
        "database.stop()\n"
    )
    with another_process(code, home) as joiner:
        assert joiner.communicate(timeout=30)[0].strip() == addresses.application
    # That its stop did nothing to ours shows here.
    assert ask(addresses.application, "SELECT 1") == [(1,)]


def test_an_owner_that_keeps_only_the_addresses_is_joined_too(home: Path) -> None:
    # HOLD drops the object; dropping its lock with it would shut everybody out.
    with another_process(HOLD, home) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        addresses = EmbeddedPostgres(home).start(timeout=20)
        assert ask(addresses.application, "SELECT 1") == [(1,)]


def test_a_joiner_waits_for_an_owner_that_is_still_starting() -> None:
    with passable_folder() as folder:
        with another_process(HOLD, folder / "postgres") as owner:
            # It has the lock and has yet to make the cluster.
            until((folder / "postgres/owner.lock").exists)
            until(lambda: (folder / "postgres/owner.lock").read_bytes() != b"")
            with EmbeddedPostgres(folder / "postgres") as addresses:
                assert ask(addresses.application, "SELECT 1") == [(1,)]
                assert owner.poll() is None
            owner.communicate("\n", timeout=30)
        until(lambda: not (folder / "postgres/cluster/data/postmaster.pid").exists())


def test_a_holder_that_does_not_answer_is_named_with_the_remedy(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PATIENCE", 0.05)
    code = (
        "import fcntl\n"
        "lock = open(sys.argv[1] + '/owner.lock', 'w')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print(123, file=lock, flush=True); print('held', flush=True); input()\n"
    )
    with EmbeddedPostgres(home):
        pass  # The home is there; nobody runs it.
    with another_process(code, home) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DatabaseBusy, match=r"123 holds .* JOINEDUP_DATA_DIR"):
            EmbeddedPostgres(home).start()


def test_a_server_that_ends_at_once_is_reported_in_its_own_words(home: Path) -> None:
    settings = {"shared_buffers": "none"}
    with pytest.raises(DatabaseDidNotStart, match="shared_buffers"):
        EmbeddedPostgres(home, settings=settings).start()
    with EmbeddedPostgres(home) as addresses:  # And nothing is held.
        assert ask(addresses.application, "SELECT 1") == [(1,)]


@pytest.mark.skipif(not IS_ROOT, reason="only root has an account to give up")
def test_root_runs_it_as_nobody_from_a_private_copy(
    home: Path, addresses: Addresses
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    server = psutil.Process(server_pid(home))
    for process in (server, *server.children(recursive=True)):
        assert set(process.uids()) == {nobody}
        assert process.gids().real != 0
    assert Path(server.exe()).is_relative_to(home / "programs")
    assert 0 not in os_groups(server.pid)


def os_groups(pid: int) -> set[int]:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("Groups:"))
    return {int(group) for group in line.split()[1:]}
