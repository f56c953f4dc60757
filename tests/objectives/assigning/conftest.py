"""The service with two departments that share, and hmt's records to assign to."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.auth.authentication import remember_nothing
from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.objectives.queries import ObjectiveFact
from tests.conftest import ISSUER
from tests.database import connected
from tests.factories import a_token, record_of
from tests.objectives.assigning.many import Many, a_partner, an_objective, one_going_on
from tests.objectives.joint import Joint, a_joint_department
from tests.signing_in import issuers_of


@pytest.fixture
async def many(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> Many:
    facts = [await record_of(person, joint.on.cycle) for person in joint.hmt.people]
    return Many(
        client,
        joint,
        {code: await a_token(client, code) for code in ("hmt", "dft", "moj")},
        await issuers_of(app, "hmt", "dft", "moj"),
        an_objective(),
        [await a_partner(joint)],
        [f"workday:{fact.external_id}" for fact in facts],
    )


@pytest.fixture
async def going_on(many: Many) -> ObjectiveFact:
    """An agreed objective that outlives its cycle, and records for it to go on to."""
    return await one_going_on(many)


@pytest.fixture
async def committed(
    addresses: Addresses, opened: None, app: Litestar
) -> AsyncIterator[tuple[httpx.AsyncClient, Joint]]:
    """The service on a database of its own, in which what is done is committed."""
    name = f"bulk_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        elsewhere = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(elsewhere, role_of(addresses.application))
        await DB.close()
        await DB.open(addresses.application.replace("@/joinedup", f"@/{name}"), size=4)
        remember_nothing(app.state)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # ASGI by another name
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
            yield client, await a_joint_department()
        remember_nothing(app.state)
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
