"""The service with SCIM mounted, and an identity provider's client of Defra."""

from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service import app as whole
from service.auth.tokens import Named
from service.directory.provisioning import failures
from service.directory.provisioning.controller import UserController
from service.directory.provisioning.discovery_controller import DiscoveryController
from service.directory.provisioning.queries import person_signing_in
from service.directory.tables import OrganisationDomain
from service.settings import Settings
from tests.conftest import ISSUER
from tests.directory.provisioning.an_identity_provider import IdentityProvider
from tests.factories import a_token, an_organisation


@pytest.fixture(scope="session")
def app() -> Litestar:
    with pytest.MonkeyPatch.context() as patch:
        ours = [UserController, DiscoveryController]
        rest = [each for each in whole.CONTROLLERS if each not in ours]
        patch.setattr(whole, "CONTROLLERS", (*rest, *ours))
        app = whole.create_app(Settings(), ISSUER)
    app.exception_handlers[Exception] = failures.answer
    app.state.person_of = person_of
    return app


async def person_of(named: Named) -> UUID | None:
    return await person_signing_in(
        named.source, named.external_id, organisation=named.organisation
    )


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
