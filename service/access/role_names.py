"""What roles are called where people read of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.access.rules import Role
from service.web.language import mark

NAMES: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.HR_ADMINISTRATOR: mark("HR administrator"),
        Role.TEXT_MODERATOR: mark("Text moderator"),
        Role.CENTRAL_TEAM: mark("Central team"),
        Role.AUDITOR: mark("Auditor"),
        Role.DATA_PROTECTION_OFFICER: mark("Data protection officer"),
    }
)
