import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.auth.secret import NoSecretKey, derive, secret
from service.settings import Settings, settings


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.delenv("JOINEDUP_SECRET_KEY")
    return Settings(data_dir=tmp_path / "data")


def test_a_configured_secret_is_used() -> None:
    given = Settings(secret_key=SecretStr("x" * 32))
    assert secret(given) == b"x" * 32


def test_an_external_database_needs_a_configured_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JOINEDUP_SECRET_KEY")
    monkeypatch.delenv("JOINEDUP_NOW")
    external = Settings(database_url=SecretStr("postgresql://app@db/joinedup"))
    with pytest.raises(NoSecretKey, match="JOINEDUP_SECRET_KEY"):
        secret(external)


def test_the_embedded_database_has_a_secret_made_for_it(embedded: Settings) -> None:
    made = secret(embedded)
    assert len(made) == 43  # 256 random bits, as text.
    assert secret(embedded) == made
    (file,) = embedded.data_dir.iterdir()
    assert file.name == "secret-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(embedded.data_dir.stat().st_mode) & 0o066 == 0


def test_all_who_start_at_once_agree(embedded: Settings) -> None:
    with ThreadPoolExecutor(16) as many:
        made = set(many.map(lambda _: secret(embedded), range(64)))
    assert len(made) == 1
    assert [file.name for file in embedded.data_dir.iterdir()] == ["secret-key"]


def test_a_damaged_secret_is_refused(embedded: Settings) -> None:
    embedded.data_dir.mkdir()
    (embedded.data_dir / "secret-key").write_bytes(b"")
    with pytest.raises(NoSecretKey, match="restore it"):
        secret(embedded)


def test_a_folder_that_cannot_be_made_is_refused(embedded: Settings) -> None:
    embedded.data_dir.write_text("a file")
    with pytest.raises(NoSecretKey, match="JOINEDUP_DATA_DIR"):
        secret(embedded)


def test_each_purpose_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    cursor, sealing = derive("cursor"), derive("signing keys")
    assert len(cursor) == 32
    assert cursor != sealing
    assert derive("cursor") == cursor
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "another secret " * 3)
    settings.cache_clear()
    assert derive("cursor") != cursor
