"""Where a page may lead.

Pure. The law: never to another host.
"""

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"
LONGEST: Final = 500


def local(path: str | None) -> str:
    """Return a path of this service, or home for whatever is none."""
    if not path or len(path) > LONGEST or not path.startswith("/"):
        return HOME
    if path.startswith("//") or "\\" in path or " " in path:
        return HOME
    if not path.isascii() or not path.isprintable():  # A header holds no more.
        return HOME
    parts = urlsplit(path)
    return HOME if parts.scheme or parts.netloc else path
