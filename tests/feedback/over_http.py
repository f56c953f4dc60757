"""The people of the scene, and their HR systems, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.directory.queries import details_of
from service.edge.rates import Rates, in_memory
from tests.auth.an_issuer import AnIssuer
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_token
from tests.feedback.stored import request_of
from tests.scoring import SIZES, Scene
from tests.signing_in import issuers_of, signed_in

FORM: dict[str, Any] = {
    "answers": {
        "shares_early": 4,
        "involves_first": 3,
        "trades_off": None,
        "keeps_commitments": 4,
        "resolves": 2,
        "credits": 5,
        "frees_people": None,
        "challenges": 3,
    },
    "examples": {"credits": "She named all three departments in the note."},
    "texts": {"keep_doing": "Keep writing the weekly note."},
    "contact": {"months": 9, "frequency": "most_weeks"},
    "basis": "general",
}
"""A whole form, as a rater sends it."""
RESPONSE = "/response"
SUBMISSION = "/response/submission"


@dataclass(frozen=True)
class Callers:
    """Whoever asks, by name: `hmt1` is a person, `hmt` their HR system."""

    client: httpx.AsyncClient
    scene: Scene
    issuers: Mapping[str, AnIssuer]
    machines: Mapping[str, dict[str, str]]

    def headers(self, name: str) -> dict[str, str]:
        if name in self.machines:
            return self.machines[name]
        on = self.scene.records[name]
        assert on.person_external_id is not None
        return signed_in(self.issuers[on.organisation], on.person_external_id)

    async def ask(
        self, name: str, method: str, path: str, json: object = None, **headers: str
    ) -> httpx.Response:
        more = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.request(
            method, path, json=json, headers=self.headers(name) | more
        )

    async def get(self, name: str, path: str) -> httpx.Response:
        return await self.ask(name, "GET", path)

    async def names(self) -> dict[str, str]:
        """What everybody of the scene is called."""
        known = await details_of(self.scene.people.values())
        return {
            name: f"{known[id_].given_name} {known[id_].family_name}"
            for name, id_ in self.scene.people.items()
        }


def forget_rates(app: Litestar) -> None:
    """Have nobody asked anything yet, as far as an instance counts it in memory."""
    clock = app.state.monotonic
    app.state.rates = Rates(clock=clock)
    app.state.untraced_rates = Rates(take=in_memory(clock), clock=clock)


async def callers_of(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> Callers:
    machines = {code: await a_token(client, code) for code in SIZES}
    return Callers(client, scene, await issuers_of(app, *SIZES), machines)


async def an_administrator(scene: Scene, name: str) -> None:
    """Make somebody the HR administrator of their organisation."""
    await grant(
        scene.people[name],
        Role.HR_ADMINISTRATOR,
        organisation=scene.records[name].organisation,
        until=date(2028, 1, 1),
        caller=OPERATOR,
        now=FEEDBACK_OPEN,
    )


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).rpartition("/")[2]


async def path_of(scene: Scene, rater: str = "dwp1", subject: str = "hmt1") -> str:
    return f"/v1/feedback-requests/{await request_of(scene, rater, subject)}"


async def saved(callers: Callers, path: str, **changes: Any) -> str:
    """The ETag of a whole form that dwp1 has saved."""
    answer = await callers.ask("dwp1", "PUT", path + RESPONSE, {**FORM, **changes})
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]
