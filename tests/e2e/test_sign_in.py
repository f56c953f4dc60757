"""oauth.md, "People's sign-in", with two real providers: panva's oidc-provider.

As `tests/auth/sign_in`, where a provider that is made up lies in every way; here two
real ones tell the truth, and people, browsers and answers are crossed.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from playwright.async_api import Page

from service.auth.authentication import remember_nothing
from service.auth.sign_in import actions, flow, sessions
from service.auth.sign_in.providers import Wanted, row_of
from service.auth.sign_in.tables import SignInIdentity, SignInProvider, WebSession
from service.db.reach import EVERYONE, within_reach
from service.settings import settings
from tests.auth.conftest import Audited
from tests.auth.sign_in.a_provider import CLIENT, SECRET
from tests.auth.sign_in.a_real_provider import (
    LACKING,
    READY,
    RealProvider,
    real_provider,
)
from tests.auth.sign_in.signing import address_of
from tests.conftest import ISSUER
from tests.factories import OPERATOR, a_person, an_organisation
from tests.web.browser import PHONE, Site, in_a_browser, site
from tests.web.visiting import Visitor, heading, visiting

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not READY, reason=LACKING)]

ACCOUNTS: dict[str, dict[str, object]] = {
    "one": {"employee": "{}-e1", "email": "one@{}.example"},
    "unknown": {"employee": "{}-e9", "email": "nine@{}.example"},
    "mailed": {"employee": "{}-e2", "email": "one@{other}.example"},
    "posing": {"employee": "{other}-e1", "email": "two@{}.example"},
}
Pair = tuple[RealProvider, RealProvider]
OTHER = {"hmt": "defra", "defra": "hmt"}
CROSSED = ["code", "state", "iss", "nonce", "email", "sub"]


@dataclass(frozen=True)
class Departments:
    app: Litestar
    hmt: RealProvider
    defra: RealProvider
    people: dict[str, UUID]


def accounts_of(name: str) -> dict[str, dict[str, str]]:
    return {
        subject: {
            claim: str(value).format(name, other=OTHER[name])
            for claim, value in claims.items()
        }
        for subject, claims in ACCOUNTS.items()
    }


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()


async def started(stack: AsyncExitStack, at: str) -> Pair:
    """Start both providers; the second signs otherwise and tells less in its tokens."""
    hmt = await stack.enter_async_context(
        real_provider("hmt", accounts_of("hmt"), at=at)
    )
    defra = await stack.enter_async_context(
        real_provider(
            "defra", accounts_of("defra"), at=at, algorithm="ES256", in_userinfo=True
        )
    )
    return hmt, defra


async def entered(app: Litestar, pair: Pair) -> Departments:
    """Let both departments' people sign in."""
    people = {}
    for provider in pair:
        code = await an_organisation(provider.path)
        people[code] = await a_person(code, external_id=f"{code}-e1")
        await a_person(code, external_id=f"{code}-e2")
        await actions.add(
            wanted(provider),
            secret=SECRET,
            known=frozenset(OTHER),
            caller=OPERATOR,
            now=settings().clock(),
            record=Audited(),
        )
    return Departments(app, *pair, people)


def wanted(provider: RealProvider) -> Wanted:
    return Wanted(
        organisation=provider.path,
        id=provider.path,
        name=f"Department {provider.path}",
        issuer=provider.url,
        client_id=CLIENT,
        person_claim="employee",
        person_source="workday",
        algorithms=(provider.alg,),
    )


@pytest.fixture(scope="module")
async def pair(anyio_backend: str) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        yield await started(stack, ISSUER)


@pytest.fixture
async def departments(
    app: Litestar, db: None, loopback: None, pair: Pair
) -> Departments:
    remember_nothing(app.state)
    return await entered(app, pair)


async def left(visitor: Visitor, provider: RealProvider) -> str:
    answer = await visitor.post(f"/sign-in/{provider.path}", {"to": "/records"})
    return address_of(answer)


