"""What raters were mailed, and their links, as stored: never a token or a code."""

from piccolo.columns import (
    UUID,
    Boolean,
    Bytea,
    Date,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.feedback.inviting.rules import About


class FeedbackMail(Table, db=DB, tablename="feedback_mail"):
    """A mail that a rater was, or is to be, sent about a request: each once."""

    id = UUID(primary_key=True, default=None)
    request = UUID(default=None)
    about = Varchar(length=20, default=None)
    listed = Boolean(
        default=None, help_text="Its coming back shows: no rater's act can move it."
    )
    queued_at = Timestamptz(default=None)

    feedback_mail_about_is_known = one_of("about", About)


class FeedbackLink(Table, db=DB, tablename="feedback_link"):
    """The link to one form of a rater who cannot sign in, and its code."""

    request = UUID(primary_key=True, default=None)
    salt = Bytea(default=None, help_text="Its token is made of it and of our secret.")
    digest = Bytea(default=None, help_text="SHA-256 of the token.")
    code = Bytea(default=None, null=True, help_text="The code's salt; used up: none.")
    code_at = Timestamptz(default=None, null=True, help_text="When it was asked for.")
    tries = Integer(default=None, help_text="Of this code.")
    codes = Integer(default=None, help_text="Asked for on `codes_on`.")
    codes_on = Date(default=None, null=True)
