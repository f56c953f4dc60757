"""Keep a local SQLite table equal to what Joined-up Appraisal has; a reference.

The law: what a page tells and where the next one begins are written in one transaction,
so that whoever stops this at any moment and starts it again has missed nothing.

    export JOINEDUP_CLIENT_ID=… JOINEDUP_CLIENT_SECRET=…
    python3 openapi/examples/connector.py https://joinedup.example my.sqlite scores

It pulls everything once, and after that, each time it is run, only what has changed. It
needs nothing but Python 3.11; carry over to another language what `Copy` does:

1. Without a place kept, begin at `/v1/changes?stream=…`: a full pull.
2. Follow `next` until it is null, then keep `delta` for the next run.
3. Keep an item unless you hold a greater version; a `delete` removes what you hold.
4. Within an organisation each `sequence` is one more than the last: else stop, loudly.
5. On 410 begin again, and at the end of the pull drop what it did not tell of.
6. When you have caught up, compare with `/v1/changes/digest?stream=…`.
"""

# ruff: noqa: INP001 - A script of its own, and no part of a package.
import argparse
import base64
import hashlib
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS thing (
    organisation TEXT, type TEXT, id TEXT, version INTEGER, data TEXT, pull INTEGER,
    PRIMARY KEY (organisation, type, id));
CREATE TABLE IF NOT EXISTS place (
    stream TEXT PRIMARY KEY, address TEXT, pull INTEGER, pulling INTEGER);
CREATE TABLE IF NOT EXISTS reached (
    stream TEXT, organisation TEXT, sequence INTEGER,
    PRIMARY KEY (stream, organisation));
"""
KEEP = """
INSERT INTO thing (organisation, type, id, version, data, pull)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (organisation, type, id) DO UPDATE SET
    version = excluded.version, data = excluded.data, pull = excluded.pull
WHERE excluded.version >= thing.version
"""
DROP = """
DELETE FROM thing
WHERE organisation = ? AND type = ? AND id = ? AND version <= ?
"""
TYPES = {
    "scores": "score",
    "records": "record",
    "objectives": "objective",
    "people": "person",
}
GONE = 410
Answer = tuple[int, dict[str, Any]]
Get = Callable[[str], Answer]
"""Fetches an address or a path; returns the status and the JSON of the answer."""


class Missed(Exception):
    """A number is not the one after the last: report it to the service's operators."""


class Refused(Exception):
    """The service refused; the problem says why and what to do."""


class Copy:
    """A local copy of one stream."""

    def __init__(self, database: sqlite3.Connection, stream: str, get: Get) -> None:
        """Hold the copy of `stream` in `database`, made by `get` alone."""
        self.database = database
        self.stream = stream
        self.get = get
        database.executescript(TABLES)

    def follow(self, pages: int | None = None) -> int:
        """Read on to the end, or at most so many pages; return how many items came."""
        came = 0
        while pages is None or pages > 0:
            address, pull, pulling = self._place()
            status, page = self.get(address)
            if status == GONE:
                self._begin_again(pull)
                continue
            if status != 200:  # noqa: PLR2004 - HTTP's own
                raise Refused(f"{status}: {page.get('title')} {page.get('detail')}")
            self._keep(page, pull, pulling=pulling)
            came += len(page["items"])
            pages = None if pages is None else pages - 1
            if page["next"] is None:
                break
        return came

    def _place(self) -> tuple[str, int, bool]:
        found = self.database.execute(
            "SELECT address, pull, pulling FROM place WHERE stream = ?", (self.stream,)
        ).fetchone()
        return found or (f"/v1/changes?stream={self.stream}", 1, True)

    def _begin_again(self, pull: int) -> None:
        with self.database:
            self.database.execute(
                "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)",
                (self.stream, f"/v1/changes?stream={self.stream}", pull + 1, True),
            )
            self.database.execute(
                "DELETE FROM reached WHERE stream = ?", (self.stream,)
            )
            # Versions begin again too where the service was restored.
            self.database.execute(
                "UPDATE thing SET version = 0 WHERE type = ?", (TYPES[self.stream],)
            )

    def _keep(self, page: dict[str, Any], pull: int, *, pulling: bool) -> None:
        """Write a page and the place behind it: both, or neither."""
        whole = pulling and page["next"] is None
        with self.database:
            self._check_dense(page)
            for item in page["items"]:
                self._keep_item(item, pull)
            if whole:
                self.database.execute(
                    "DELETE FROM thing WHERE type = ? AND pull < ?",
                    (TYPES[self.stream], pull),
                )
            self.database.executemany(
                "INSERT OR REPLACE INTO reached VALUES (?, ?, ?)",
                [(self.stream, *reached) for reached in page["reached"].items()],
            )
            self.database.execute(
                "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)",
                (
                    self.stream,
                    page["next"] or page["delta"],
                    pull,
                    pulling and not whole,
                ),
            )

    def _check_dense(self, page: dict[str, Any]) -> None:
        """Refuse a page whose numbers do not follow each other and the last."""
        reached = self._reached()
        for item in page["items"]:
            if item["sequence"] is None:  # Part of a full pull.
                continue
            last = reached.get(item["organisation"])
            if item["sequence"] != (last or 0) + 1:
                raise Missed(f"{item['organisation']}: {item['sequence']} after {last}")
            reached[item["organisation"]] = item["sequence"]
        if reached and reached != page["reached"]:
            raise Missed(f"{reached} is not {page['reached']}")

    def _reached(self) -> dict[str, int]:
        rows = self.database.execute(
            "SELECT organisation, sequence FROM reached WHERE stream = ?",
            (self.stream,),
        )
        return dict(rows.fetchall())

    def _keep_item(self, item: dict[str, Any], pull: int) -> None:
        key = (item["organisation"], item["type"], item["id"], item["version"])
        if item["op"] == "delete":
            self.database.execute(DROP, key)
        elif item["data"] is not None:  # Else an event, such as a publication's end.
            self.database.execute(KEEP, (*key, json.dumps(item["data"]), pull))

    def is_equal(self) -> bool | None:
        """Compare with the service; None: it has moved on, so follow first."""
        _, digest = self.get(f"/v1/changes/digest?stream={self.stream}")
        reached = self._reached()
        for said in digest["organisations"]:
            if reached.get(said["organisation"]) != said["sequence"]:
                return None
            if (said["count"], said["sha256"]) != self._digest(said["organisation"]):
                return False
        return True

    def _digest(self, organisation: str) -> tuple[int, str]:
        held = self.database.execute(
            "SELECT id, version FROM thing WHERE organisation = ? AND type = ?"
            " ORDER BY id",
            (organisation, TYPES[self.stream]),
        ).fetchall()
        lines = "".join(f"{id_}:{version}\n" for id_, version in held)
        return len(held), hashlib.sha256(lines.encode()).hexdigest()


