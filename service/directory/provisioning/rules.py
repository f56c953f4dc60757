"""What an identity provider says of a person, and whether it can be so.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final
from unicodedata import normalize

from service.errors import Conflict, NotAllowed, Unprocessable

PROVISIONED: Final = "scim"
"""Source of the external ids that SCIM gives; imports leave its identifiers alone."""
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "user_name": 254,
        "external_id": 120,
        "given_name": 100,
        "family_name": 100,
        "email": 254,
        "title": 300,
        "unit": 300,
        "employee_number": 120,
        "grade": 40,
        "post_reference": 60,
        "person_id": 120,
        "manager": 120,
    }
)
"""In characters, by the fact."""
LONGEST_TEXT: Final = 320
"""Of any other text that is kept."""
MOST_TEXTS: Final = 60
"""That one person's resource may hold."""
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "user_name": "userName",
        "external_id": "externalId",
        "given_name": "name.givenName",
        "family_name": "name.familyName",
        "email": "emails.value",
        "title": "title",
        "unit": "department",
        "employee_number": "employeeNumber",
        "grade": "grade",
        "post_reference": "postReference",
        "person_id": "personId",
        "manager": "manager.value",
    }
)
"""What SCIM calls each fact."""


class UserTaken(Conflict):
    """Somebody else in the organisation is already known by it."""

    slug = "user-taken"


class UserUnfit(Unprocessable):
    """The user cannot be kept as they are described."""

    slug = "user-unfit"


class SeveralOrganisations(NotAllowed):
    """A token that provisions people must be bound to one organisation."""

    slug = "several-organisations"


@dataclass(frozen=True, slots=True)
class Said:
    """The facts that were stated last, without spaces to spare; None: not stated."""

    user_name: str
    active: bool
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    title: str | None = None
    unit: str | None = None
    employee_number: str | None = None
    grade: str | None = None
    post_reference: str | None = None
    person_id: str | None = None
    """The HR system's own."""
    manager: str | None = None
    """Their id here, or their employee number."""

    def news(self, before: "Said | None") -> frozenset[str]:
        """Return the facts that differ from those stated before."""
        return frozenset(
            field.name
            for field in fields(self)
            if before is None
            or getattr(self, field.name) != getattr(before, field.name)
        )


def compared(name: str) -> str:
    """Return what two spellings of one user name have in common, as SCIM has it."""
    return normalize("NFC", normalize("NFC", name).lower())


def check(said: Said, whole: Mapping[str, Any]) -> None:
    """Refuse what the directory cannot hold; `whole` is the resource to be kept."""
    for name, most in LONGEST.items():
        if len(getattr(said, name) or "") > most:
            raise UserUnfit(f"{NAMES[name]}: at most {most} characters are kept.")
    if not said.user_name:
        raise UserUnfit("userName: it must not be empty.")
    texts = _texts(whole)
    if len(texts) > MOST_TEXTS:
        raise UserUnfit("It holds too many values: send one work address.")
    for text in texts:
        if len(text) > LONGEST_TEXT:
            raise UserUnfit(f"A value is longer than {LONGEST_TEXT} characters.")
        if CONTROL.search(text) or not _is_text(text):
            raise UserUnfit("A value holds a control character: remove it.")


def _texts(value: object) -> list[str]:
    """Return every text in what was sent, which is at most `strict_json` deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return []


def _is_text(text: str) -> bool:
    try:
        text.encode()  # Half of a surrogate pair has no encoding.
    except UnicodeEncodeError:
        return False
    return True


def check_domain(domain: str, own: frozenset[str], owner: str | None) -> None:
    """Refuse an address outside the organisation's domains, if it has any.

    `owner` is whose domain it is, if it is anybody's.
    """
    if domain in own or (not own and owner is None):
        return
    raise UserUnfit(
        f"emails.value: {domain} is no e-mail domain of the organisation: correct the"
        " address, or give the domain to it with `joinedup import organisations`."
    )
