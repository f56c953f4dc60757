"""Sign scores that have no signature yet, and keep it beside them.

The law: what is signed is what PostgreSQL writes for whoever reads the score next.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

from service.auth.row_keys.actions import signing_key
from service.db import Connection
from service.edge.shaping import as_json
from service.hr.document import SOURCE, shape_of
from service.hr.schemas import CollaborationScore
from service.hr.signing.canonical import canonical
from service.hr.signing.signatures import sign

LOOKS: Final = sha256(canonical(CollaborationScore.model_json_schema())).hexdigest()[
    :16
]
"""Of the row's fields: with others, it is signed again."""
UNSIGNED: Final = f"s.signed_as IS DISTINCT FROM $1::text || ' {LOOKS}'"
"""Whether a published score `s` is not signed as it is served at the issuer $1."""
HOLD: Final = """
SELECT FROM score WHERE id = ANY ($1) ORDER BY organisation, id FOR NO KEY UPDATE
"""
"""By itself, so that what is read after it stays as it was read; in one order, so that
two who sign wait for each other."""
READ: Final = f"""
SELECT s.organisation, s.id, {as_json(shape_of("$1::text"))} AS line {SOURCE}
WHERE s.id = ANY ($2) AND s.published_at IS NOT NULL
"""
KEEP: Final = f"""
UPDATE score s SET signature = m.signature, signed_as = $1::text || ' {LOOKS}'
FROM unnest($2::text[], $3::uuid[], $4::text[]) AS m (organisation, id, signature)
WHERE s.organisation = m.organisation AND s.id = m.id
"""  # noqa: S608 - our own


async def sign_these(connection: Connection, ids: Sequence[UUID], issuer: str) -> None:
    """Sign these published scores as they are served at `issuer`."""
    await connection.execute(HOLD, ids)
    rows = await connection.fetch(READ, issuer, ids)
    key = await signing_key()
    await connection.execute(
        KEEP,
        issuer,
        [row["organisation"] for row in rows],
        [row["id"] for row in rows],
        [sign(json.loads(row["line"]), key) for row in rows],
    )
