"""Two departments, their people, and a browser that signs in with either."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from service.auth.sign_in import actions, sessions
from service.auth.sign_in.providers import Wanted
from service.auth.sign_in.tables import WebSession
from tests.auth.an_issuer import RSA, signed
from tests.auth.conftest import NOW, Audited
from tests.auth.sign_in.a_provider import (
    CLIENT,
    SECRET,
    AProvider,
    Providers,
    Twist,
)
from tests.factories import OPERATOR, a_person, an_organisation
from tests.web.visiting import Visitor, heading, visiting

ORGANISATIONS = ("hmt", "defra")


@dataclass(frozen=True)
class Departments:
    """The service, both providers, and a person of each department."""

    app: Litestar
    hmt: AProvider
    defra: AProvider
    ada: UUID
    """Of hmt: subject `hmt-1` there, employee `hmt-e1`, ada@hmt.example."""
    bea: UUID
    """Of defra, likewise."""

    async def signs_in(
        self, provider: AProvider, subject: str, *, to: str = "/mine", **claims: Any
    ) -> httpx.Response:
        """Sign a stranger's browser in from beginning to end; return the last page."""
        async with visiting(None, app=self.app) as visitor:
            answer = await leave(visitor, provider, to)
            back = provider.come_back(address_of(answer), subject, **claims)
            return await arrive(visitor, provider, back)


async def two_departments(app: Litestar, providers: Providers) -> Departments:
    made = {}
    for provider in (providers.hmt, providers.defra):
        code = await an_organisation(provider.path)
        made[code] = await a_person(code, external_id=f"{code}-e1")
        await register(provider)
    return Departments(
        app, providers.hmt, providers.defra, ada=made["hmt"], bea=made["defra"]
    )


async def register(
    provider: AProvider, *, secret: str | None = SECRET, **changed: Any
) -> dict[str, Any] | None:
    """Let a department's people sign in; return our public key, if we have one."""
    usual = {
        "organisation": provider.path,
        "id": provider.path,
        "name": f"Department {provider.path}",
        "issuer": provider.url,
        "client_id": CLIENT,
        "person_claim": "employee",
        "person_source": "workday",
        "algorithms": (provider.alg,),
    }
    added = await actions.add(
        Wanted(**{**usual, **changed}),
        secret=secret,
        known=frozenset(ORGANISATIONS),
        caller=OPERATOR,
        now=NOW,
        record=Audited(),
    )
    return None if added.public is None else dict(added.public)


def claims_of(code: str, **changed: object) -> dict[str, Any]:
    """What a department's provider says of its person, but for `changed`."""
    usual = {"employee": f"{code}-e1", "email": f"ada@{code}.example"}
    return {k: v for k, v in (usual | changed).items() if v is not None}


async def leave(
    visitor: Visitor, provider: AProvider, to: str = "/mine"
) -> httpx.Response:
    return await visitor.post(f"/sign-in/{provider.path}", {"to": to})


def address_of(answer: httpx.Response) -> str:
    """Where a page leads at once."""
    assert answer.status_code == 200, answer.text
    seconds, _, address = answer.headers["refresh"].partition("; url=")
    assert seconds == "0"
    return str(address)


async def arrive(
    visitor: Visitor,
    provider: AProvider,
    back: Mapping[str, str] | Sequence[tuple[str, str]],
) -> httpx.Response:
    params = list(back.items()) if isinstance(back, Mapping) else list(back)
    return await visitor.get(
        f"/sign-in/{provider.path}/callback",
        params=params,
        headers={"Sec-Fetch-Site": "cross-site"},
    )


async def session_count() -> int:
    found: int = await WebSession.count()
    return found


async def session_in(answer: httpx.Response) -> sessions.Session | None:
    """Whose visit an answer begins."""
    return await sessions.current(answer.cookies.get(sessions.COOKIE), NOW)


async def refused(answer: httpx.Response) -> bool:
    """Whether it came to nothing, and said so without a reason."""
    assert heading(answer) == "You are not signed in yet", answer.text
    assert answer.status_code == 400
    assert sessions.COOKIE not in str(answer.headers.get_list("set-cookie"))
    return await session_count() == 0


async def attempted(
    departments: Departments, change: Mapping[str, str | None]
) -> httpx.Response:
    """Sign Ada in, with the query that brings her back changed."""
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(answer), "hmt-1", **claims_of("hmt")
        )
        query = {k: v for k, v in ({**back, **change}).items() if v is not None}
        return await arrive(visitor, departments.hmt, query)


def saying(**changed: Any) -> Twist:
    """An ID token genuinely signed that says something else; None leaves it out."""

    def twist(header: dict[str, Any], claims: dict[str, Any]) -> str:
        said = {k: v for k, v in (claims | changed).items() if v is not None}
        return signed(header, said, RSA, "RS256")

    return twist
