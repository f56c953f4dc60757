"""What is shown of a record as it is kept: as JSON, and nothing that is not shown."""

from typing import Any
from uuid import UUID

from service.feedback.results.rules import (
    Category,
    Comment,
    Group,
    Results,
    Withheld,
)
from service.suppression import Average, Beyond, Verdict

NOBODY = UUID(int=0)
"""Whose form a comment stands on is not kept beside it."""


def as_kept(shown: Results) -> dict[str, Any]:
    """Return results as they are kept."""
    return {
        "reason": shown.verdict.reason,
        "raters": shown.verdict.raters,
        "organisations": shown.verdict.organisations,
        # A list: PostgreSQL keeps no order of keys.
        "behaviours": [
            {"code": item, **_average(each)} for item, each in shown.behaviours.items()
        ],
        "groups": [
            {"categories": [*each.categories], **_average(each.average)}
            for each in shown.groups
        ],
        "words": shown.words,
        # By their random ids: the order they came in is not kept.
        "comments": [
            {"id": str(each.id), "field": each.field, "withheld": each.withheld}
            for each in sorted(shown.comments, key=lambda comment: comment.id)
        ],
    }


def _average(shown: Average) -> dict[str, Any]:
    return {
        "figure": shown.figure,
        "beyond": shown.beyond,
        "reason": shown.reason,
    }


def from_kept(kept: dict[str, Any]) -> Results:
    """Return the results that `as_kept` wrote."""
    return Results(
        verdict=Verdict(kept["reason"], kept["raters"], kept["organisations"]),
        behaviours={each["code"]: _from_average(each) for each in kept["behaviours"]},
        groups=tuple(
            Group(tuple(map(Category, each["categories"])), _from_average(each))
            for each in kept["groups"]
        ),
        words=kept["words"],
        comments=tuple(
            Comment(
                UUID(each["id"]),
                NOBODY,
                each["field"],
                each["withheld"] and Withheld(each["withheld"]),
            )
            for each in kept["comments"]
        ),
    )


def _from_average(kept: dict[str, Any]) -> Average:
    return Average(
        kept["figure"], kept["beyond"] and Beyond(kept["beyond"]), kept["reason"]
    )
