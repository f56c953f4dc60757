"""What a database URL says."""

from urllib.parse import unquote, urlsplit

from service.errors import Unprocessable


class NoRole(Unprocessable):
    """The database URL names no role."""

    slug = "database-url-without-role"


def role_of(dsn: str) -> str:
    """Return the role that a database URL names."""
    name = urlsplit(dsn).username
    if not name:
        raise NoRole("Write it as postgresql://role:password@host/database.")
    return unquote(name)
