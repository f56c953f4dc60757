"""A service that runs, and the HR systems registered with it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, Key, KeyParameters, OKPKey, RSAKey

from tests.e2e.running import a_folder, joinedup, json_of, serving

SCOPE = "cycles:read scores:read"
ORGANISATIONS = """\
code,name,also_known_as,parent_department,hr_system,email_domain
hmt,HM Treasury,,,workday,hmt.example
defra,Department for Environment,,,oracle,defra.example
"""


@dataclass(frozen=True)
class Way:
    """How a client is registered to prove who it is."""

    auth: str
    alg: str | None = None
    dpop: bool = False

    def __str__(self) -> str:
        return "-".join(
            part for part in (self.auth, self.alg, "dpop" if self.dpop else "") if part
        )


BASIC = Way("client_secret_basic")
POST = Way("client_secret_post")
ES256 = Way("private_key_jwt", "ES256")
PS256 = Way("private_key_jwt", "PS256")
EDDSA = Way("private_key_jwt", "EdDSA")
WAYS = [
    BASIC, POST, ES256, PS256, EDDSA,
    Way(BASIC.auth, dpop=True), Way(ES256.auth, ES256.alg, dpop=True),
]  # fmt: skip


@dataclass(frozen=True)
class Registered:
    """A client of one organisation, with what only it knows."""

    client_id: str
    secret: str = ""
    key: Key | None = None


@dataclass
class Served:
    """A service that runs: where, over which data, and who is registered."""

    address: str
    data: Path
    cycle: str
    """The one cycle that the clients' organisation takes part in."""
    known: dict[Way, Registered] = field(default_factory=dict)

    @property
    def token_endpoint(self) -> str:
        return f"{self.address}/oauth/token"

    def client(self, way: Way) -> Registered:
        """Return the client registered so, registering it when first asked."""
        if way not in self.known:
            self.known[way] = self._registered(way)
        return self.known[way]

    def _registered(self, way: Way) -> Registered:
        words: list[str | Path] = ["--auth", way.auth, *["--dpop"][: way.dpop]]
        key = None if way.alg is None else a_key(way.alg)
        if key is not None:
            public = self.data / f"{way}.jwks.json"
            public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
            words += ["--jwks", public]
        made = json_of(
            self.data,
            *("clients", "create", "--organisation", "hmt", "--scope", SCOPE),
            *words,
        )
        return Registered(made["client_id"], made.get("client_secret", ""), key)

    def own_cycle(self, page: Any) -> bool:  # noqa: ANN401 - JSON
        """Tell whether a page of cycles is what its client may see, and no more."""
        return [cycle["id"] for cycle in page["items"]] == [self.cycle]


def a_key(alg: str) -> Key:
    """Make a private key for an algorithm."""
    named: KeyParameters = {"kid": f"hr-{alg.lower()}"}
    match alg:
        case "ES256":
            return ECKey.generate_key("P-256", named)
        case "EdDSA":
            return OKPKey.generate_key("Ed25519", named)
        case _:
            return RSAKey.generate_key(2048, named)


@contextmanager
def a_service() -> Iterator[Served]:
    """Serve a new database with a cycle of each of two organisations."""
    with a_folder() as folder:
        data, listed = folder / "data", folder / "organisations.csv"
        assert joinedup(data, "migrate").returncode == 0
        listed.write_text(ORGANISATIONS)
        assert joinedup(data, "import", "organisations", listed).returncode == 0
        cycle, _ = (a_cycle(data, code) for code in ("hmt", "defra"))
        with serving(data, said=folder / "said") as (process, address):
            yield Served(address, data, cycle)
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Let the service stop its database before the folder goes."""
    process.terminate()
    process.wait(60)


def a_cycle(data: Path, organisation: str) -> str:
    """Open a cycle of one organisation; return its id."""
    of = ("--framework", "uk-scs-2025", "--year", "2026")
    made = json_of(data, "cycles", "create", *of, "--organisation", organisation)
    return str(made["id"])
