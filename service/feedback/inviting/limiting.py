"""How often a link may be asked of, over the API and on pages together.

The law: it is counted in memory, so that nothing tells of it.
"""

from typing import Any, Final

from litestar import Request

from service.edge.rates import Rates, check
from service.feedback.inviting.tokens import digest_of

A_MINUTE: Final = 60
"""Requests on one link."""


async def count(request: Request[Any, Any, Any], token: str) -> None:
    """Refuse what asks of one link too often, whether or not there is such a link."""
    rates: Rates = request.app.state.untraced_rates
    check(await rates.count(f"link {digest_of(token).hex()}", A_MINUTE))
