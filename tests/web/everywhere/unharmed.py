"""Whether a page has anything on it that a person wrote and a browser would run."""

import re

from tests.web.everywhere.reading import ADDRESSES, Read

TAGS = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr b blockquote body br button caption circle code dd del desc details div
        dl dt fieldset footer form g h1 h2 h3 h4 head header hr html i input ins label
        legend li line link main mark meta nav ol option p path polygon polyline rect
        script section select small span strong summary svg table tbody td text
        textarea tfoot th thead time title tr ul
        """,
    )
)
"""Elements that our templates make; payloads make most of these as well, and others."""
HARMLESS = re.compile(
    r"(?:[/?#]|data:,$|https?://(?:localhost|127\.0\.0\.1)|mailto:|$)"
)
FOREIGN = frozenset({"srcdoc", "style", "background", "poster", "http-equiv", "onload"})


def harm(page: Read) -> list[str]:
    """What is on a page that no template put there."""
    found = [f"element {tag}" for tag, _ in page.elements if tag not in TAGS]
    for tag, attrs in page.elements:
        found += [
            f"{tag} {name}={value[:80]}"
            for name, value in attrs.items()
            if name.startswith("on")
            or name in FOREIGN
            or (name in {"id", "name"} and "xss" in value)
            or (name in ADDRESSES and _leads_astray(name, value))
        ]
    scripts = [attrs.get("src", "") for tag, attrs in page.elements if tag == "script"]
    found += [f"script {src}" for src in scripts if not re.match(r"$|/assets/", src)]
    found += [f"script {text}" for text in page.of("script") if "xss" in text]
    if not {"main", "body", "html"} <= page.closed:
        found.append("its end is gone")
    return found


def _leads_astray(name: str, value: str) -> bool:
    if name == "data":
        return True
    # Words may be in a query, where they are only words.
    return not HARMLESS.match(value) or value.startswith("//")
