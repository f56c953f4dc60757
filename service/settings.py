"""Every setting, read once from the environment; README lists them all."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from pydantic import (
    AnyHttpUrl,
    AwareDatetime,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

SMTP: Final = frozenset({"smtp", "smtps", "starttls"})
UUID_FORM: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NOTIFY_KEY: Final = re.compile(rf".+-{UUID_FORM}-{UUID_FORM}")
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


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
    smtp_url: SecretStr | None = None
    """Server that takes mail; unset, mails are held in the outbox."""
    mail_from: Annotated[str, Field(pattern=r"^[^@\s<>]+@[A-Za-z0-9.-]+$")] | None = (
        None
    )
    """Address that mails come from."""
    notify_api_key: SecretStr | None = None
    """API key of GOV.UK Notify, which then takes mail in place of a mail server."""
    notify_url: AnyHttpUrl | None = None
    """Base URL of GOV.UK Notify's API."""
    notify_template: UUID | None = None
    """Its e-mail template: subject `((subject))`, message `((text))`."""
    allow_loopback_fetch: bool = False
    """Lets issuers and key sets be fetched from this machine; for development."""
    dev_sign_in: bool = False
    """Lets whoever sits at this machine sign in as anybody; for development."""
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
        for name in ("allow_loopback_fetch", "dev_sign_in"):
            if getattr(self, name) and public:
                raise ValueError(
                    f"JOINEDUP_{name.upper()} is for development and is refused unless"
                    " JOINEDUP_ISSUER is on this machine: unset it"
                )
        return self

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_is_safe(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            where = urlsplit(url.get_secret_value())
            host, port = where.hostname, where.port
        except ValueError:
            host = port = None
        if not host or port == 0 or where.scheme not in SMTP or _more(where):
            raise ValueError(
                "It should be smtps://USER:PASSWORD@HOST, starttls://USER:PASSWORD@HOST"
                " or smtp://HOST, each with :PORT if it is not the usual one, and with"
                " user and password percent-encoded"
            )
        if where.scheme == "smtp" and where.password and host not in LOOPBACK:
            raise ValueError(
                "A password is not sent in the clear: use smtps:// or starttls://"
            )
        return url

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError(
                "JOINEDUP_SMTP_URL needs JOINEDUP_MAIL_FROM: set the address that"
                " mails come from"
            )
        return self

    @field_validator("notify_api_key")
    @classmethod
    def _notify_key_is_one(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not NOTIFY_KEY.fullmatch(key.get_secret_value()):
            raise ValueError(
                "It should be an API key as GOV.UK Notify shows it once: a name, the"
                " service's id and a secret, joined by hyphens"
            )
        return key

    @field_validator("notify_url")
    @classmethod
    def _notify_is_reached_safely(cls, url: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if url is not None and url.scheme != "https" and url.host not in LOOPBACK:
            raise ValueError("GOV.UK Notify is reached by https:// alone")
        return url

    @model_validator(mode="after")
    def _mail_goes_one_way(self) -> Self:
        notify = (self.notify_api_key, self.notify_url, self.notify_template)
        if len({part is None for part in notify}) > 1:
            raise ValueError(
                "Set JOINEDUP_NOTIFY_API_KEY, JOINEDUP_NOTIFY_URL and"
                " JOINEDUP_NOTIFY_TEMPLATE together"
            )
        if self.notify_api_key is not None and self.smtp_url is not None:
            raise ValueError(
                "JOINEDUP_NOTIFY_API_KEY and JOINEDUP_SMTP_URL are two ways out for"
                " mail: unset one of them"
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


def _more(where: SplitResult) -> bool:
    """Say whether an address says more than a server, as of an unencoded password."""
    return bool(where.path.strip("/") or where.query or where.fragment)


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
