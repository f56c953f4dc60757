from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from service.cli.session import configured
from service.settings import Settings, settings

URL = "postgresql://joinedup:canary@db.example/joinedup"
KEY = "canary-in-key " * 3


@pytest.fixture(autouse=True)
def read_afresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("POOL_SIZE", "0", "greater than or equal to 1"),
        ("POOL_SIZE", "201", "less than or equal to 200"),
        ("POOL_SIZE", "many", "a valid integer"),
        ("POOL_TIMEOUT", "0", "greater than 0"),
        ("POOL_TIMEOUT", "61", "less than or equal to 60"),
        ("POOL_TIMEOUT", "nan", "60"),
        ("ISSUER", "joinedup.example", "a valid URL"),
        ("ISSUER", "ftp://joinedup.example", "'http' or 'https'"),
        ("TOKEN_SECONDS", "59", "greater than or equal to 60"),
        ("TOKEN_SECONDS", "601", "less than or equal to 600"),
        ("SECRET_KEY", "canary", "at least 32 characters"),
        ("LOG_FORMAT", "xml", "'json' or 'console'"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("NOW", "yesterday", "a valid datetime"),
        ("NOW", "2026-04-01T09:00:00", "timezone"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    remedy: str,
) -> None:
    monkeypatch.setenv(f"JOINEDUP_{name}", value)
    with pytest.raises(SystemExit) as ended:
        configured()
    said = capsys.readouterr().err

    assert ended.value.code == 1
    assert f"JOINEDUP_{name}" in said
    assert remedy in said
    assert "canary" not in said


def test_a_fixed_clock_is_refused_with_a_database_that_is_not_the_demo_s(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", "2026-04-01T09:00:00Z")
    monkeypatch.setenv("JOINEDUP_DATABASE_URL", URL)
    with pytest.raises(SystemExit):
        configured()
    said = capsys.readouterr().err

    assert "JOINEDUP_NOW" in said
    assert "JOINEDUP_DATABASE_URL: unset one of them" in said
    assert "canary" not in said


def test_every_wrong_setting_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOINEDUP_POOL_SIZE", "0")
    monkeypatch.setenv("JOINEDUP_LOG_LEVEL", "loud")
    with pytest.raises(SystemExit):
        configured()

    assert len(capsys.readouterr().err.splitlines()) == 2


def test_no_secret_shows_in_what_is_printed_or_stored() -> None:
    chosen = Settings(
        database_url=SecretStr(URL),
        migration_database_url=SecretStr(URL),
        secret_key=SecretStr(KEY),
    )

    for shown in (repr(chosen), str(chosen), f"{chosen!r}", chosen.model_dump_json()):
        assert "canary" not in shown


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().pool_size = 3  # type: ignore[misc]  # that it fails is the test


def test_they_are_read_from_the_environment_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOINEDUP_POOL_SIZE", "7")
    first = settings()
    monkeypatch.setenv("JOINEDUP_POOL_SIZE", "8")

    assert (first.pool_size, settings() is first) == (7, True)


def test_without_any_it_is_safe_and_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOINEDUP_DATA_DIR")
    chosen = Settings()

    assert chosen.embedded
    assert chosen.data_dir == Path(".joinedup")
    assert (chosen.log_format, chosen.log_level) == ("json", "info")
    assert chosen.handling == "OFFICIAL-SENSITIVE PERSONAL"
    assert chosen.token_seconds <= 600


def test_with_a_database_url_it_is_not_embedded() -> None:
    assert not Settings(database_url=SecretStr(URL)).embedded


def test_the_clock_is_the_wall_s_in_utc() -> None:
    before = datetime.now(UTC)
    read = Settings().clock()

    assert before <= read <= datetime.now(UTC)
    assert read.utcoffset() == timedelta(0)


def test_a_fixed_clock_is_in_utc_too_so_that_its_date_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", "2026-04-01T00:30:00+01:00")
    read = Settings().clock()

    assert read == datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert read.date().isoformat() == "2026-03-31"
