"""The service over HTTP, asked by the people and the machines of three departments."""

import httpx
import pytest
from litestar import Litestar

from tests.factories import a_token
from tests.objectives.joint import Joint
from tests.objectives.progress.portal import Portal
from tests.signing_in import issuers_of


@pytest.fixture
async def portal(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> Portal:
    codes = ("hmt", "dft", "moj")
    return Portal(
        client,
        joint,
        await joint.agreed(),
        await issuers_of(app, *codes),
        {code: await a_token(client, code) for code in codes},
    )
