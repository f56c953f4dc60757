"""Mails raters what is queued for them, and lets a link lead to its one form.

The law: whose a request is leaves this module only as the address of their own mail;
a token or a code that does not count is told from one that never was by nobody.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from service.auth.caller import Person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.provisioning.queries import may_sign_in
from service.directory.queries import emails_of, postings_on
from service.errors import NotFound
from service.feedback import confidentiality
from service.feedback.inviting import queueing, rules, tokens, writing
from service.feedback.inviting.rules import About
from service.feedback.life import OPEN
from service.feedback.own import Own
from service.jobs.bounces import Bounce
from service.jobs.letters import Post
from service.jobs.mail import UNLISTED, NoAddress, hand_over, way_out
from service.jobs.outbox import Due
from service.jobs.queries import notice
from service.jobs.undelivered import note
from service.jobs.worker import Deliver
from service.settings import Settings

MAIL: Final = "SELECT request, about, listed FROM feedback_mail WHERE id = $1"
LISTED: Final = """
SELECT m.request FROM outbox o JOIN feedback_mail m ON m.id::text = o.dedupe_key
WHERE o.id = $1 AND o.kind = 'feedback_mail' AND m.listed
"""
SIGNS_IN: Final = """
SELECT EXISTS (SELECT FROM sign_in_provider
    WHERE organisation = $1 AND disabled_at IS NULL)
"""
MAKE_LINK: Final = """
INSERT INTO feedback_link (request, salt, digest, tries, codes)
VALUES ($1, $2, $3, 0, 0) ON CONFLICT (request) DO NOTHING
"""
LINK: Final = "SELECT salt FROM feedback_link WHERE request = $1"
LED_TO: Final = "SELECT request FROM feedback_link WHERE digest = $1"
NEW_CODE: Final = """
UPDATE feedback_link SET code = $2, code_at = $3, tries = 0, codes_on = $4,
    codes = CASE WHEN codes_on = $4 THEN codes + 1 ELSE 1 END
WHERE request = $1 AND (code_at IS NULL OR code_at <= $5)
    AND (codes_on IS DISTINCT FROM $4 OR codes < $6)
RETURNING 1
"""
CODE: Final = """
SELECT code FROM feedback_link WHERE request = $1 AND code_at > $2
"""
TRY: Final = """
UPDATE feedback_link SET tries = tries + 1
WHERE request = $1 AND code IS NOT NULL AND code_at > $2 AND tries < $3
RETURNING code
"""
SPEND: Final = """
UPDATE feedback_link SET code = NULL WHERE request = $1 AND code = $2 RETURNING 1
"""


def mailing(chosen: Settings, issuer: str) -> Mapping[str, Deliver]:
    """Return how raters are mailed; while there is no way out they are not."""
    post = way_out(chosen)
    if post is None:
        return {}
    return {
        queueing.MAIL: partial(_tell, post, issuer),
        queueing.CODE: partial(_tell_code, post),
    }


async def _tell(post: Post, issuer: str, due: Due, now: datetime) -> None:
    async with transaction() as connection:
        mail = await connection.fetchrow(MAIL, UUID(due.payload["mail"]))
    if mail is None:
        raise NotFound("No such mail.")
    own = await confidentiality.reached(mail["request"])
    about = About(mail["about"])
    if not _is_wanted(about, own, now):
        return
    asked = writing.Asked(own.request, own.closes_at, await _token(own, now))
    address = await _address(own)
    letter = writing.letter(
        due.id, about, asked, issuer=issuer, address=address, now=now
    )
    rater = own.rater if mail["listed"] else None
    await hand_over(post, letter, now, listed_as=rater)


def _is_wanted(about: About, own: Own, now: datetime) -> bool:
    if own.closed_at is not None and about != About.THANKS:
        return False
    return rules.is_wanted(about, own.state, own.closes_at, now)


async def _address(own: Own) -> str:
    address = (await emails_of([own.rater])).get(own.rater)
    if address is None:
        raise NoAddress
    return address


async def _token(own: Own, now: datetime) -> str | None:
    """Return the token of a rater's link, if their organisation signs nobody in."""
    held = (await postings_on([own.rater], now.date())).get(own.rater)
    organisation = own.rater_organisation if held is None else held.organisation
    async with transaction() as connection:
        if await connection.fetchval(SIGNS_IN, organisation):
            return None
        salt = secrets.token_bytes(tokens.FULL)
        digest = tokens.digest_of(tokens.token_of(salt))
        await connection.execute(MAKE_LINK, own.request, salt, digest)
        # Another mail may have made it before.
        return tokens.token_of(await connection.fetchval(LINK, own.request))


