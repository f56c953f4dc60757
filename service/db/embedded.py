"""PostgreSQL as part of the command: started, joined and stopped by us.

Law: what it has acknowledged is there at the next start, whoever was killed and when.

Two locks hold that. `owner.lock` is held by the process that answers for the server;
others join it. `server.lock` is inherited by the server and every child of it, so that
the next owner waits until the last of them is gone, however the first one ended.
"""

import fcntl
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Final

from service.db.binaries import (
    Account,
    DatabaseDidNotStart,
    Launcher,
    NoPostgreSQL,
    provide,
)
from service.db.cluster import (
    Addresses,
    Cluster,
    DatabaseBusy,
    DatabaseOfAnotherVersion,
    DataDirectoryUnusable,
)

__all__ = [
    "Addresses",
    "DataDirectoryUnusable",
    "DatabaseBusy",
    "DatabaseDidNotStart",
    "DatabaseOfAnotherVersion",
    "EmbeddedPostgres",
    "NoPostgreSQL",
]

PATIENCE: Final = 10.0
"""Seconds that a joining command waits for the owner's server to answer."""

_POLL: Final = 0.005  # Seconds.
_SSL_REQUEST: Final = bytes((0, 0, 0, 8, 4, 210, 22, 47))
_PID, _SOCKET_FOLDER, _STATUS = 0, 4, 7  # The lines of postmaster.pid that we read.
_OWNED: Final[set["EmbeddedPostgres"]] = set()  # A lock must outlive a dropped name.


class EmbeddedPostgres:
    """One embedded database: its files in `home`, its server while somebody runs it."""

    def __init__(
        self,
        home: Path,
        *,
        pg_bin: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Touch nothing yet; `settings` are PostgreSQL's own, for tests."""
        self._home = home.resolve()
        self._pg_bin = pg_bin
        self._settings = settings
        self._cluster = Cluster(self._home, Account.of_server())
        self._server: subprocess.Popen[bytes] | None = None
        self._claim: IO[bytes] | None = None

    def __enter__(self) -> Addresses:
        """Start, or join, the server."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server if we own it."""
        self.stop()

    def start(self, timeout: float = 600) -> Addresses:
        """Run the server until `stop`, or join the one that another process runs.

        A joiner's connections fail when the owner ends. An owner calls this from its
        main thread: the server stops when the thread that started it ends. Recovery
        after a crash can take minutes, hence the timeout, in seconds.
        """
        deadline = time.monotonic() + timeout
        self._cluster.open_home()
        patience = min(deadline, time.monotonic() + PATIENCE)
        while (claim := _locked(self._home / "owner.lock")) is None:
            if (sockets := self._answering()) is not None:
                return self._cluster.addresses(sockets)
            if time.monotonic() > patience:
                raise self._busy("owner.lock", "does not answer")
            time.sleep(_POLL)
        self._claim = claim
        _OWNED.add(self)
        try:
            return self._start_as_owner(claim, deadline)
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: float = 60) -> None:
        """Stop the server in order; do nothing if another process owns it.

        A server that is not done after `timeout` seconds is cut off, and recovers all
        that it acknowledged at its next start.
        """
        server, self._server = self._server, None
        claim, self._claim = self._claim, None
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait()  # It kills its own children after five seconds.
        if claim is not None:
            claim.close()
        _OWNED.discard(self)

    def _answering(self) -> Path | None:
        """Return the folder of the socket that a server answers on, if one does."""
        status = self._status()
        if status is None or status[_STATUS].strip() != "ready":
            return None
        folder = Path(status[_SOCKET_FOLDER])
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(folder / ".s.PGSQL.5432"))
            line.sendall(_SSL_REQUEST)  # The least that a server answers.
            if line.recv(1):
                return folder
        return None

    def _status(self) -> list[str] | None:
        """Return the lines of the server's pid file once it is complete."""
        with suppress(OSError):
            lines = (self._cluster.data / "postmaster.pid").read_text().splitlines()
            if len(lines) > _STATUS:
                return lines
        return None

    def _busy(self, lock: str, state: str) -> DatabaseBusy:
        holder = (self._home / lock).read_text().strip()
        return DatabaseBusy(
            f"Process {holder} holds the database in {self._home}, which {state}. Wait "
            f"and try again, stop that process (kill {holder}), or set "
            "JOINEDUP_DATA_DIR to another folder."
        )

    def _start_as_owner(self, claim: IO[bytes], deadline: float) -> Addresses:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Start the embedded database from the main thread.")
        _sign(claim, os.getpid())
        with self._server_lock(deadline) as lock, self._log() as log:
            account = self._cluster.account
            launcher = Launcher(account, lock, log)
            programs = provide(self._home, self._pg_bin, private=account.borrowed)
            self._cluster.ensure(programs, launcher, deadline)
            sockets = self._cluster.socket_folder()
            self._cluster.clear_remains(sockets)
            self._server = launcher.spawn(
                *(programs.folder / "postgres", "-D", self._cluster.data),
                *self._options(sockets),
            )
            _sign(lock, self._server.pid)
            self._await_ready(self._server, launcher, deadline)
        return self._cluster.addresses(sockets)

    def _server_lock(self, deadline: float) -> IO[bytes]:
        """Wait until no process of an earlier server is left."""
        while (lock := _locked(self._home / "server.lock")) is None:
            if time.monotonic() > deadline:
                raise self._busy("server.lock", "is still shutting down")
            time.sleep(_POLL)
        return lock

    def _log(self) -> IO[bytes]:
        return _opened(self._home / "postgres.log")

    def _options(self, sockets: Path) -> list[str]:
        settings = {
            # An error may quote what a person wrote. It goes to whoever sent the
            # statement; this log keeps what concerns the server.
            "log_min_messages": "log",
            **self._settings,
            "hba_file": str(self._cluster.folder / "pg_hba.conf"),
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
        }
        return [part for pair in settings.items() for part in ("-c", "=".join(pair))]

    def _await_ready(
        self, server: subprocess.Popen[bytes], launcher: Launcher, deadline: float
    ) -> None:
        while True:
            if server.poll() is not None:
                raise DatabaseDidNotStart(f"PostgreSQL ended: {launcher.said()}")
            status = self._status()
            # The file may be one that a killed server left: only our child's counts.
            if (
                status is not None
                and int(status[_PID]) == server.pid
                and status[_STATUS].strip() == "ready"
            ):
                return
            if time.monotonic() > deadline:
                raise DatabaseDidNotStart(
                    f"PostgreSQL was not ready in time: {launcher.said()}"
                )
            time.sleep(_POLL)


def _locked(path: Path) -> IO[bytes] | None:
    """Open and lock a file, or return None if another process holds it."""
    file = _opened(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError as trouble:
        file.close()
        raise DataDirectoryUnusable(
            f"{path} cannot be locked ({trouble.strerror}), as on some network file "
            "systems: set JOINEDUP_DATA_DIR to a folder on a disk of this machine."
        ) from trouble
    return file


def _opened(path: Path) -> IO[bytes]:
    path.touch(mode=0o600)
    return path.open("ab")


def _sign(lock: IO[bytes], pid: int) -> None:
    """Write who holds a lock, for the message to whoever waits for it."""
    lock.truncate(0)
    lock.write(b"%d\n" % pid)
    lock.flush()