class Service:
    """The service over HTTP: a token by client credentials, and polite retries."""

    def __init__(self, base: str, client_id: str, secret: str) -> None:
        """Ask `base` as this client."""
        self.base = base.rstrip("/")
        self.credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        self.token = ""

    def get(self, address: str) -> Answer:
        """Fetch an address, with a new token when the last has expired."""
        if address.startswith("/"):
            address = self.base + address
        for wait in (1, 5, 30, 0):
            headers = {"Authorization": f"Bearer {self.token}"}
            status, answer, after = _ask(urllib.request.Request(address, None, headers))  # noqa: S310 - the operator's own service
            if status == 401:  # noqa: PLR2004 - HTTP's own
                self.token = self._new_token()
            elif status in {429, 502, 503, 504} and wait:
                time.sleep(float(after or wait))
            else:
                break
        return status, answer

    def _new_token(self) -> str:
        body = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        headers = {"Authorization": f"Basic {self.credentials}"}
        request = urllib.request.Request(f"{self.base}/oauth/token", body, headers)  # noqa: S310 - as above
        status, answer, _ = _ask(request)
        if status != 200:  # noqa: PLR2004 - HTTP's own
            raise Refused(f"{status}: {answer}")
        return str(answer["access_token"])


def _ask(request: urllib.request.Request) -> tuple[int, dict[str, Any], str | None]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return answer.status, json.load(answer), None
    except urllib.error.HTTPError as refused:
        with refused:
            said = json.loads(refused.read() or b"{}")
            return refused.code, said, refused.headers.get("Retry-After")


def main() -> None:
    """Bring a copy up to date, and say whether it is equal."""
    arguments = argparse.ArgumentParser(description="Bring a local copy up to date.")
    arguments.add_argument("base", help="such as https://joinedup.example")
    arguments.add_argument("database", help="a SQLite file, made when it is not there")
    arguments.add_argument("streams", nargs="+", choices=[*TYPES])
    given = arguments.parse_args()
    service = Service(
        given.base,
        os.environ["JOINEDUP_CLIENT_ID"],
        os.environ["JOINEDUP_CLIENT_SECRET"],
    )
    database = sqlite3.connect(given.database)
    equal = True
    for stream in given.streams:
        copy = Copy(database, stream, service.get)
        came = copy.follow()
        while (same := copy.is_equal()) is None:
            came += copy.follow()
        equal = equal and same
        sys.stdout.write(f"{stream}: {came} came, {'equal' if same else 'NOT EQUAL'}\n")
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
