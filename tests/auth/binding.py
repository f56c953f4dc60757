"""A client whose tokens are bound to its key, and a token of its."""

from dataclasses import dataclass
from typing import Any

import httpx

from service.audit.actions import record
from service.auth import actions, dpop
from service.auth.caller import Scope
from service.auth.secret import derive
from service.settings import settings
from tests.auth.conftest import KNOWN, NOW, SOMEBODY, Service
from tests.auth.proving import Holder

GRANT = {"grant_type": "client_credentials"}


def nonce() -> str:
    """The nonce that the service gives out now."""
    return dpop.nonce(derive("dpop-nonce"), settings().clock())


async def registered(*scopes: Scope, dpop_bound: bool = True) -> tuple[str, str]:
    return await actions.create_client(
        ["DEFRA"],
        scopes or (Scope.SCORES_READ,),
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
        dpop=dpop_bound,
    )


async def ask_token(
    service: Service, auth: tuple[str, str], *proofs: str
) -> httpx.Response:
    return await service.client.post(
        "/oauth/token", auth=auth, data=GRANT, headers=[("DPoP", p) for p in proofs]
    )


@dataclass
class Bound:
    service: Service
    holder: Holder
    auth: tuple[str, str]
    token: str

    @classmethod
    async def made(cls, service: Service, *scopes: Scope) -> "Bound":
        auth, holder = await registered(*scopes), Holder()
        proof = holder.proof("POST", "/oauth/token", nonce=nonce())
        answer = await ask_token(service, auth, proof)
        assert answer.status_code == 200, answer.text
        return cls(service, holder, auth, answer.json()["access_token"])

    def proof(self, **but: Any) -> str:
        return self.holder.proof(**{"token": self.token, "nonce": nonce(), **but})

    async def get(
        self, *proofs: str, scheme: str = "DPoP", host: str | None = None
    ) -> httpx.Response:
        return await self.service.client.get(
            "/v1/probe",
            headers=[
                ("Authorization", f"{scheme} {self.token}"),
                *(("DPoP", proof) for proof in proofs),
                *([("Host", host)] if host else []),
            ],
        )
