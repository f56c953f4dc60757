"""Make, change and publish the keys that sign rows.

The law: there is one that signs, and none that ever signed is unpublished.
"""

import json
from typing import Any

from joserfc.jwk import ECKey

from service.auth.keys import ALGORITHM, seal, unseal
from service.auth.row_keys.tables import RowKey
from service.db import transaction


async def signing_key() -> ECKey:
    """Return the key that signs; the first time, make it."""
    latest = await _latest()
    return ECKey.import_key(unseal(latest["sealed"], latest["kid"]))


async def _latest() -> dict[str, Any]:
    """Return the last key's row, once however many processes make the first."""
    found = await _last()
    if found is None:
        async with transaction():
            await RowKey.insert(_made(1)).on_conflict(action="DO NOTHING")
        found = await _last()
        assert found is not None  # noqa: S101 - ours, or the one that was first
    return found


async def _last() -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        await RowKey.select(RowKey.kid, RowKey.number, RowKey.sealed)
        .order_by(RowKey.number, ascending=False)
        .first()
    )
    return found


def _made(number: int) -> RowKey:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
    return RowKey(
        kid=kid,
        number=number,
        sealed=seal(key.as_der(private=True), kid),
        public=json.dumps(public),
    )


async def published() -> list[dict[str, Any]]:
    """Return the public part of every key that ever signed rows, the last one first."""
    await _latest()
    rows = await RowKey.select(RowKey.public).order_by(RowKey.number, ascending=False)
    return [json.loads(row["public"]) for row in rows]


async def rotate() -> None:
    """Sign with a new key from now on; of two who do so at once, one does."""
    async with transaction():
        latest = await _latest()
        added = (
            await RowKey.insert(_made(latest["number"] + 1))
            .on_conflict(action="DO NOTHING")
            .returning(RowKey.kid)
        )
        if added:
            await RowKey.update({RowKey.sealed: None}).where(
                RowKey.number <= latest["number"]
            )
