"""The file of organisations, a row by itself.

The law: a cell may hold several names or domains, between semicolons.
"""

import re
from typing import Final, NamedTuple

from service.directory.dated import NameFacts
from service.directory.importing.header import Layout
from service.directory.importing.report import Place
from service.directory.importing.row import Row
from service.directory.provisioning.rules import PROVISIONED
from service.directory.rules import EMPLOYEE_NUMBER, NameKind, alike

LAYOUT: Final = Layout(
    (
        "code",
        "name",
        "also_known_as",
        "parent_department",
        "hr_system",
        "email_domain",
    )
)
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
HR_SYSTEM: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN: Final = re.compile(rf"{LABEL}(?:\.{LABEL})+")
SEVERAL: Final = ";"
"""Between several names or domains in one cell."""


class OrganisationRow(NamedTuple):
    """One row, read."""

    place: Place
    code: str
    name: str
    also_known_as: tuple[str, ...]
    parent_name: str | None
    hr_system: str
    domains: tuple[str, ...]

    @property
    def names(self) -> frozenset[NameFacts]:
        """Return all the names it goes by."""
        return frozenset(
            {
                NameFacts(self.name, NameKind.OFFICIAL),
                *(
                    NameFacts(each, NameKind.ALSO_KNOWN_AS)
                    for each in self.also_known_as
                ),
            }
        )


NO_SYSTEMS: Final = (EMPLOYEE_NUMBER, PROVISIONED)
"""What people's other names are kept under."""


def read(row: Row) -> OrganisationRow | None:
    """Check a row's cells by themselves."""
    code = row.text("code", 40)
    if code and not CODE.fullmatch(code):
        row.refuse(
            "code",
            f"{code!r} is no code.",
            "Use up to 40 letters, digits, hyphens and underscores.",
        )
    name = row.text("name", 200)
    also = [n for n in _several(row, "also_known_as", 200) if alike(n) != alike(name)]
    parent = row.optional("parent_department", 200)
    system = row.text("hr_system", 40).lower()
    if system and (not HR_SYSTEM.fullmatch(system) or system in NO_SYSTEMS):
        row.refuse(
            "hr_system",
            f"{system!r} cannot name an HR system.",
            "Use letters, digits, hyphens and underscores, such as oracle; but not"
            f" {' or '.join(NO_SYSTEMS)}.",
        )
    domains = [each.lower() for each in _several(row, "email_domain", 253)]
    for domain in domains:
        if not DOMAIN.fullmatch(domain):
            row.refuse(
                "email_domain",
                f"{domain!r} is no e-mail domain.",
                "Write what stands behind the @, such as defra.example.",
            )
    if row.refused:
        return None
    return OrganisationRow(
        row.place, code, name, tuple(also), parent, system, tuple(domains)
    )


def _several(row: Row, column: str, most: int) -> list[str]:
    """Return the values of a cell that may hold several, each once."""
    values = (row.optional(column, 10 * most) or "").split(SEVERAL)
    unique = {
        alike(value): value.strip() for value in reversed(values) if value.strip()
    }
    if any(len(value) > most for value in unique.values()):
        row.refuse(column, f"A value has more than {most} characters.", "Shorten it.")
    return list(reversed(unique.values()))