async def _tell_code(post: Post, due: Due, now: datetime) -> None:
    own = await confidentiality.reached(UUID(due.payload["request"]))
    async with transaction() as connection:
        since = now - rules.CODE_LASTS
        salt = await connection.fetchval(CODE, own.request, since)
    if salt is None:
        return  # It has been typed, or has expired while mails were held.
    code = tokens.code_of(salt)
    letter = writing.code_letter(due.id, code, address=await _address(own))
    await hand_over(post, letter, now, listed_as=None)


async def came_back(bounce: Bounce, now: datetime) -> None:
    """Note whose mail came back after all, where its coming back may show.

    Whoever has another address by now is reached; of other mail nothing is noted.
    """
    with within_reach(EVERYONE):
        person = await _listed(bounce.letter)
        if person is None:
            return
        address = (await emails_of([person])).get(person, "")
        if address.lower() == bounce.address.lower():
            await note(person, address, now)


async def _listed(letter: UUID) -> UUID | None:
    """Return whom a mail went to, unless its own existence is a secret."""
    async with transaction() as connection:
        request = await connection.fetchval(LISTED, letter)
    if request is not None:
        return (await confidentiality.reached(request)).rater
    with suppress(NotFound):
        told = await notice(letter)
        return None if told.kind in UNLISTED else told.person
    return None


async def led_to(token: str, now: datetime) -> Own:
    """Return the request that a link leads to; one that is over leads nowhere."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            request = await connection.fetchval(LED_TO, tokens.digest_of(token))
            if request is None:
                raise NotFound("No such link.")
            own = await confidentiality.reached(request)
            if not await may_sign_in(own.rater):
                raise NotFound("No such link.")
    if own.state not in OPEN or own.is_over(now):
        raise NotFound("No such link.")
    return own


async def ask_code(token: str, now: datetime) -> None:
    """Have a code mailed to the rater; the one before it counts no more."""
    own = await led_to(token, now)
    with within_reach(EVERYONE):
        async with transaction() as connection:
            made = await connection.fetchval(
                NEW_CODE,
                own.request,
                secrets.token_bytes(tokens.FULL),
                now,
                now.date(),
                now - rules.BETWEEN_CODES,
                rules.CODES_A_DAY,
            )
            if made is None:
                raise rules.CodeTooSoon(
                    "A code was sent less than five minutes ago, or ten were today:"
                    " look for it in your mail, or wait."
                )
            await queueing.queue_code(own.request, now)


async def type_code(token: str, code: str, now: datetime) -> tuple[str, datetime]:
    """Return what shows that the code was typed, and until when it does.

    A try counts whatever comes of it, and a code opens once.
    """
    own = await led_to(token, now)
    with within_reach(EVERYONE):
        async with transaction() as connection:
            since = now - rules.CODE_LASTS
            salt = await connection.fetchval(TRY, own.request, since, rules.TRIES)
        if salt is not None and tokens.is_code(salt, code):
            async with transaction() as connection:
                spent = await connection.fetchval(SPEND, own.request, salt)
            if spent is not None:
                until = now + rules.SESSION_LASTS
                return tokens.session_for(tokens.digest_of(token), until), until
    raise rules.WrongCode(
        "Type the six digits sent last, within ten minutes and five tries, or ask for"
        " a new code."
    )


async def let_in(token: str, session: str | None, now: datetime) -> tuple[UUID, Person]:
    """Return the request of a link whose code was typed, and its rater."""
    own = await found(token, session, now)
    return own.request, Person(own.rater)


async def found(token: str, session: str | None, now: datetime) -> Own:
    """Return the request of a link whose code was typed, whole."""
    own = await led_to(token, now)
    if not tokens.is_session(session or "", tokens.digest_of(token), now):
        raise rules.CodeWanted(
            "Ask for a code, and send it: what you get for it lasts half an hour."
        )
    return own
