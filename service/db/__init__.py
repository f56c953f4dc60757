"""The one database engine, and what every table and action shares.

Decisions: one engine, PostgreSQL; no connection at import; nested transactions are
savepoints, so a refusal inside one undoes just that part; a caller who would wait too
long for a connection is told 503 rather than left hanging.
"""

from service.db.engine import DB, Connection, NoConnection, alone, transaction
from service.db.tables import one_of

__all__ = ["DB", "Connection", "NoConnection", "alone", "one_of", "transaction"]
