"""Every text of the pages that is to be translated, as Babel finds it."""

from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir

SERVICE = Path(__file__).parents[2] / "service"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "mark": None,
    "say": None,
    "say_many": (1, 2),
}
METHODS = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {
    "web/templates/**.html": {
        "extensions": "jinja2.ext.i18n",
        "silent": "false",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
    }
}


@cache
def texts() -> frozenset[str | tuple[str, ...]]:
    """Each text, or the two forms of one that counts."""
    found = extract_from_dir(
        SERVICE, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    )
    return frozenset(message for _, _, message, _, _ in found)
