"""What pages call the stages of a year, and what happens when each begins."""

from typing import Final

from service.records.frameworks import Stage
from service.records.rules import CycleState
from service.web.language import mark

STAGES: Final = {
    Stage.OBJECTIVE_SETTING: mark("Objectives are set"),
    Stage.QUARTERLY_CONVERSATIONS: mark("Quarterly conversations begin"),
    Stage.MID_YEAR_CONSISTENCY_CHECK: mark("Mid-year consistency check"),
    Stage.FEEDBACK_OPENS: mark("Feedback opens"),
    Stage.FEEDBACK_CLOSES: mark("Feedback closes"),
    Stage.FEEDBACK_RELEASES: mark("Feedback is released"),
    Stage.END_YEAR_ASSESSMENT: mark("End-year assessment"),
    Stage.LOCAL_MODERATION: mark("Local moderation"),
    Stage.OVERALL_MODERATION: mark("Overall moderation"),
    Stage.CROSS_GOVERNMENT_CONSISTENCY_VIEW: mark("View across government"),
    Stage.PUBLISHED: mark("Results are told"),
    Stage.ARCHIVED: mark("The year is archived"),
}
HAPPENS: Final = {
    Stage.OBJECTIVE_SETTING: mark(
        "Line managers and their people set shared objectives and agree them."
    ),
    Stage.QUARTERLY_CONVERSATIONS: mark("Progress on objectives is talked about."),
    Stage.MID_YEAR_CONSISTENCY_CHECK: mark(
        "Managers state a mid-year judgement until feedback opens. The central team can"
        " take a view of consistency."
    ),
    Stage.FEEDBACK_OPENS: mark("Colleagues who were drawn are asked for feedback."),
    Stage.FEEDBACK_CLOSES: mark(
        "Nobody can give or change feedback any more. Text moderators check comments."
    ),
    Stage.FEEDBACK_RELEASES: mark(
        "Everybody reads their results at the same time. A comment that nobody checked"
        " is withheld."
    ),
    Stage.END_YEAR_ASSESSMENT: mark(
        "Managers assess outcomes and state an end-year judgement."
    ),
    Stage.LOCAL_MODERATION: mark("Local panels look at managers' judgements."),
    Stage.OVERALL_MODERATION: mark("The overall panel looks at what stands."),
    Stage.CROSS_GOVERNMENT_CONSISTENCY_VIEW: mark(
        "The central team can take a view of consistency. It changes nothing."
    ),
    Stage.PUBLISHED: mark("People read what became of their judgement."),
    Stage.ARCHIVED: mark("The year is kept and no more is done in it."),
}
STATES: Final = {
    CycleState.OPEN: mark("Open"),
    CycleState.PUBLISHING: mark("Scores are being published"),
    CycleState.PUBLISHED: mark("Scores are published"),
    CycleState.ARCHIVED: mark("Archived"),
}
