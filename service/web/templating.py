"""Templates, and how instants, days and numbers are written in them.

The law: whatever is filled in is escaped.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
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
LOCALE: Final = LOCALES["en"]
"""Of numbers, which Welsh writes as English does."""


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
    made.filters.update(
        day=day,
        exact=exact,
        moment=moment,
        money=money,
        number=number,
        since=since,
        until=until,
    )
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


def until(value: datetime) -> str:
    """Write a deadline, or when something closes; midnight ends the day before.

    Nobody takes 12am on 1 March for the end of February.
    """
    here = value.astimezone(HERE)
    if here.time() > time.min:
        return moment(value)
    return say("the end of %(day)s", day=day(here.date() - timedelta(days=1)))


def since(value: datetime) -> str:
    """Write when something begins; at midnight the day is enough."""
    begins = value.astimezone(HERE).time()
    return moment(value) if begins > time.min else day(value)


def number(value: Decimal | float) -> str:
    """Write a number with one decimal at most, half up, as people round; 34, not 34.0.

    Everything that writes a figure that was worked out writes it so.
    """
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    # Adding nought takes the sign off what rounds to it: -0 is no number to people.
    written: str = format_decimal(rounded + 0, format="#,##0.#", locale=LOCALE)
    return written


def exact(value: Decimal | float) -> str:
    """Write a number that people stated, with all of its decimals."""
    written: str = format_decimal(
        Decimal(str(value)), format="#,##0.#", locale=LOCALE, decimal_quantization=False
    )
    return written


def money(pounds: Decimal) -> str:
    """Write an amount to the penny, which whole pounds do without."""
    pence = "#,##0" if pounds == pounds.to_integral_value() else "#,##0.00"
    written: str = format_decimal(abs(pounds), format=pence, locale=LOCALE)
    return f"-£{written}" if pounds < 0 else f"£{written}"
