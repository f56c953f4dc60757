"""An identity provider's client of Defra."""

import httpx
import pytest

from service.directory.tables import OrganisationDomain
from tests.directory.provisioning.an_identity_provider import IdentityProvider
from tests.factories import a_token, an_organisation


@pytest.fixture
async def defra(client: httpx.AsyncClient) -> IdentityProvider:
    """An identity provider that looks after Defra's people."""
    await an_organisation("defra")
    return IdentityProvider(client, "defra", await a_token(client, "defra"))


@pytest.fixture
async def hmt(client: httpx.AsyncClient) -> IdentityProvider:
    await an_organisation("hmt")
    return IdentityProvider(client, "hmt", await a_token(client, "hmt"))


@pytest.fixture
async def anywhere(client: httpx.AsyncClient) -> IdentityProvider:
    """One that looks after an organisation without e-mail domains of its own."""
    await an_organisation("ofx")
    await OrganisationDomain.delete().where(OrganisationDomain.organisation == "ofx")
    return IdentityProvider(client, "ofx", await a_token(client, "ofx"))