async def arrived(
    visitor: Visitor, provider: RealProvider, back: dict[str, str]
) -> httpx.Response:
    return await visitor.get(f"/sign-in/{provider.path}/callback", params=back)


async def signed_in(
    departments: Departments, provider: RealProvider, subject: str
) -> httpx.Response:
    async with visiting(None, app=departments.app) as visitor:
        back = await provider.come_back(await left(visitor, provider), subject)
        return await arrived(visitor, provider, back)


async def visits() -> list[dict[str, Any]]:
    with within_reach(EVERYONE):
        rows: list[dict[str, Any]] = await WebSession.select()
    return rows


async def test_each_department_s_people_sign_in_with_their_own(
    departments: Departments,
) -> None:
    """RS256 with the claims in the token, and ES256 with the claims in userinfo."""
    for provider in (departments.hmt, departments.defra):
        answer = await signed_in(departments, provider, "one")
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/records"

    assert {row["organisation"]: row["person"] for row in await visits()} == (
        departments.people
    )


@pytest.mark.parametrize("what", CROSSED)
@pytest.mark.parametrize("organisation", [*OTHER])
async def test_12_identity_crossings_give_0_sessions(
    departments: Departments, organisation: str, what: str
) -> None:
    """'12 crossings (code, state, nonce, iss, e-mail, sub): 0 sessions in B'."""
    ours: RealProvider = getattr(departments, organisation)
    other: RealProvider = getattr(departments, OTHER[organisation])
    subject = {"email": "mailed", "sub": "posing"}.get(what, "one")
    async with visiting(None, app=departments.app) as visitor:
        elsewhere = await other.come_back(await left(visitor, other), "one")
        earlier = await ours.come_back(await left(visitor, ours), "one")
        back = await ours.come_back(await left(visitor, ours), subject)
        if what in {"code", "state", "iss"}:
            back[what] = elsewhere[what]
        elif what == "nonce":  # The token for that code was made for another nonce.
            back["code"] = earlier["code"]
        answer = await arrived(visitor, ours, back)

    assert answer.status_code in {400, 403}
    assert await visits() == []
    assert await SignInIdentity.count() == 0


async def test_mix_up_at_another_provider_s_address(departments: Departments) -> None:
    async with visiting(None, app=departments.app) as visitor:
        back = await departments.hmt.come_back(
            await left(visitor, departments.hmt), "one"
        )
        answer = await arrived(visitor, departments.defra, back)

    assert heading(answer) == "You are not signed in yet"
    assert await visits() == []


async def test_login_csrf_another_s_answer_in_my_browser(
    departments: Departments,
) -> None:
    async with (
        visiting(None, app=departments.app) as attacker,
        visiting(None, app=departments.app) as victim,
    ):
        await left(victim, departments.hmt)
        back = await departments.hmt.come_back(
            await left(attacker, departments.hmt), "one"
        )
        answer = await arrived(victim, departments.hmt, back)

    assert heading(answer) == "You are not signed in yet"
    assert await visits() == []


async def test_a_callback_serves_once(departments: Departments) -> None:
    async with visiting(None, app=departments.app) as visitor:
        began = await left(visitor, departments.hmt)
        browser = visitor.client.cookies[flow.COOKIE]
        back = await departments.hmt.come_back(began, "one")
        first = await arrived(visitor, departments.hmt, back)
        visitor.client.cookies.set(flow.COOKIE, browser)
        again = await arrived(visitor, departments.hmt, back)

    assert (first.status_code, again.status_code) == (303, 400)
    assert len(await visits()) == 1


async def test_fixation_the_id_is_new_and_the_one_before_nobody_s(
    departments: Departments,
) -> None:
    planted = sessions.new_id()
    async with visiting(None, app=departments.app) as visitor:
        visitor.client.cookies.set(sessions.COOKIE, planted)
        back = await departments.hmt.come_back(
            await left(visitor, departments.hmt), "one"
        )
        answer = await arrived(visitor, departments.hmt, back)

    assert answer.status_code == 303
    assert planted not in str(answer.headers)
    assert await sessions.current(planted, settings().clock()) is None


