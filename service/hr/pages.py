"""Where officers begin: what each role may do, and where."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.web.language import mark, say
from service.web.pages import PAGE, AnyRequest, page

HR: Final = frozenset({Role.HR_ADMINISTRATOR})
OFFICERS: Final = frozenset({Role.AUDITOR, Role.DATA_PROTECTION_OFFICER})


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a role may do."""

    path: str
    name: str
    says: str
    roles: frozenset[Role]


TASKS: Final = (
    Task(
        "/hr/people-import",
        mark("Import people"),
        mark("Read an extract of your HR system, and see every bad row first."),
        HR,
    ),
    Task(
        "/hr/cycles",
        mark("Cycles and dates"),
        mark("When each stage of the year begins; extend feedback."),
        HR,
    ),
    Task(
        "/hr/progress",
        mark("Progress"),
        mark("Objectives, agreements, assessments and decisions, by unit."),
        HR,
    ),
    Task(
        "/moderation",
        mark("Panels"),
        mark("Who moderates managers' judgements, and what came of it."),
        HR,
    ),
    Task("/hr/roles", mark("Roles"), mark("Who may do what, and until when."), HR),
    Task(
        "/hr/clients",
        mark("HR systems"),
        mark("Which systems may ask for your organisation's data."),
        HR,
    ),
    Task(
        "/hr/webhooks",
        mark("Webhooks"),
        mark("Addresses of your HR systems that are told what changes."),
        HR,
    ),
    Task("/hr/exports", mark("Exports"), mark("Files of published scores."), HR),
    Task(
        "/hr/undelivered",
        mark("E-mail that came back"),
        mark("Whose address to mend in your HR system."),
        HR,
    ),
    Task(
        "/hr/break-glass",
        mark("Break-glass"),
        mark("Learn who gave feedback on somebody: two people, one hour, audited."),
        HR | {Role.DATA_PROTECTION_OFFICER},
    ),
    Task(
        "/comments",
        mark("Comments to check"),
        mark("Pass or withhold other departments' comments before release."),
        frozenset({Role.TEXT_MODERATOR}),
    ),
    Task(
        "/hr/reviews",
        mark("Scores to review"),
        mark("Scores that hang on one form."),
        frozenset({Role.TEXT_MODERATOR, Role.AUDITOR}),
    ),
    Task(
        "/moderation/views",
        mark("Views of consistency"),
        mark("How judgements are distributed across organisations."),
        frozenset({Role.CENTRAL_TEAM, Role.AUDITOR}),
    ),
    Task("/audit", mark("Audit"), mark("Who did and who read what."), OFFICERS),
)


@get("/hr", security=signed_in(*Role), **PAGE)
async def hr_index(
    request: AnyRequest, caller: NamedDependency[SignedIn]
) -> Response[Any]:
    """List what the caller's roles let them do."""
    return page(
        request,
        "hr/index.html",
        title=say("Administration"),
        tasks=[
            {"path": task.path, "name": say(task.name), "says": say(task.says)}
            for task in TASKS
            if task.roles & caller.roles
        ],
    )
