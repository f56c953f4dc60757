"""Files of scores over HTTP: asked for, made, handed out when whole, expired."""

import csv
import io
import os
import stat
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar

from service.app import create_app
from service.audit.tables import AuditEntry, Disclosure
from service.auth.authentication import remember_nothing
from service.auth.caller import Scope
from service.db import transaction
from service.hr.exports.actions import FOLDER, expire, make, making
from service.hr.exports.controller import ExportController
from service.hr.exports.layouts import layout_of
from service.hr.exports.rules import KEPT_FOR, MOST, ExportFormat
from service.hr.exports.tables import Export
from service.hr.exports.validating import faults
from service.jobs.outbox import Due, GivenUp
from service.settings import Settings, settings
from tests.factories import RELEASED, a_token
from tests.scoring import EXPECTED, Scene

ISSUER = "https://joinedup.example"
CODES = ("hmt", "dwp", "moj", "dft")
WITH_VALUE = sum(state == "published" for state, _ in EXPECTED.values())
OF_HMT = sum(name.startswith(("hmt", "newcomer")) for name in EXPECTED)


@pytest.fixture(scope="module")
def app() -> Litestar:
    """The service with exports, whether or not they are mounted yet."""
    app = create_app(Settings(), ISSUER)
    if not any(route.path.startswith("/v1/exports") for route in app.routes):
        app.register(ExportController)
    return app


@pytest.fixture
async def client(app: Litestar, db: None) -> AsyncIterator[httpx.AsyncClient]:
    remember_nothing(app.state)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # ASGI by another name
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which only this test uses; its secret is the session's."""
    secret = settings().data_dir / "secret-key"
    if secret.exists():
        (tmp_path / "secret-key").write_bytes(secret.read_bytes())
    monkeypatch.setenv("JOINEDUP_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    settings.cache_clear()


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def asked(
    client: httpx.AsyncClient, headers: dict[str, str], **body: object
) -> httpx.Response:
    return await client.post("/v1/exports", json=body, headers=headers | key())


async def made(
    client: httpx.AsyncClient, headers: dict[str, str], home: Path, **body: object
) -> dict[str, Any]:
    """An export that was asked for and made."""
    answer = await asked(client, headers, **body)
    assert answer.status_code == 202, answer.text
    where = answer.headers["location"]
    now = settings().clock()
    await make(UUID(answer.json()["id"]), issuer=ISSUER, data_dir=home, now=now)
    found: dict[str, Any] = (await client.get(where, headers=headers)).json()
    return found


async def test_an_export_is_asked_for_made_and_downloaded(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, *CODES)
    answer = await asked(client, headers, format="csv")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    where = answer.headers["location"]
    assert where == f"{ISSUER}/v1/exports/{answer.json()['id']}"
    waiting = await client.get(where, headers=headers)
    assert (waiting.json()["download"], waiting.headers["retry-after"]) == (None, "2")
    early = await client.get(f"{where}/file", headers=headers)
    assert (early.status_code, early.headers["retry-after"]) == (409, "2")

    due = Due(uuid4(), "export", {"export": answer.json()["id"]}, 1)
    await making(ISSUER, home)["export"](due, settings().clock())

    ready = (await client.get(where, headers=headers)).json()
    assert (ready["state"], ready["score_count"]) == ("ready", len(EXPECTED))
    file = await client.get(ready["download"], headers=headers)
    assert file.status_code == 200
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"].startswith("attachment; filename=")
    assert (len(file.content), sha256(file.content).hexdigest()) == (
        ready["size_bytes"],
        ready["sha256"],
    )
    assert int(file.headers["content-length"]) == len(file.content)


async def test_its_rows_are_those_of_the_collection(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, *CODES)
    for wanted, accept in (("csv", "text/csv"), ("ndjson", "application/x-ndjson")):
        export = await made(client, headers, home, format=wanted)
        file = await client.get(export["download"], headers=headers)
        listed = await client.get("/v1/scores", headers=headers | {"Accept": accept})
        if wanted == "ndjson":
            assert file.content == listed.content
        else:
            assert rows(file.text) == rows(listed.text)


def rows(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text, newline=""), strict=True)]


@pytest.mark.parametrize("wanted", [*ExportFormat])
async def test_what_is_written_is_as_its_layout_says(
    client: httpx.AsyncClient, published: Scene, home: Path, wanted: ExportFormat
) -> None:
    headers = await a_token(client, "hmt")
    export = await made(client, headers, home, format=wanted)
    assert export["state"] == "ready", export
    (path,) = (home / FOLDER).iterdir()
    layout = None
    if wanted not in {ExportFormat.CSV, ExportFormat.NDJSON}:
        layout = layout_of(wanted, "hmt", home)
    assert faults(path, wanted, layout) == []
    assert export["score_count"] == OF_HMT


