"""What objectives, their stages and the parts people have in them are called.

Pure. The law: every value that a page shows has its words here, marked for translation.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.objectives.assessing.rules import AssessmentState, Verdict
from service.objectives.measuring import ComparedWith, Direction, Trend
from service.objectives.offering import Kind as Offered
from service.objectives.progress.rules import MilestoneState, Status
from service.objectives.rules import Capacity, ContributionRole, Kind, OwnershipModel
from service.objectives.stages import ContributionState, Outcome, Stage
from service.records.combining import Attainment
from service.web.language import mark

Words = Mapping[StrEnum, str]

STAGES: Final[Words] = {
    Stage.DRAFT: mark("Draft"),
    Stage.PROPOSED: mark("Waiting for agreement"),
    Stage.SENT_BACK: mark("Sent back"),
    Stage.DISPUTED: mark("Disputed"),
    Stage.AGREED: mark("Agreed"),
    Stage.ASSESSED: mark("Assessed"),
    Stage.CLOSED: mark("Closed"),
    Stage.WITHDRAWN: mark("Withdrawn"),
}
MEANINGS: Final[Words] = {
    Stage.DRAFT: mark("Only the line manager and HR of the lead can see it."),
    Stage.PROPOSED: mark("It is agreed when everyone below has agreed."),
    Stage.SENT_BACK: mark("The line manager of the lead changes it, or withdraws it."),
    Stage.DISPUTED: mark("Both line managers have been told. It is to be settled."),
    Stage.AGREED: mark("Everyone has agreed to what it says."),
    Stage.ASSESSED: mark("A second department has agreed how far it was met."),
    Stage.CLOSED: mark("Nothing of it changes any more."),
    Stage.WITHDRAWN: mark("It was taken back. You can still read what it said."),
}
COLOURS: Final[Mapping[StrEnum, str]] = {
    Stage.DRAFT: "grey",
    Stage.PROPOSED: "yellow",
    Stage.SENT_BACK: "orange",
    Stage.DISPUTED: "red",
    Stage.AGREED: "green",
    Stage.ASSESSED: "blue",
    Stage.CLOSED: "grey",
    Stage.WITHDRAWN: "grey",
    ContributionState.INVITED: "yellow",
    ContributionState.ACCEPTED: "green",
    ContributionState.DISPUTED: "red",
    ContributionState.DECLINED: "grey",
    ContributionState.LEFT: "grey",
    Status.ON_TRACK: "green",
    Status.AT_RISK: "yellow",
    Status.OFF_TRACK: "red",
    Status.DELIVERED: "blue",
    MilestoneState.PLANNED: "grey",
    MilestoneState.MET: "green",
    MilestoneState.MISSED: "red",
    MilestoneState.DROPPED: "grey",
}
"""Of tags, whose words say the same."""
PARTS: Final[Words] = {
    ContributionState.INVITED: mark("Line manager to agree"),
    ContributionState.ACCEPTED: mark("Agreed"),
    ContributionState.DISPUTED: mark("Disputed"),
    ContributionState.DECLINED: mark("Declined"),
    ContributionState.LEFT: mark("Left"),
}
ROLES: Final[Words] = {
    ContributionRole.LEAD: mark("Lead"),
    ContributionRole.MAJOR: mark("Major contribution"),
    ContributionRole.SUPPORTING: mark("Supporting contribution"),
}
MODELS: Final[Words] = {
    OwnershipModel.PLANNING_SEPARATELY: mark("Planning separately"),
    OwnershipModel.VOLUNTARY_COORDINATION: mark("Voluntary coordination"),
    OwnershipModel.SHARED_RESPONSIBILITY: mark("Shared responsibility"),
    OwnershipModel.COLLECTIVE_ACCOUNTABILITY: mark("Collective accountability"),
    OwnershipModel.SEMI_STRUCTURAL: mark("Semi-structural"),
    OwnershipModel.STRUCTURAL: mark("Structural"),
}
MODEL_HINTS: Final[Words] = {
    OwnershipModel.PLANNING_SEPARATELY: mark(
        "Each department plans its own work. Partners may leave."
    ),
    OwnershipModel.VOLUNTARY_COORDINATION: mark(
        "Departments choose to work together. Partners may leave."
    ),
    OwnershipModel.SHARED_RESPONSIBILITY: mark(
        "One owner is accountable. Nobody leaves alone."
    ),
    OwnershipModel.COLLECTIVE_ACCOUNTABILITY: mark(
        "Owners in two or more departments are accountable together."
    ),
    OwnershipModel.SEMI_STRUCTURAL: mark(
        "A joint team. Functional managers agree as well."
    ),
    OwnershipModel.STRUCTURAL: mark("A joint unit. Functional managers agree as well."),
}
KINDS: Final[Words] = {
    Kind.DELIVERY_OBJECTIVE: mark("Delivery objective, which is rated"),
    Kind.MINIMUM_STANDARD: mark("Minimum standard, which is met or not met"),
}
CAPACITIES: Final[Words] = {
    Capacity.SUBJECT: mark("the lead"),
    Capacity.LINE_MANAGER: mark("the line manager of the lead"),
    Capacity.CONTRIBUTOR_MANAGER: mark("the line manager of a contributor"),
    Capacity.FUNCTIONAL_MANAGER: mark("the functional manager of a contributor"),
}
OUTCOMES: Final[Words] = {
    Outcome.CHANGED: mark("What was disputed was changed"),
    Outcome.KEPT: mark("It stays as it was"),
    Outcome.DROPPED: mark("The dispute was dropped"),
}
STATUSES: Final[Words] = {
    Status.ON_TRACK: mark("On track"),
    Status.AT_RISK: mark("At risk"),
    Status.OFF_TRACK: mark("Off track"),
    Status.DELIVERED: mark("Delivered"),
}
MILESTONES: Final[Words] = {
    MilestoneState.PLANNED: mark("Planned"),
    MilestoneState.MET: mark("Met"),
    MilestoneState.MISSED: mark("Missed"),
    MilestoneState.DROPPED: mark("Dropped"),
}
DIRECTIONS: Final[Words] = {
    Direction.INCREASE: mark("Higher is better"),
    Direction.DECREASE: mark("Lower is better"),
    Direction.MAINTAIN: mark("Closer to the target is better"),
}
COMPARED: Final[Words] = {
    ComparedWith.BASELINE: mark("The baseline"),
    ComparedWith.PREVIOUS: mark("The reading before"),
}
TRENDS: Final[Words] = {
    Trend.IMPROVING: mark("Improving"),
    Trend.MAINTAINING: mark("No change"),
    Trend.WORSENING: mark("Getting worse"),
}
ATTAINMENTS: Final[Words] = {
    Attainment.NOT_MET: mark("Not met"),
    Attainment.PARTLY_MET: mark("Partly met"),
    Attainment.MET: mark("Met"),
    Attainment.EXCEEDED: mark("Exceeded"),
    Attainment.FAR_EXCEEDED: mark("Far exceeded"),
}
ASSESSMENTS: Final[Words] = {
    AssessmentState.WAITING: mark("Waiting for a second department"),
    AssessmentState.COUNTERSIGNED: mark("Countersigned"),
    AssessmentState.OBJECTED: mark("Objected to"),
    AssessmentState.OUTDATED: mark("Out of date: the objective was changed"),
}
VERDICTS: Final[Words] = {
    Verdict.COUNTERSIGNED: mark("Countersigned by"),
    Verdict.OBJECTED: mark("Objected to by"),
}
STEPS: Final[Mapping[str, str]] = {
    "change": mark("Changed"),
    "amend": mark("Links changed"),
    "propose": mark("Sent for agreement"),
    "agree": mark("Agreed by everyone"),
    "send_back": mark("Sent back"),
    "dispute": mark("Disputed"),
    "dispute_part": mark("Contribution disputed"),
    "settle": mark("Dispute settled"),
    "reinstate": mark("Dispute dropped"),
    "assess": mark("Assessed"),
    "close": mark("Closed"),
    "withdraw": mark("Withdrawn"),
    "invite": mark("Contribution to be agreed again"),
    "accept": mark("Contribution agreed"),
    "decline": mark("Contribution declined"),
    "leave": mark("Contributor left"),
}
OFFERS: Final[Words] = {
    Offered.AGREE: mark("Agree to this objective"),
    Offered.SEND_BACK: mark("Send it back with a reason"),
    Offered.DISPUTE: mark("Dispute it"),
    Offered.DROP: mark("Drop this dispute"),
    Offered.KEEP: mark("Reply and keep it as it is"),
    Offered.CHANGE: mark("Change what it says"),
    Offered.PROPOSE: mark("Send it for agreement"),
    Offered.WITHDRAW: mark("Withdraw it"),
    Offered.CLOSE: mark("Close it"),
    Offered.DECLINE: mark("Decline this contribution"),
    Offered.LEAVE: mark("Take this contributor off"),
    Offered.REPORT: mark("Report its status"),
    Offered.DISSENT: mark("Say that you see the status differently"),
    Offered.PLAN: mark("Add a milestone"),
    Offered.MEASURE: mark("Add an indicator"),
    Offered.MILESTONE: mark("Change this milestone"),
    Offered.INDICATOR: mark("Change this indicator"),
    Offered.READ: mark("Add a reading"),
    Offered.ASSESS: mark("Assess the outcome"),
    Offered.ANSWER: mark("Countersign or object"),
    Offered.ASSESS_CONTRIBUTION: mark("Assess this contribution"),
    Offered.THANK: mark("Say thank you"),
}
FIELDS: Final[Mapping[str, str]] = {
    "title": mark("Name"),
    "outcome": mark("Outcome"),
    "measures": mark("How it is measured"),
    "ownership_model": mark("How departments own it"),
    "kind": mark("Kind"),
    "owners": mark("Accountable owner"),
    "contributions": mark("Contribution"),
    "value_map": mark("What it costs and brings"),
    "element": mark("Element of the framework"),
    "weight": mark("Weight"),
    "standard": mark("Minimum standard"),
    "priority": mark("Public priority"),
    "parent": mark("Objective that it serves"),
    "ends_on": mark("Last day"),
    "role": mark("Role"),
    "share": mark("Share"),
    "commitment": mark("What they will do"),
    "person": mark("Person"),
    "puts_in": mark("What it puts in"),
    "money_in": mark("Money it puts in"),
    "people_in": mark("Full-time staff it puts in"),
    "days_in": mark("Working days it puts in"),
    "gains": mark("What it gains"),
    "money_out": mark("Money it gains"),
}
DONE: Final[Mapping[str, str]] = {
    "agreed": mark("You have agreed to this objective"),
    "sent-back": mark("You have sent this objective back"),
    "disputed": mark("You have disputed this objective"),
    "settled": mark("The dispute is settled"),
    "declined": mark("You have declined the contribution"),
    "left": mark("You have taken the contributor off"),
    "changed": mark("You have changed this objective"),
    "proposed": mark("You have sent this objective for agreement"),
    "withdrawn": mark("You have withdrawn this objective"),
    "closed": mark("You have closed this objective"),
    "reported": mark("You have reported the status"),
    "dissented": mark("Your view stands beside the status"),
    "planned": mark("The milestone is saved"),
    "measured": mark("The indicator is saved"),
    "read": mark("The reading is saved"),
    "assessed": mark("Your assessment is saved"),
    "countersigned": mark("You have countersigned the assessment"),
    "objected": mark("You have objected to the assessment"),
    "assigned": mark("The objective is set on each record that you chose"),
    "thanked": mark("Your thanks are on their record"),
}
"""What a page says after something was done, by the word in its address."""
