"""Templates, and how instants, days and numbers are written in them.

The law: whatever is filled in is escaped.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    Undefined,
)

from service.web.assets import asset
from service.web.language import gettext, ngettext, say, spoken

HERE: Final = ZoneInfo("Europe/London")
TEMPLATES: Final = Path(__file__).parent / "templates"
LOCALES: Final[Mapping[str, str]] = {"en": "en_GB", "cy": "cy"}


class Missing(Undefined):
    """What a template names and nobody gave: it may be asked for, but not written.

    GOV.UK's macros ask for each part they know.
    """

    def __str__(self) -> str:
        """Refuse: an empty place on a page would be a fault that nobody sees."""
        return self._fail_with_undefined_error()


@cache
def environment() -> Environment:
    """Return what templates are drawn with, made once."""
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(TEMPLATES),
                PrefixLoader(
                    {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
                ),
            ]
        ),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=Missing,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined] # the extension's
        gettext, ngettext, newstyle=True
    )
    made.globals.update(asset=asset)
    made.filters.update(day=day, moment=moment, number=number)
    return made


def draw(template: str, context: Mapping[str, Any]) -> str:
    """Return a template filled in."""
    return environment().get_template(template).render(context)


def day(value: date | datetime) -> str:
    """Write a day: 5 December 2026; of an instant, the day it is in London."""
    local = value.astimezone(HERE) if isinstance(value, datetime) else value
    return format_date(local, "d MMMM y", locale=LOCALES[spoken()])


def moment(value: datetime) -> str:
    """Write an instant as London's clocks show it: 5pm on 5 December 2026."""
    here = value.astimezone(HERE)
    time = format_time(here, "h:mma" if here.minute else "ha", locale=LOCALES["en"])
    return say("%(time)s on %(day)s", time=time.lower().replace(" ", ""), day=day(here))


def number(value: Decimal | float) -> str:
    """Write a number with one decimal at most, half up, as people round."""
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    written: str = format_decimal(rounded, format="#,##0.#", locale=LOCALES[spoken()])
    return written