async def test_hdl_is_a_flat_zip_with_the_score_in_words(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    export = await made(client, headers, home, format="oracle-hdl")
    file = await client.get(export["download"], headers=headers)
    assert file.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        assert packed.namelist() == ["PerfDocComplete.dat", "RatingsAndComments.dat"]
        documents = packed.read("PerfDocComplete.dat").decode().splitlines()
        ratings = packed.read("RatingsAndComments.dat").decode().splitlines()
    assert documents[0] == (
        "METADATA|PerfDocComplete|AssignmentNumber|CustomaryName|StartDate|EndDate"
        "|Operation|ManagerAssignmentNumber"
    )
    head = published.records["hmt-head"].person_external_id
    on = published.records["hmt1"].person_external_id
    assert (
        f"MERGE|PerfDocComplete|{on}|Annual Performance Review|2026/04/01|2027/03/31"
        f"|CREATE_OR_UPDATE|{head}"
    ) in documents
    scored = [name for name, (state, _) in EXPECTED.items() if state == "published"]
    assert len(documents) == len(ratings) == 1 + sum("hmt" in n for n in scored)
    assert "Collaboration score" in ratings[1]


async def test_an_organisations_own_layout_takes_the_place_of_ours(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    own = home / "layouts" / "hmt" / "workday-csv.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        'title = "Ours"\nnote = "agreed with our HR"\nstyle = "csv"\n[[files]]\n'
        'name = "scores.csv"\n[[files.columns]]\nheader = "Worker"\n'
        'field = "person_external_id"\n'
    )
    headers = await a_token(client, "hmt", "dwp")
    for code, heading in (("hmt", ["Worker"]), ("dwp", ["Employee_ID"])):
        export = await made(
            client, headers, home, format="workday-csv", organisation=code
        )
        file = await client.get(export["download"], headers=headers)
        assert rows(file.text)[0][:1] == heading


async def test_a_layout_that_cannot_be_used_fails_the_export_and_says_so(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    own = home / "layouts" / "hmt" / "workday-csv.toml"
    own.parent.mkdir(parents=True)
    own.write_text('title = "Ours"')
    headers = await a_token(client, "hmt")
    answer = await asked(client, headers, format="workday-csv")
    id_ = UUID(answer.json()["id"])
    with pytest.raises(GivenUp):
        await make(id_, issuer=ISSUER, data_dir=home, now=settings().clock())
    found = (await client.get(answer.headers["location"], headers=headers)).json()
    assert (found["state"], found["problem"]) == ("failed", "export-layout-invalid")
    assert not [*(home / FOLDER).glob("*")]


async def test_a_mapped_file_is_of_one_organisation(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    answer = await asked(client, headers, format="oracle-hdl")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/organisation"


async def test_the_file_is_the_services_alone_to_read(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    await made(client, await a_token(client, "hmt"), home, format="ndjson")
    (path,) = (home / FOLDER).iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_one_disclosure_for_each_export_and_an_entry_for_each_download(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    export = await made(client, headers, home, format="csv")
    for _ in range(2):
        await client.get(export["download"], headers=headers)
    (told,) = await Disclosure.select()
    hmt = {on.person for on in published.records.values() if on.organisation == "hmt"}
    assert (told["what"], {*told["people"]}) == ("export:csv", hmt)
    entries = await AuditEntry.select().where(AuditEntry.entity_id == export["id"])
    assert [row["action"] for row in entries] == ["request", "download", "download"]


async def test_whoever_is_named_as_a_manager_is_disclosed_too(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    head = published.people["hmt-head"]
    since = RELEASED + timedelta(days=1)
    async with transaction() as connection:  # The head's own score is not asked for.
        await connection.execute(
            "UPDATE score SET version = version + 1, changed_at = $2 WHERE person = $1",
            published.people["hmt1"],
            since,
        )
    for wanted, told in (("oracle-hdl", True), ("workday-csv", False)):
        export = await made(
            client, headers, home, format=wanted, changed_since=since.isoformat()
        )
        assert export["state"] == "ready", export
        (row,) = await Disclosure.select().where(Disclosure.what == f"export:{wanted}")
        assert (head in row["people"]) == told


@pytest.mark.parametrize("path", ["/v1/exports/{}", "/v1/exports/{}/file"])
async def test_another_clients_export_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, published: Scene, home: Path, path: str
) -> None:
    export = await made(client, await a_token(client, "hmt"), home, format="csv")
    for codes in (("hmt",), ("dwp",)):  # A colleague's client, and a stranger's.
        headers = await a_token(client, *codes)
        theirs = await client.get(path.format(export["id"]), headers=headers)
        absent = await client.get(path.format(uuid4()), headers=headers)
        assert theirs.status_code == absent.status_code == 404
        assert theirs.json()["detail"] == absent.json()["detail"]


async def test_another_organisation_cannot_be_asked_for(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    answer = await asked(client, headers, format="csv", organisation="dwp")
    assert answer.status_code == 404
    export = await made(client, headers, home, format="csv")
    file = await client.get(export["download"], headers=headers)
    for name, person in published.people.items():
        assert (str(person) in file.text) == name.startswith(("hmt", "newcomer"))


async def test_after_a_day_the_file_is_gone(
    client: httpx.AsyncClient,
    published: Scene,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = await a_token(client, "hmt")
    export = await made(client, headers, home, format="csv")
    (path,) = (home / FOLDER).iterdir()
    expires = datetime.fromisoformat(export["expires_at"])
    assert await expire(home, expires - timedelta(seconds=1)) == 0
    assert path.exists()
    assert await expire(home, expires) == 1
    assert not path.exists()
    gone = await client.get(export["download"], headers=headers)
    assert gone.status_code == 410
    where = export["download"].removesuffix("/file")
    assert (await client.get(where, headers=headers)).json()["state"] == "expired"


async def test_what_a_crash_left_behind_is_deleted(db: None, home: Path) -> None:
    (home / FOLDER).mkdir()
    for name in (f"{uuid4()}.csv.part", f"{uuid4()}.zip"):
        (home / FOLDER / name).write_text("left")
    assert await expire(home, settings().clock()) == 2
    assert not [*(home / FOLDER).iterdir()]


async def test_a_client_keeps_so_many_exports_at_a_time(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    for _ in range(MOST):
        assert (await asked(client, headers, format="csv")).status_code == 202
    answer = await asked(client, headers, format="csv")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (
        409,
        "too-many-exports",
    )
    await Export.update(
        {Export.requested_at: Export.requested_at - KEPT_FOR * 2,
         Export.expires_at: Export.expires_at - KEPT_FOR * 2},
        force=True,
    )  # fmt: skip
    assert (await asked(client, headers, format="csv")).status_code == 202


async def test_it_is_made_once(
    client: httpx.AsyncClient, published: Scene, home: Path
) -> None:
    headers = await a_token(client, "hmt")
    one = key() | headers
    body = {"format": "csv"}
    first = await client.post("/v1/exports", json=body, headers=one)
    again = await client.post("/v1/exports", json=body, headers=one)
    assert (first.content, again.headers["idempotent-replayed"]) == (
        again.content,
        "true",
    )
    without = await client.post("/v1/exports", json=body, headers=headers)
    assert without.status_code == 400
    id_ = UUID(first.json()["id"])
    for _ in range(2):
        await make(id_, issuer=ISSUER, data_dir=home, now=settings().clock())
    assert len(await Disclosure.select()) == 1
    async with transaction() as connection:
        waiting = await connection.fetchval(
            "SELECT count(*) FROM outbox WHERE kind = 'export'"
        )
    assert waiting == 1


@pytest.mark.parametrize(
    "scopes",
    [
        [Scope.SCORES_READ],
        [Scope.EXPORTS_WRITE],
        [scope for scope in Scope if scope is not Scope.EXPORTS_WRITE],
    ],
)
async def test_it_takes_both_scopes(
    client: httpx.AsyncClient, scene: Scene, home: Path, scopes: list[Scope]
) -> None:
    headers = await a_token(client, "hmt", scopes=scopes)
    assert (await asked(client, headers, format="csv")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"format": "xml"},
        {"format": "csv", "all": True},
        {"format": "csv", "cycle": 1},
    ],
)
async def test_what_makes_no_sense_is_refused(
    client: httpx.AsyncClient, scene: Scene, home: Path, body: dict[str, object]
) -> None:
    headers = await a_token(client, "hmt")
    assert (await asked(client, headers, **body)).status_code == 422


async def test_a_full_disk_leaves_no_half_file(
    client: httpx.AsyncClient,
    published: Scene,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = await a_token(client, "hmt")
    answer = await asked(client, headers, format="csv")

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GivenUp):
        await make(
            UUID(answer.json()["id"]),
            issuer=ISSUER,
            data_dir=home,
            now=settings().clock(),
        )
    assert not [*(home / FOLDER).iterdir()]
    found = (await client.get(answer.headers["location"], headers=headers)).json()
    assert (found["state"], found["problem"]) == ("failed", "OSError")
    assert await Disclosure.select() == []
