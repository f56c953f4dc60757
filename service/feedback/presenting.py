"""A rater's own requests as the rater sees them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of, organisations
from service.edge.strict_json import pointer
from service.feedback import queries
from service.feedback.filling import Filled
from service.feedback.form.data import form
from service.feedback.form.hints import find, sentence
from service.feedback.form.items import Language
from service.feedback.form.schemas import shown as form_in
from service.feedback.own import Own
from service.feedback.schemas import (
    HintOut,
    RequestListed,
    RequestOut,
    SharedOut,
    SubjectOut,
)
from service.feedback.turns import is_small


async def listed(found: Sequence[Own], day: date) -> list[RequestListed]:
    """Present a rater's own requests, in the order given."""
    subjects = await _subjects([own.subject for own in found], day)
    return [RequestListed(**_facts(own, subjects)) for own in found]


async def shown(own: Own, language: str, day: date) -> RequestOut:
    """Present one of a rater's own requests, with its form in a language."""
    subjects = await _subjects([own.subject], day)
    with within_reach(EVERYONE):
        shared = await queries.shared_by(own.cycle, own.subject, own.rater)
    words = form_in(form(own.form_version), language)
    return RequestOut(
        **_facts(own, subjects),
        confidentiality=words.confidentiality,
        small_pool=words.small_pool if is_small(own.pool_size, own.drawn) else None,
        form=words,
        objectives=[SharedOut(id=each.id, title=each.title) for each in shared],
    )


async def hinted(own: Own, filled: Filled, language: Language) -> list[HintOut]:
    """Point out to a rater which of their words may tell the subject who they are."""
    if not any([*filled.examples.values(), *filled.texts.values()]):
        return []
    with within_reach(EVERYONE):
        names = await details_of([own.rater])
        known = await organisations()
    called = [f"{each.given_name} {each.family_name}" for each in names.values()]
    codes = [name for each in known for name in (each["code"], each["name"]) if name]
    return [
        HintOut(
            pointer=pointer([where, name]),
            start=span.start,
            end=span.end,
            kind=span.kind,
            says=sentence(span.kind, language),
        )
        for where, texts in (("examples", filled.examples), ("texts", filled.texts))
        for name, text in texts.items()
        for span in find(text, names=called, organisations=codes)
    ]


async def _subjects(people: Sequence[UUID], day: date) -> dict[UUID, SubjectOut]:
    with within_reach(EVERYONE):  # The subject works elsewhere.
        found = await queries.subjects_on(people, day)
    return {
        person: SubjectOut(
            name=subject.name, title=subject.title, organisation=subject.organisation
        )
        for person, subject in found.items()
    }


def _facts(own: Own, subjects: Mapping[UUID, SubjectOut]) -> dict[str, Any]:
    return {
        "id": own.request,
        "subject": subjects[own.subject],
        "state": own.state,
        "unsent": own.unsent,
        "opens_at": own.opens_at,
        "closes_at": own.closes_at,
        "releases_at": own.releases_at,
    }
