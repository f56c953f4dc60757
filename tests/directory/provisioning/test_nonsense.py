"""Whatever is made of SCIM's own words, the service answers and never fails."""

from random import Random
from typing import Any, Final

import pytest

from tests.directory.provisioning.an_identity_provider import (
    ENTERPRISE,
    JOINEDUP,
    IdentityProvider,
    a_user,
    patching,
)

WORDS: Final = (
    "userName emails name.givenName meta.created meta active id schemas members"
    f" {ENTERPRISE}:manager {JOINEDUP}:grade urn:x:y eq ne co sw ew gt ge lt le pr and"
    ' or not ( ) [ ] [type eq "work"] .value "a" "" "\\" true false null 5 -1e99 $ref'
).split(" ")
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    "True",
    "",
    "jo",
    -1,
    1.5,
    [],
    {},
    [None],
    {"value": None},
    [{"value": "a@defra.example", "type": "work"}],
    {"name": {"givenName": ["x"]}},
    {ENTERPRISE: {"manager": [1]}},
    {"$ref": "https://elsewhere.example", "value": "x"},
    "x" * 5000,
    "\N{RIGHT-TO-LEFT OVERRIDE}",
)
SEEDS: Final = range(8)
TRIES: Final = 40


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_filter_or_order_fails_it(defra: IdentityProvider, seed: int) -> None:
    await defra.provision(a_user("jo"))
    random = Random(seed)  # noqa: S311 - no secret hangs on it

    for _ in range(TRIES):
        asked = " ".join(random.choices(WORDS, k=random.randint(1, 8)))
        answer = await defra.client.get(
            "/scim/v2/Users",
            params={random.choice(("filter", "sortBy", "attributes", "count")): asked},
            headers=defra.headers,
        )
        assert answer.status_code in {200, 400}, asked


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_change_fails_it(defra: IdentityProvider, seed: int) -> None:
    user = await defra.provision(a_user("jo"))
    random = Random(seed)  # noqa: S311 - as above

    for _ in range(TRIES):
        operation = {
            "op": random.choice(("add", "Replace", "remove", "x")),
            "path": "".join(random.choices(WORDS, k=random.randint(1, 3))),
            "value": random.choice(VALUES),
        }
        if random.random() < 0.3:
            del operation["path"]
        answer = await defra.send("PATCH", f"/Users/{user['id']}", patching(operation))
        assert answer.status_code in {200, 400, 409}, operation


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_user_fails_it(defra: IdentityProvider, seed: int) -> None:
    user = await defra.provision(a_user("jo"))
    random = Random(seed)  # noqa: S311 - as above

    for _ in range(TRIES):
        body = a_user("jo")
        for name in random.sample(sorted(body), k=3):
            body[name] = random.choice(VALUES)
        answer = await defra.send("PUT", f"/Users/{user['id']}", body)
        assert answer.status_code in {200, 400, 409}, body
