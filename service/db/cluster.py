"""The files of the embedded database: made whole or not at all, and checked before use.

Law: `cluster` appears under the home by one rename, with its data, roles and secrets;
what the server's account can write, we never write as root.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from service.db.binaries import Account, Launcher, Programs
from service.errors import Unavailable

OWNER: Final = "joinedup_owner"
APPLICATION: Final = "joinedup_app"
DATABASE: Final = "joinedup"

_LONGEST_SOCKET_FOLDER: Final = 90  # Of 107 bytes; the socket's own name takes 14.
_BUILTIN_LOCALE_SINCE: Final = 17
_PRIVATE: Final = 0o700
_ENTERED_BY_ALL: Final = 0o711


class DatabaseBusy(Unavailable):
    """Another process holds the embedded database, and it does not answer."""

    slug = "database-busy"


class DatabaseOfAnotherVersion(Unavailable):
    """The files of the embedded database are of another PostgreSQL version."""

    slug = "database-of-another-version"


class DataDirectoryUnusable(Unavailable):
    """The embedded database cannot live in this folder."""

    slug = "data-directory-unusable"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to connect, as DSNs that asyncpg and libpq read; each holds a secret."""

    owner: str
    application: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """The database's files under `home`, for a server that runs as `account`."""

    home: Path
    account: Account

    @property
    def folder(self) -> Path:
        """Everything that appears by the one rename."""
        return self.home / "cluster"

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "data"

    def open_home(self) -> None:
        """Make the home; refuse one where the server's account cannot enter."""
        mode = _ENTERED_BY_ALL if self.account.borrowed else _PRIVATE
        try:
            for folder in (*reversed(self.home.parents), self.home):
                if not folder.exists():
                    folder.mkdir()
                    folder.chmod(mode)  # Whatever the umask.
                self._check_entry(folder)
            belongs_to = self.home.stat().st_uid
        except OSError as trouble:
            raise DataDirectoryUnusable(
                f"{self.home} cannot be used ({trouble.strerror}): set "
                "JOINEDUP_DATA_DIR to a folder that you may write to."
            ) from trouble
        if belongs_to != os.geteuid():
            raise DataDirectoryUnusable(
                f"{self.home} belongs to another user: run the command as that user, "
                "or set JOINEDUP_DATA_DIR to a folder of your own."
            )

    def _check_entry(self, folder: Path) -> None:
        # Opening it to others is not ours to decide, so no chmod of what we found.
        if self.account.borrowed and not _may_enter(folder, self.account):
            raise DataDirectoryUnusable(
                "PostgreSQL does not run as root, and nobody, the account it runs as "
                f"instead, may not enter {folder}. Set JOINEDUP_DATA_DIR to a folder "
                "whose path everybody may enter, such as /var/lib/joinedup, or run the "
                "command as an ordinary user."
            )

    def ensure(self, programs: Programs, launcher: Launcher, deadline: float) -> None:
        """Make the cluster if there is none, else check that `programs` can run it."""
        if not self.folder.exists():
            unfinished = self.home / "cluster.new"
            if unfinished.exists():
                shutil.rmtree(unfinished)
            self._initialise(unfinished, programs, launcher, deadline)
            unfinished.rename(self.folder)
            _to_disk(self.home)
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != programs.major:
            raise DatabaseOfAnotherVersion(
                f"{self.home} was made by PostgreSQL {made_by}, but {programs.folder} "
                f"is version {programs.major}. To go on as before, set JOINEDUP_PG_BIN "
                f"to the programs of version {made_by}. To upgrade, run pg_dump with "
                "those, move the folder away, start again to make a new one, and load "
                "the dump with psql."
            )

    def _initialise(
        self, root: Path, programs: Programs, launcher: Launcher, deadline: float
    ) -> None:
        root.mkdir()
        root.chmod(_ENTERED_BY_ALL if self.account.borrowed else _PRIVATE)
        data = root / "data"
        data.mkdir(mode=_PRIVATE)
        self._hand_over(data)
        words = {role: secrets.token_urlsafe(32) for role in (OWNER, APPLICATION)}
        for role, word in words.items():
            _write(root / f"{role}.secret", word, mode=0o600)
        _write(root / "pg_hba.conf", "local all all scram-sha-256\n", mode=0o644)
        _to_disk(root)
        launcher.finish(
            *(programs.folder / "initdb", "-D", data, "-U", OWNER, "-E", "UTF8"),
            *_locale(programs.major),
            "--auth=reject",  # Of its own pg_hba.conf, which is never used.
            feed=b"",
            seconds=deadline - time.monotonic(),
        )
        launcher.finish(
            *(programs.folder / "postgres", "--single", "-D", data),
            *("-c", "exit_on_error=on", "-c", "log_min_error_statement=panic"),
            "postgres",
            feed=_roles_and_database(words).encode(),
            seconds=deadline - time.monotonic(),
        )

    def _hand_over(self, folder: Path) -> None:
        if self.account.borrowed:
            os.chown(folder, self.account.uid, self.account.gid, follow_symlinks=False)

    def clear_remains(self, sockets: Path) -> None:
        """Remove what a killed server left, which would stop the next one.

        PostgreSQL takes a left-over pid file for a running server when the pid has
        been given to another process, as it often is in a container. The lock tells us
        that none of ours lives; one that somebody started by hand is found by the
        folder it works in.
        """
        pid_file = self.data / "postmaster.pid"
        with suppress(OSError, IndexError, ValueError):
            pid = int(pid_file.read_text().splitlines()[0])
            if Path(f"/proc/{pid}/cwd").readlink() == self.data:
                raise DatabaseBusy(
                    f"A server that we did not start, process {pid}, runs on "
                    f"{self.data}: stop it with kill -INT {pid}, or set "
                    "JOINEDUP_DATA_DIR to another folder."
                )
        for remains in (pid_file, *sockets.glob(".s.PGSQL.*")):
            remains.unlink(missing_ok=True)

    def socket_folder(self) -> Path:
        """Return the private folder of the server's socket, making it if need be."""
        folder = self.home / "run"
        # A comma or a quote would mean something in a list of socket folders.
        plain = re.fullmatch(r"[\w./-]+", str(folder), re.ASCII)
        if plain is None or len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
            name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"joinedup-{name}"
        with suppress(FileExistsError):
            folder.mkdir(mode=_PRIVATE)
        facts = folder.lstat()
        if (
            not stat.S_ISDIR(facts.st_mode)
            or facts.st_uid not in {os.geteuid(), self.account.uid}
            or stat.S_IMODE(facts.st_mode) & ~_PRIVATE
        ):
            raise DataDirectoryUnusable(
                f"{folder}, where the database's socket goes, is not a private folder "
                "of ours: remove it, or set JOINEDUP_DATA_DIR to another folder."
            )
        if facts.st_uid != self.account.uid:
            self._hand_over(folder)
        return folder

    def addresses(self, sockets: Path) -> Addresses:
        """Return the addresses of the server whose socket is in `sockets`."""
        return Addresses(
            owner=self._address(OWNER, sockets),
            application=self._address(APPLICATION, sockets),
        )

    def _address(self, role: str, sockets: Path) -> str:
        secret = self.folder / f"{role}.secret"
        try:
            word = secret.read_text()
        except OSError as trouble:
            raise DataDirectoryUnusable(
                f"{secret} cannot be read ({trouble.strerror}): restore {self.folder} "
                "from a backup, or set JOINEDUP_DATA_DIR to another folder."
            ) from trouble
        return f"postgresql://{role}:{word}@/{DATABASE}?host={quote(str(sockets))}"


def _may_enter(folder: Path, account: Account) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def _write(path: Path, text: str, *, mode: int) -> None:
    path.touch(mode=0o600)
    path.chmod(mode)  # Whatever the umask.
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locale(major: int) -> tuple[str, ...]:
    if major < _BUILTIN_LOCALE_SINCE:
        return ("--locale=C.UTF-8",)
    # The same order on every machine and after every upgrade of its C library.
    return ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def _roles_and_database(words: dict[str, str]) -> str:
    """Return one statement a line, as single-user mode reads them."""
    return (
        f"ALTER ROLE {OWNER} PASSWORD '{words[OWNER]}'\n"
        f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE "
        f"NOREPLICATION NOBYPASSRLS PASSWORD '{words[APPLICATION]}'\n"
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}\n"
    )
