"""How a sign-in ends that does not succeed.

The law: whoever is not let in learns the same, whether they, their e-mail's domain or
their account are unknown here; why is in the log, without a name.
"""

import structlog

from service.errors import Malformed, NotAllowed

log = structlog.get_logger(__name__)


class NotLetIn(NotAllowed):
    """The department's provider says who it is, and they are not let in here."""

    slug = "not-let-in"


class SignInFailed(Malformed):
    """The sign-in was not finished, or not as it was begun."""

    slug = "sign-in-failed"


def not_let_in(provider: str, why: str) -> NotLetIn:
    """Return the one answer to all who are not let in; `why` names nobody."""
    log.warning("not let in", provider=provider, why=why)
    return NotLetIn(
        "You cannot use this service with that account: ask your department's HR team."
    )


def failed(provider: str, why: str) -> SignInFailed:
    """Return the refusal of a sign-in that can be begun again."""
    log.warning("sign-in failed", provider=provider, why=why)
    return SignInFailed("Start again: sign in once more, in this browser.")
