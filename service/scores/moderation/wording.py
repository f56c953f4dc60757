"""What pages call panels, stages of judgement and views."""

from typing import Final

from service.scores.moderation.rules import JudgementStage, PanelLevel, ViewKind
from service.web.language import mark

LEVELS: Final = {
    PanelLevel.LOCAL: mark("Local panel"),
    PanelLevel.OVERALL: mark("Overall panel"),
}
STAGES: Final = {
    JudgementStage.MID_YEAR: mark("Mid-year"),
    JudgementStage.END_YEAR: mark("End of year"),
}
VIEWS: Final = {
    ViewKind.MID_YEAR: mark("Mid-year"),
    ViewKind.CROSS_GOVERNMENT: mark("Across government, at the end of the year"),
}
