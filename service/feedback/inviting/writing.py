"""The mails of raters: in both languages, and of nobody.

The law: a mail may be forwarded, so it names no subject and no colleague; what it links
to lets nobody in by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from service.feedback.inviting.deadlines import calendar_of
from service.feedback.inviting.rules import REMINDERS, About
from service.jobs.letters import BETWEEN, LANGUAGES, Letter
from service.web.language import Language, speaking
from service.web.templating import until

MAILS: Final = Path(__file__).parent / "mails"
CODE: Final = "code"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail may know of the request that it is about."""

    request: UUID
    closes_at: datetime
    token: str | None
    """Of the link of a rater who cannot sign in."""


def letter(
    id_: UUID, about: About, asked: Asked, *, issuer: str, address: str, now: datetime
) -> Letter:
    """Write what a rater is told of a request; a deadline comes as a calendar entry."""
    name = "reminder" if about in REMINDERS.values() else about.value
    frame, link = "plain", ""
    if about != About.THANKS:
        frame = "sign_in" if asked.token is None else "link"
        link = issuer.rstrip("/") + _path(asked)
    calendar = None
    if about in {About.INVITATION, About.EXTENSION}:
        host = urlsplit(issuer).hostname or "localhost"
        calendar = calendar_of(asked.request, asked.closes_at, host, now)

    def values() -> Mapping[str, str]:
        return {"deadline": until(asked.closes_at)}

    return _letter(id_, name, values, frame, link, address, calendar)


def code_letter(id_: UUID, code: str, *, address: str) -> Letter:
    """Write the mail of a link's code, which says nothing else."""
    return _letter(id_, CODE, lambda: {"code": code}, "plain", "", address, None)


def _path(asked: Asked) -> str:
    if asked.token is not None:
        return f"/feedback-links/{asked.token}"
    return f"/feedback/{asked.request}"


def _letter(
    id_: UUID,
    name: str,
    values: Callable[[], Mapping[str, str]],
    frame: str,
    link: str,
    address: str,
    calendar: str | None,
) -> Letter:
    subjects, bodies = [], []
    for language in LANGUAGES:
        subject, _, what = _text(language, name).partition("\n\n")
        with speaking(Language(language)):
            said = Template(what).substitute(values()).strip()
        subjects.append(subject)
        framed = Template(_text(language, frame)).substitute(what=said, link=link)
        bodies.append(framed.strip() + "\n")
    return Letter(id_, address, " / ".join(subjects), BETWEEN.join(bodies), calendar)


@cache
def _text(language: str, name: str) -> str:
    return (MAILS / language / f"{name}.txt").read_text(encoding="utf-8")
