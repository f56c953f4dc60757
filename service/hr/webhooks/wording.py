"""What pages call webhooks' states and what they hear of."""

from typing import Final

from service.hr.webhooks.rules import Subject, WebhookReason, WebhookState
from service.web.language import mark

SUBJECTS: Final = {
    Subject.SCORES: mark("Scores"),
    Subject.RECORDS: mark("Appraisal records"),
    Subject.OBJECTIVES: mark("Shared objectives"),
    Subject.PEOPLE: mark("People"),
    Subject.CYCLES: mark("Steps of cycles"),
}
STATES: Final = {
    WebhookState.PENDING: mark("Not verified yet"),
    WebhookState.ACTIVE: mark("Active"),
    WebhookState.DISABLED: mark("Disabled"),
}
REASONS: Final = {
    WebhookReason.GONE: mark("Its address said that it is gone for good."),
    WebhookReason.NOT_TAKEN: mark("Its address took nothing for three days."),
}
OVER: Final = {
    "pending": mark("Waiting"),
    "delivered": mark("Taken"),
    "given_up": mark("Given up"),
}
"""What became of an event."""
