"""People with an access token of their department's own issuer."""

from typing import Any

from litestar import Litestar

from service.auth import issuer_actions
from service.auth.issuers import ExternalIssuer, Issuers
from service.auth.jwks import JwksCache
from service.directory.queries import known_codes
from service.settings import settings
from tests.auth.an_issuer import AUDIENCE, AnIssuer
from tests.auth.conftest import Audited
from tests.factories import OPERATOR


async def issuers_of(app: Litestar, *organisations: str) -> dict[str, AnIssuer]:
    """Have the service accept an issuer of each organisation, which names people.

    The identifier it gives is that of the source `workday`.
    """
    made = {
        code: AnIssuer(f"https://login.{code}.example/tenant") for code in organisations
    }
    for code, issuer in made.items():
        await _accept(code, issuer)
    at = {f"{issuer.url}/keys": issuer for issuer in made.values()}

    async def fetch(url: str) -> bytes:
        return await at[url].fetch(url)

    app.state.issuers = Issuers()
    app.state.published_keys = JwksCache(fetch)
    return made


async def _accept(organisation: str, issuer: AnIssuer) -> None:
    await issuer_actions.add(
        ExternalIssuer(
            organisation=organisation,
            issuer=issuer.url,
            audience=AUDIENCE,
            jwks_uri=f"{issuer.url}/keys",
            scopes=(("scores.read", "scores:read"),),
            person_claim="employee",
            person_source="workday",
        ),
        known=await known_codes(),
        caller=OPERATOR,
        now=settings().clock(),
        record=Audited(),
        fetch=issuer.fetch,
    )


def signed_in(issuer: AnIssuer, external_id: str, **more: Any) -> dict[str, str]:
    """The headers of a person, whom the issuer names by `external_id`."""
    at = int(settings().clock().timestamp())
    token = issuer.token(
        iat=at, nbf=at, exp=at + 600, scp="x", employee=external_id, **more
    )
    return {"Authorization": f"Bearer {token}"}
