"""Mail on a developer's machine: kept in a folder, for a page to show.

The law: only where anybody may sign in as anybody is mail kept instead of sent.
"""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
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
class Head:
    """What a list shows of a mail that would have been sent."""

    id: UUID
    at: datetime
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class Kept(Head):
    """A mail that would have been sent."""

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


def newest(chosen: Settings) -> tuple[list[Head], int]:
    """Return the newest mails that were kept, the last one first, and how many are.

    Of each its head alone is read: to parse two hundred whole takes over a second.
    """
    paths = sorted((chosen.data_dir / FOLDER).glob("*.eml"), reverse=True)
    heads = BytesHeaderParser(policy=default)
    found = []
    for path in paths[:NEWEST]:
        with path.open("rb") as file:
            mail = heads.parse(file)
        found.append(Head(UUID(path.stem.partition("-")[2]), *_head(mail)))
    return found, len(paths)


def kept(id_: UUID, chosen: Settings) -> Kept | None:
    """Return one mail whole, or None if there is none of that id."""
    for path in (chosen.data_dir / FOLDER).glob(f"*-{id_}.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        body = mail.get_body(("plain",))
        return Kept(
            id_,
            *_head(mail),
            "" if body is None else str(body.get_content()),
            tuple(each.get_filename() or "" for each in mail.iter_attachments()),
        )
    return None


def _head(mail: EmailMessage) -> tuple[datetime, str, str]:
    return mail["Date"].datetime, str(mail["To"]), str(mail["Subject"])
