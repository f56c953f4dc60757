"""Every setting, read once from the environment; README lists them all."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AnyHttpUrl, AwareDatetime, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Settings(BaseSettings):
    """Each field is one `JOINEDUP_…` variable. Secrets never show in a repr."""

    model_config = SettingsConfigDict(
        env_prefix="JOINEDUP_", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Path(".joinedup")
    """Where the embedded database and generated secrets are kept."""
    database_url: SecretStr | None = None
    """PostgreSQL 15 or newer, as the application role; unset, it is embedded."""
    migration_database_url: SecretStr | None = None
    """The same database as the role that owns the schema; only `migrate` reads it."""
    pg_bin: Path | None = None
    """Folder of PostgreSQL's programs for the embedded database."""
    pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    """Database connections a process holds at most."""
    pool_timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds a request waits for a connection before 503."""
    issuer: AnyHttpUrl | None = None
    """Public base URL; it is the tokens' issuer and audience."""
    secret_key: SecretStr | None = None
    """At least 32 characters; encrypts signing keys, signs cursors."""
    token_seconds: Annotated[int, Field(ge=60, le=600)] = 600
    """Life of an access token, in seconds."""
    assertion_seconds: Annotated[int, Field(ge=60, le=3600)] = 300
    """How many seconds ahead a client assertion may expire."""
    rate_limit: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    """Requests a minute that one client or person may make on one route."""
    trusted_proxies: str = ""
    """Addresses of reverse proxies whose `X-Forwarded-For` counts, by commas."""
    handling: str = "OFFICIAL-SENSITIVE PERSONAL"
    """Marking sent with every response as `X-Handling`."""
    log_format: Literal["json", "console"] = "json"
    """How log lines are written to standard error."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Log lines below this level are dropped."""
    allow_loopback_fetch: bool = False
    """Lets issuers and key sets be fetched from this machine; for development."""
    now: AwareDatetime | None = None
    """Fixes the clock, for rehearsals; only with the embedded database."""

    @model_validator(mode="after")
    def _clock_is_for_rehearsals(self) -> Self:
        if self.now is not None and self.database_url is not None:
            raise ValueError(
                "JOINEDUP_NOW fixes the clock and is refused with"
                " JOINEDUP_DATABASE_URL: unset one of them"
            )
        return self

    @model_validator(mode="after")
    def _loopback_is_for_development(self) -> Self:
        public = self.issuer is not None and self.issuer.host not in LOOPBACK
        if self.allow_loopback_fetch and public:
            raise ValueError(
                "JOINEDUP_ALLOW_LOOPBACK_FETCH is for development and is refused unless"
                " JOINEDUP_ISSUER is on this machine: unset it"
            )
        return self

    @model_validator(mode="after")
    def _secret_is_long(self) -> Self:
        if self.secret_key and len(self.secret_key.get_secret_value()) < 32:  # noqa: PLR2004 - said in the message
            raise ValueError("JOINEDUP_SECRET_KEY must have at least 32 characters")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the service runs its own database."""
        return self.database_url is None

    def clock(self) -> datetime:
        """Return the present instant, in UTC: nothing else reads the wall clock."""
        return self.now.astimezone(UTC) if self.now else datetime.now(UTC)


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
