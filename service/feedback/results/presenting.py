"""Released feedback as its readers see it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from service.feedback.form.data import form
from service.feedback.form.items import Language
from service.feedback.results.actions import Feedback
from service.feedback.results.queries import ReplyFact
from service.feedback.results.rules import Comment, amendable_until
from service.feedback.results.schemas import (
    BehaviourOut,
    CommentOut,
    FeedbackOut,
    GroupOut,
    ReplyOut,
    WithheldOut,
)
from service.feedback.results.sentences import withheld
from service.records.queries import RecordFact
from service.suppression import Average


def shown(on: RecordFact, found: Feedback, language: Language) -> FeedbackOut:
    """Present the feedback on a record in a language."""
    results = found.results
    asked = form(found.form_version).in_language(language).behaviours
    asks = {each.code: each.asks for each in asked}
    about = {each.id: each.field for each in results.comments}
    return FeedbackOut(
        record=on.id,
        cycle=on.cycle,
        reason=results.verdict.reason,
        raters=results.verdict.raters,
        organisations=results.verdict.organisations,
        behaviours=[
            BehaviourOut(code=code, asks=asks[code], **_figure(each))
            for code, each in results.behaviours.items()
        ],
        groups=[
            GroupOut(categories=[*each.categories], **_figure(each.average))
            for each in results.groups
        ],
        comments_reason=results.words,
        comments=[
            CommentOut(id=id_, about=about[id_], text=found.words[id_])
            for id_ in found.order
        ],
        withheld=_withheld(results.comments, language),
        reply=None if found.reply is None else reply_shown(found.reply),
    )


def _figure(shown: Average) -> dict[str, Any]:
    return {"mean": shown.figure, "beyond": shown.beyond, "reason": shown.reason}


def _withheld(comments: Iterable[Comment], language: Language) -> list[WithheldOut]:
    counts = Counter(each.withheld for each in comments if each.withheld is not None)
    return [
        WithheldOut(
            reason=reason,
            count=count,
            sentence=withheld(reason, count, language),
        )
        for reason, count in sorted(counts.items())
    ]


def reply_shown(reply: ReplyFact) -> ReplyOut:
    """Present a reply."""
    return ReplyOut(text=reply.text, amendable_until=amendable_until(reply.given_at))
