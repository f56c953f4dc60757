"""Everything that answers: routes of the API, pages, and where pages lead.

The law: what is not listed here is not served.
"""

from typing import Final

from litestar.types import ControllerRouterHandler

from service.access.audit_pages import AuditPages
from service.access.client_pages import ClientPages
from service.access.controller import ClientController
from service.access.pages import DirectoryPages
from service.access.people_controller import PeopleController
from service.access.role_pages import RolePages
from service.access.rules import Role
from service.auth.controller import OAuthController
from service.directory.provisioning.controller import UserController
from service.directory.provisioning.discovery_controller import DiscoveryController
from service.feedback.break_glass.controller import BreakGlassController
from service.feedback.break_glass.pages import BreakGlassPages
from service.feedback.controller import RequestController
from service.feedback.form.controller import FormController
from service.feedback.inviting.link_controller import LinkController
from service.feedback.inviting.pages import LinkPages
from service.feedback.inviting.undelivered_controller import UndeliveredController
from service.feedback.inviting.undelivered_pages import undelivered
from service.feedback.moderation.controller import ModerationController
from service.feedback.moderation.pages import CommentPages
from service.feedback.pages import GivingPages
from service.feedback.pool_controller import PoolController
from service.feedback.pool_pages import PoolPages
from service.feedback.results.controller import FeedbackController
from service.feedback.signals.controller import (
    ScoreReviewController,
    ScoreReviewsController,
    SignalsController,
)
from service.feedback.signals.pages import ReviewPages
from service.feedback.window_controller import WindowController
from service.feedback.window_pages import WindowPages
from service.health import HealthController
from service.home.mail_pages import mail, mails
from service.home.notice_pages import NoticePages
from service.home.pages import HomePages
from service.hr.attachment.controller import AttachmentController
from service.hr.attachment.pages import RecordPages
from service.hr.cards.controller import CardController
from service.hr.cards.pages import card
from service.hr.controller import ScoreController
from service.hr.explaining_controller import ExplanationController
from service.hr.exports.controller import ExportController
from service.hr.exports.pages import ExportPages
from service.hr.feed.controller import ChangeController
from service.hr.method_controller import MethodController
from service.hr.pages import hr_index
from service.hr.progress.pages import progress as hr_progress
from service.hr.results.appeal_pages import AppealPages
from service.hr.results.decision_pages import DecisionPages
from service.hr.results.pages import ResultPages
from service.hr.results.score_pages import ScorePages
from service.hr.webhooks.controller import WebhookController
from service.hr.webhooks.pages import WebhookPages
from service.jobs.controller import NoticeController
from service.objectives.agreement.controller import AgreementController
from service.objectives.agreement.pages import AgreementPages
from service.objectives.agreement.parting_pages import PartingPages
from service.objectives.assessing.controller import AssessmentController
from service.objectives.assessing.pages import AssessmentPages
from service.objectives.assigning.controller import AssigningController
from service.objectives.assigning.pages import AssigningPages
from service.objectives.assigning.template_controller import TemplateController
from service.objectives.controller import ObjectiveController
from service.objectives.journey.pages import JourneyPages
from service.objectives.journey.partner_pages import PartnerPages
from service.objectives.pages import ObjectivePages
from service.objectives.progress.controller import ProgressController
from service.objectives.progress.indicator_controller import IndicatorController
from service.objectives.progress.pages import ProgressPages
from service.objectives.progress.planning_pages import PlanningPages
from service.objectives.recognition.controller import RecognitionController
from service.objectives.recognition.pages import RecognitionPages
from service.objectives.schemes.controller import PriorityController
from service.records.controller import CycleController, RecordController
from service.records.cycle_pages import CyclePages
from service.records.import_pages import ImportPages
from service.scores.deciding.appeal_controller import AppealController
from service.scores.deciding.controller import DecisionController
from service.scores.moderation.controller import JudgementController
from service.scores.moderation.pages import CasePages, JudgementPages
from service.scores.moderation.panel_controller import PanelController
from service.scores.moderation.panel_pages import PanelPages
from service.scores.moderation.view_controller import ViewController
from service.scores.moderation.view_pages import ViewPages
from service.web.assets import assets
from service.web.help_pages import help_pages
from service.web.language import choose, mark
from service.web.pages import Place
from service.web.sign_in.pages import SignInPages

PLACES: Final[tuple[Place, ...]] = (
    Place("/", mark("Your tasks")),
    Place("/records", mark("Your records")),
    Place("/people", mark("Your people")),
    Place("/objectives", mark("Shared objectives")),
    Place("/feedback", mark("Feedback")),
    Place("/directory", mark("Find people")),
    Place("/hr", mark("Administration"), frozenset(map(str, Role))),
)
"""Where every page leads, in this order."""


CONTROLLERS: Final = (
    HealthController,
    OAuthController,
    CycleController,
    RecordController,
    AttachmentController,
    CardController,
    ObjectiveController,
    AgreementController,
    AssessmentController,
    AssigningController,
    TemplateController,
    RecognitionController,
    ProgressController,
    IndicatorController,
    PriorityController,
    FormController,
    PoolController,
    RequestController,
    WindowController,
    FeedbackController,
    ModerationController,
    ScoreReviewController,
    ScoreReviewsController,
    SignalsController,
    BreakGlassController,
    LinkController,
    UndeliveredController,
    ScoreController,
    MethodController,
    ChangeController,
    ExplanationController,
    DecisionController,
    AppealController,
    JudgementController,
    PanelController,
    ViewController,
    ClientController,
    NoticeController,
    PeopleController,
    ExportController,
    WebhookController,
    UserController,
    DiscoveryController,
)
PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    *help_pages,
    assets,
    choose,
    card,
    mail,
    mails,
    SignInPages,
    ObjectivePages,
    AgreementPages,
    PartingPages,
    ProgressPages,
    PlanningPages,
    AssessmentPages,
    RecognitionPages,
    JourneyPages,
    PartnerPages,
    AssigningPages,
    AuditPages,
    ClientPages,
    RolePages,
    BreakGlassPages,
    undelivered,
    CommentPages,
    ReviewPages,
    WindowPages,
    ExportPages,
    hr_index,
    hr_progress,
    WebhookPages,
    CyclePages,
    ImportPages,
    CasePages,
    JudgementPages,
    PanelPages,
    ViewPages,
    LinkPages,
    GivingPages,
    HomePages,
    NoticePages,
    DirectoryPages,
    PoolPages,
    RecordPages,
    ResultPages,
    DecisionPages,
    AppealPages,
    ScorePages,
)
