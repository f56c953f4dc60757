"""HTTP for the instants of a cycle's feedback: declare, delegate, present."""

from uuid import UUID

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.feedback import rules, windows
from service.feedback.schemas import ExtensionIn, WindowOut
from service.records.rules import BadDates
from service.settings import settings


class WindowController(Controller):
    """When feedback of a cycle may be given, and when it is released."""

    path = "/v1/cycles/{cycle:uuid}"
    tags = ("Feedback",)

    @post(
        "/feedback-extensions",
        operation_id="extendFeedbackWindow",
        summary="Extend a feedback window",
        security=person(Role.HR_ADMINISTRATOR),
        opt={"refuses": (rules.NotOpen, rules.NotLater, rules.WindowOfMany, BadDates)},
    )
    async def extend(
        self,
        caller: NamedDependency[SignedIn],
        cycle: FromPath[UUID],
        data: JSONBody[ExtensionIn],
    ) -> WindowOut:
        """Have a window that is not closed yet close later; every rater is told."""
        window = await windows.extend_own(
            cycle,
            closes_at=data.closes_at,
            releases_at=data.releases_at,
            caller=caller,
            now=settings().clock(),
        )
        return WindowOut(
            cycle=cycle,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            releases_at=window.releases_at,
        )
