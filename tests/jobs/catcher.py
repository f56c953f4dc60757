"""A mail server on loopback that keeps what it is given, or does worse."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

ACCEPTED = "250 OK"


class Catcher:
    """What was received; what it answers can be changed between two mails."""

    def __init__(self) -> None:
        self.url = ""
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer = ACCEPTED
        """To the recipient's name."""
        self.data: Callable[[], str] = lambda: ACCEPTED
        """To the mail itself, which has been received by then."""
        self.hangs = False
        self.drops = False
        self.logins: list[tuple[bytes | None, bytes | None]] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.hangs:
            await asyncio.Event().wait()
        if self.drops and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        if self.answer == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.recipients += envelope.rcpt_tos
        self.mails.append(
            email.message_from_bytes(content, policy=email.policy.default)
        )
        return self.data()

    def authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        sent: object,
    ) -> AuthResult:
        login = getattr(sent, "login", None), getattr(sent, "password", None)
        self.logins.append(login)
        return AuthResult(success=login == (b"joined up", b"p@ss/word"), handled=False)


@asynccontextmanager
async def catching() -> AsyncIterator[Catcher]:
    """Listen on a free port of loopback."""
    catcher = Catcher()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            catcher,
            hostname="catcher.example",
            authenticator=catcher.authenticate,
            auth_require_tls=False,
            loop=loop,
        ),
        "127.0.0.1",
        0,
    )
    catcher.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield catcher
    finally:
        server.close()
