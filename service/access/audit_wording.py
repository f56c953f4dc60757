"""What pages call the kinds of things in the audit."""

from typing import Final

from service.web.language import mark

KINDS: Final = {
    "appraisal_record": mark("Attachment and judgement of a record"),
    "audit": mark("Search of the audit"),
    "break_glass": mark("Break-glass"),
    "consistency_view": mark("View of consistency"),
    "contribution": mark("Contribution"),
    "cycle": mark("Cycle"),
    "data_sharing": mark("Data-sharing agreement"),
    "disclosure": mark("Search of what HR systems were told"),
    "explanation": mark("Explanation of a score"),
    "export": mark("Export"),
    "feedback": mark("Results of feedback"),
    "feedback_nomination": mark("Proposal of a colleague"),
    "feedback_signals": mark("What was found in a cycle's feedback"),
    "indicator": mark("Indicator"),
    "milestone": mark("Milestone"),
    "moderation_panel": mark("Panel"),
    "moderation_queue": mark("Comments to check"),
    "oauth_client": mark("HR system"),
    "objective": mark("Objective"),
    "objective_template": mark("Template of objectives"),
    "organisation": mark("Organisation"),
    "person": mark("Person"),
    "portal": mark("HR portal that shows cards"),
    "post": mark("Post"),
    "record": mark("Appraisal record"),
    "role": mark("Role"),
    "score": mark("Score"),
    "score_review_queue": mark("Scores to review"),
    "score_reviews": mark("Reviews of scores"),
    "sign_in_provider": mark("Sign-in provider"),
    "webhook": mark("Webhook"),
}
