"""What a mail server writes to say that a mail came back."""

from uuid import UUID


def report(
    letter: UUID,
    address: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """A delivery status notification about one of our mails."""
    lines = f"""From: MAILER-DAEMON@mx.example
To: no-reply@joinedup.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

I could not deliver this, said the canary.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}

--part
Content-Type: {returned}

From: no-reply@joinedup.example
To: {address}
Subject: You are asked for feedback on a colleague
Message-ID: <{letter}@joinedup.example>

--part--
"""
    return lines.replace("\n", "\r\n").encode()
