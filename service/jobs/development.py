"""Mail on a developer's machine: kept in a folder, for a page to show.

The law: only where anybody may sign in as anybody is mail kept instead of sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final
from uuid import UUID

from service.jobs.letters import Letter, Post, as_mail
from service.settings import Settings

FOLDER: Final = "dev-mail"
SENDER: Final = "joinedup@localhost"
NEWEST: Final = 200
"""Mails that are shown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that would have been sent."""

    id: UUID
    at: datetime
    to: str
    subject: str
    text: str
    attached: tuple[str, ...]
    """Names of files."""


def keeping(chosen: Settings) -> Post:
    """Return what keeps mails in the data folder."""

    async def post(letter: Letter, now: datetime) -> None:
        folder = chosen.data_dir / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{now:%Y%m%dT%H%M%S%f}-{letter.id}.eml"
        (folder / name).write_bytes(as_mail(letter, SENDER, now).as_bytes())

    return post


def kept(chosen: Settings) -> Iterator[Kept]:
    """Give the mails that were kept, the newest first."""
    folder = chosen.data_dir / FOLDER
    for path in sorted(folder.glob("*.eml"), reverse=True)[:NEWEST]:
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if isinstance(mail, EmailMessage):
            yield _read(UUID(path.stem.partition("-")[2]), mail)


def _read(id_: UUID, mail: EmailMessage) -> Kept:
    body = mail.get_body(("plain",))
    return Kept(
        id_,
        mail["Date"].datetime,
        str(mail["To"]),
        str(mail["Subject"]),
        "" if body is None else str(body.get_content()),
        tuple(each.get_filename() or "" for each in mail.iter_attachments()),
    )
