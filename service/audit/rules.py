"""What of the audit may be searched, by those who watch over one organisation.

Pure. The law: what is not named here is not shown. Nothing named here moves when a
rater acts: of feedback there is who proposed, drew and read it, which others see too.
"""

from typing import Final

SHOWN: Final = frozenset(
    {
        "appraisal_record",
        "audit",
        "break_glass",
        "consistency_view",
        "contribution",
        "cycle",
        "data_sharing",
        "disclosure",
        "explanation",
        "export",
        "feedback",
        "feedback_nomination",
        "feedback_signals",
        "indicator",
        "milestone",
        "moderation_panel",
        "moderation_queue",
        "oauth_client",
        "objective",
        "objective_template",
        "organisation",
        "person",
        "portal",
        "post",
        "record",
        "role",
        "score",
        "score_review_queue",
        "score_reviews",
        "sign_in_provider",
        "webhook",
    }
)
"""Kinds of things, as entries name them."""
DETAILED: Final = frozenset({"cycle", "oauth_client", "role", "webhook"})
"""Of which what was before and after is shown too: it tells of nobody's work."""