async def test_unknown_people_and_other_domains_get_the_same_answer(
    departments: Departments,
) -> None:
    answers = [
        await signed_in(departments, departments.hmt, subject)
        for subject in ("unknown", "mailed", "posing")
    ]

    assert {(each.status_code, heading(each)) for each in answers} == {
        (403, "You cannot sign in")
    }
    assert len({each.text.count("\n") for each in answers}) == 1


async def test_a_key_of_our_own_is_accepted(
    app: Litestar, db: None, loopback: None
) -> None:
    """private_key_jwt: the provider knows us by the key that was printed."""
    remember_nothing(app.state)
    code = await an_organisation("hmt")
    await a_person(code, external_id="hmt-e1")
    async with AsyncExitStack() as stack:
        unknown = RealProvider(code, "", "PS256", httpx.AsyncClient())
        made = actions._provider(wanted(unknown), None)
        client = {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [made.public]},
        }
        provider = await stack.enter_async_context(
            real_provider(
                "hmt",
                accounts_of("hmt"),
                at=ISSUER,
                algorithm="PS256",
                client=client,
            )
        )
        registered = replace(made, issuer=provider.url)
        await SignInProvider.insert(row_of(registered, settings().clock()))
        departments = Departments(app, provider, provider, {})
        answer = await signed_in(departments, provider, "one")

    assert answer.status_code == 303, answer.text


# In Chromium, from the link in a mail to the page it names.


@pytest.fixture
async def with_browser(
    db: None, loopback: None
) -> AsyncIterator[tuple[Site, Departments]]:
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(site())
        yield found, await entered(found.app, await started(stack, found.address))


async def at_the_provider(page: Page, address: str, name: str) -> None:
    """Choose a department on the page for signing in, and arrive at its provider."""
    await page.goto(f"{address}/sign-in?to=/help")
    await page.get_by_role("button", name=f"Sign in with Department {name}").click()
    await page.get_by_label("Who are you?").wait_for()


async def say_who(page: Page, subject: str) -> None:
    await page.get_by_label("Who are you?").fill(subject)
    await page.get_by_role("button", name="Sign in").click()


@in_a_browser
@pytest.mark.parametrize("scripts", [True, False])
async def test_a_person_signs_in_and_out_in_a_browser(
    with_browser: tuple[Site, Departments], *, scripts: bool
) -> None:
    found, departments = with_browser
    async with found.page(width=PHONE, scripts=scripts) as page:
        await at_the_provider(page, found.address, "hmt")
        await say_who(page, "one")
        await page.wait_for_url(f"{found.address}/help")
        (visit,) = await visits()
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url(f"{departments.hmt.url}/**")
        await page.get_by_role("button", name="Yes, sign me out").click()
        await page.wait_for_url(f"{found.address}/signed-out")
        said = await page.get_by_role("heading", level=1).inner_text()
        cookies = {each["name"] for each in await page.context.cookies(found.address)}

    assert visit["person"] == departments.people["hmt"]
    assert said == "You have signed out"
    assert sessions.COOKIE not in cookies
    assert await visits() == []
    assert found.seen.complaints == []


@in_a_browser
async def test_a_state_from_another_browser_signs_nobody_in(
    with_browser: tuple[Site, Departments],
) -> None:
    found, departments = with_browser
    async with visiting(None, app=found.app) as attacker, found.page() as victim:
        theirs = await left(attacker, departments.hmt)
        back = await departments.hmt.come_back(theirs, "one")
        await at_the_provider(victim, found.address, "hmt")
        place = f"{found.address}/sign-in/hmt/callback"
        await victim.goto(str(httpx.URL(place, params=back)))
        said = await victim.get_by_role("heading", level=1).inner_text()

    assert said == "You are not signed in yet"
    assert await visits() == []
