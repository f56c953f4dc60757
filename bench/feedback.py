"""Submitting a form with its texts, against the bare transaction of the same rows.

The law: both commit, by turns in one run, and write the same columns; the bare one is
given everything ready, sealed and checked.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Final
from uuid import UUID, uuid4

from bench.measure import Measure
from service.auth.caller import Person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import actions, confidentiality
from service.feedback.filling import Filled, as_text, words_of
from service.feedback.form.items import Box
from service.feedback.form.sealing import seal
from service.feedback.own import Own
from service.feedback.raters import ANSWERED

WARM: Final = 20
"""Of each kind that are not counted: statements are prepared."""
TARGET: Final = 2
"""As a ratio to the bare transaction, at most."""
SAYS: Final = "Bring us in a month earlier, before the options are drawn up. " * 4
TEXTS: Final[Mapping[str, str]] = dict.fromkeys(Box, SAYS)
MOVE: Final = """
UPDATE feedback_request SET state = 'submitted', draft = $2, version = $3,
    sent_version = $3 WHERE id = $1 AND state = 'invited' RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Form:
    """One request, and what its rater answers."""

    request: UUID
    rater: Person
    filled: Filled


@dataclass(frozen=True, slots=True)
class Ready:
    """The same with all that the bare transaction writes."""

    form: Form
    own: Own
    draft: bytes
    words: Mapping[str, bytes]


async def submitting(forms: Sequence[Form], now: datetime) -> Measure:
    """Submit every other form through the service, and the rest bare.

    The value is the service's median, in milliseconds; the ratio is of the medians.
    """
    took: dict[Callable[[Ready, datetime], Awaitable[None]], list[float]] = {
        _by_the_service: [],
        _bare: [],
    }
    for place, form in enumerate(forms):
        ready = await _ready(form)
        way = (_by_the_service, _bare)[place % 2]
        began = time.perf_counter()
        await way(ready, now)
        took[way].append(time.perf_counter() - began)
    service, bare = (median(times[WARM:]) for times in took.values())
    return Measure(
        "submitting a form with texts",
        1e3 * service,
        "ms",
        ratio=service / bare,
        target=TARGET,
    )


async def _ready(form: Form) -> Ready:
    said = replace(form.filled, texts=TEXTS)
    with within_reach(EVERYONE):
        own = await confidentiality.own(form.request, form.rater.id)
    return Ready(
        replace(form, filled=said),
        own,
        seal(as_text(said), own.response, actions.DRAFT),
        {name: seal(text, own.response, name) for name, text in words_of(said).items()},
    )


async def _by_the_service(ready: Ready, now: datetime) -> None:
    form = ready.form
    await actions.submit(form.request, form.filled, caller=form.rater, now=now)


async def _bare(ready: Ready, now: datetime) -> None:
    form, own = ready.form.filled, ready.own
    place = own.organisation, own.record, own.response
    worked = form.months, form.frequency, form.objective
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await connection.execute(MOVE, own.request, ready.draft, own.version + 1)
            act = own.request, uuid4(), "submit", now
            await connection.execute(ANSWERED, *act, *worked, now.date())
            await connection.execute(
                actions.WRITE_ANSWERS,
                *place,
                [*form.answers],
                [*form.answers.values()],
                [uuid4() for _ in form.answers],
            )
            await connection.execute(
                actions.WRITE_WORDS,
                *place,
                [*ready.words],
                [*ready.words.values()],
                [uuid4() for _ in ready.words],
            )
