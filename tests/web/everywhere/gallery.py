"""Every page of the service, with somebody to whom it is shown.

Nothing is left out by hand: `test_nothing_is_missing` holds this against the app.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.factories import IN_THE_YEAR
from tests.objectives.assessing.assessed import AT_THE_END
from tests.scores.moderation.sitting import CROSS, OVERALL, PUBLISHED
from tests.web.everywhere.scene import (
    AFTER,
    SECOND_CLOSED,
    THIRD_END,
    THIRD_OPEN,
    World,
)

STRANGER = ""
NO_PAGE = {"/hr/exports/{export}/file"}
"""A file."""
BESIDE = {"/embed/records/{record}"}
"""What other sites' pages frame: open to whoever has the link, and for no session."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page, and who looks at it when."""

    route: str
    path: str
    who: str
    at: datetime
    leads: bool = False
    """Whether it leads on to another page."""
    by_link: bool = False
    """Whether they came in by a link and a code."""


def _open(world: World) -> Iterator[Visit]:
    for name in ("help", "privacy", "cookies", "accessibility", "signed-out"):
        yield Visit(f"/{name}", f"/{name}", STRANGER, AFTER)
    yield Visit("/sign-in", "/sign-in", STRANGER, AFTER)
    yield Visit("/sign-in/development", "/sign-in/development", STRANGER, AFTER)
    yield Visit("/dev/mail", "/dev/mail", STRANGER, AFTER)
    mail = world.things["mail"]
    yield Visit("/dev/mail/{mail}", f"/dev/mail/{mail}", STRANGER, AFTER)
    card = f"/embed/records/{world.things['card']}"
    yield Visit("/embed/records/{record}", card, STRANGER, AFTER)


def _own(world: World) -> Iterator[Visit]:
    """Home, people, records, results."""
    yield Visit("/", "/", "hmt-head", AFTER)
    yield Visit("/", "/", "dwp1", THIRD_OPEN)
    yield Visit("/notices", "/notices", "hmt-head", AFTER)
    for what, who in (("decision", "hmt-head"), ("appeal", "hmt2")):
        score = f"/scores/{world.things['score']}/{what}"
        yield Visit(f"/scores/{{score}}/{what}", score, who, AFTER, leads=True)
    yield Visit("/people", "/people", "hmt-head", AFTER)
    yield Visit("/directory", "/directory?q=sam", "hmt1", AFTER)
    yield Visit("/records", "/records", "hmt1", AFTER)
    on = "/records/{record}"
    at = f"/records/{world.first.records['hmt1'].id}"
    yield Visit(on, at, "hmt1", AFTER)
    yield Visit(on, at, "hmt-head", AFTER)
    yield Visit(f"{on}/results", f"{at}/results", "hmt1", AFTER)
    yield Visit(f"{on}/results", f"{at}/results", "hmt-head", AFTER)
    yield Visit(f"{on}/decision", f"{at}/decision", "hmt-head", AFTER)
    two = f"/records/{world.first.records['hmt2'].id}"
    yield Visit(f"{on}/appeal", f"{two}/appeal", "hmt2", AFTER)
    yield Visit(f"{on}/appeal", f"{two}/appeal", "hr", AFTER)
    later = world.year(world.third).records["hmt4"]
    pool = f"/records/{later.id}/raters"
    who, when = "hmt-head", THIRD_OPEN
    yield Visit(f"{on}/raters", pool, who, when)
    yield Visit(f"{on}/raters/find", f"{pool}/find?q=sam", who, when)
    one = f"{pool}/{world.things['nomination']}"
    yield Visit(f"{on}/raters/{{nomination}}/veto", f"{one}/veto", who, when)
    yield Visit(
        f"{on}/raters/{{nomination}}/objection", f"{one}/objection", "hmt4", when
    )


def _rating(world: World) -> Iterator[Visit]:
    at = f"/feedback/{world.things['request of dwp1']}"
    on = "/feedback/{request_id}"
    yield Visit("/feedback", "/feedback", "dwp1", THIRD_OPEN)
    yield Visit(on, at, "dwp1", THIRD_OPEN)
    for step in ("decline", "check", "saved"):
        yield Visit(f"{on}/{{step}}", f"{at}/{step}", "dwp1", THIRD_OPEN)
    sent = f"/feedback/{world.things['request of dwp2']}"
    yield Visit(f"{on}/{{step}}", f"{sent}/sent", "dwp2", THIRD_OPEN)
    link, on = f"/feedback-links/{world.things['token']}", "/feedback-links/{token}"
    yield Visit(
        "/feedback-links/declined", "/feedback-links/declined", STRANGER, THIRD_OPEN
    )
    yield Visit(on, link, STRANGER, THIRD_OPEN)
    yield Visit(f"{on}/code", f"{link}/code", STRANGER, THIRD_OPEN)
    for step in ("form", "decline"):
        yield Visit(
            f"{on}/{{step}}", f"{link}/{step}", STRANGER, THIRD_OPEN, by_link=True
        )


def _setting(world: World) -> Iterator[Visit]:
    """Objectives until they are agreed."""
    things, when = world.things, IN_THE_YEAR
    yield Visit("/objectives", "/objectives", "hmt-head", when)
    on = "/objectives/{objective}"
    mine = world.year(world.third).records["hmt1"].id
    new = f"/objectives/new?record={mine}"
    yield Visit("/objectives/new", new, "hmt-head", when)
    yield Visit("/objectives/templates", "/objectives/templates", "hmt-head", when)
    yield Visit(
        "/objectives/templates/{template}",
        f"/objectives/templates/{things['template']}",
        "hmt-head",
        when,
    )
    draft = f"/objectives/{things['draft']}"
    for step in (
        "outcome",
        "partners",
        "shares",
        "costs",
        "place",
        "check",
        "withdrawal",
    ):
        yield Visit(f"{on}/{step}", f"{draft}/{step}", "hmt-head", when)
    yield Visit(f"{on}/partners/find", f"{draft}/partners/find?q=sam", "hmt-head", when)
    whom = f"person={world.people['moj1']}&organisation=moj"
    yield Visit(f"{on}/partners/new", f"{draft}/partners/new?{whom}", "hmt-head", when)
    yield Visit(
        f"{on}/partners/{{contribution}}/removal",
        f"{draft}/partners/{things['draft_part']}/removal",
        "hmt-head",
        when,
    )
    at = f"/objectives/{things['proposed']}"
    yield Visit(f"{on}/agreement", f"{at}/agreement", "hmt1", when)
    yield Visit(f"{on}/return", f"{at}/return", "hmt1", when)
    yield Visit(f"{on}/dispute", f"{at}/dispute", "dft-head", when)
    part = f"{at}/contributions/{things['proposed_part']}"
    of_part = f"{on}/contributions/{{contribution}}"
    yield Visit(f"{of_part}/refusal", f"{part}/refusal", "dft-head", when)
    settle = f"/objectives/{things['disputed']}/disputes/{things['dispute']}"
    for way, who in (("keep", "hmt-head"), ("drop", "dft-head")):
        yield Visit(f"{on}/disputes/{{dispute}}/{{way}}", f"{settle}/{way}", who, when)


def _working(world: World) -> Iterator[Visit]:
    """Objectives under way and at their end."""
    things, when, on = world.things, IN_THE_YEAR, "/objectives/{objective}"
    at = f"/objectives/{things['agreed']}"
    yield Visit(on, f"/objectives/{things['closing']}", "hmt1", when)
    yield Visit(on, f"/objectives/{things['disputed']}", "hmt-head", when)
    over_time = f"/objectives/{things['closing']}/progress"
    yield Visit(f"{on}/progress", over_time, "dft1", when)
    yield Visit(
        f"{on}/history", f"/objectives/{things['closing']}/history", "dft1", when
    )
    for step, who in (
        ("status", "hmt1"),
        ("dissent", "dft1"),
        ("milestones/new", "hmt-head"),
        ("indicators/new", "hmt-head"),
    ):
        yield Visit(f"{on}/{step}", f"{at}/{step}", who, when)
    stone, figure = things["milestone"], f"{at}/indicators/{things['indicator']}"
    yield Visit(
        f"{on}/milestones/{{milestone}}", f"{at}/milestones/{stone}", "hmt-head", when
    )
    yield Visit(f"{on}/indicators/{{indicator}}", figure, "hmt-head", when)
    yield Visit(
        f"{on}/indicators/{{indicator}}/readings/new",
        f"{figure}/readings/new",
        "dft1",
        when,
    )
    of_part, part = (
        f"{on}/contributions/{{contribution}}",
        f"{at}/contributions/{things['agreed_part']}",
    )
    yield Visit(f"{of_part}/departure", f"{part}/departure", "dft-head", when)
    yield Visit(f"{of_part}/thanks", f"{part}/thanks", "hmt1", when)
    yield Visit(f"{of_part}/assessment", f"{part}/assessment", "dft-head", THIRD_END)
    yield Visit(f"{on}/assessment", f"{at}/assessment", "hmt-head", THIRD_END)
    waits = f"/objectives/{things['waiting']}/assessments/{things['assessment']}"
    yield Visit(f"{on}/assessments/{{assessment}}", waits, "dft-head", AT_THE_END)
    closing = f"/objectives/{things['closing']}/closure"
    yield Visit(f"{on}/closure", closing, "hmt-head", AT_THE_END)


def _administering(world: World) -> Iterator[Visit]:
    things, later = world.things, world.year(world.third)
    pages: Mapping[str, str] = {
        "/hr": "/hr",
        "/hr/people-import": "/hr/people-import",
        "/hr/people-import/{upload}": f"/hr/people-import/{things['upload']}",
        "/hr/people-import/{upload}/done": (
            f"/hr/people-import/{things['imported']}/done"
        ),
        "/hr/cycles": "/hr/cycles",
        "/hr/cycles/new": "/hr/cycles/new?framework=uk-scs-2025&year=2029",
        "/hr/cycles/{cycle}": f"/hr/cycles/{later.cycle}",
        "/hr/cycles/{cycle}/dates": f"/hr/cycles/{later.cycle}/dates",
        "/hr/cycles/{cycle}/extend-feedback": (
            f"/hr/cycles/{later.cycle}/extend-feedback"
        ),
        "/hr/progress": "/hr/progress?unit=Policy",
        "/hr/roles": "/hr/roles",
        "/hr/roles/new": "/hr/roles/new?q=sam",
        "/hr/roles/{grant}/end": f"/hr/roles/{things['grant']}/end",
        "/hr/clients": "/hr/clients",
        "/hr/clients/new": "/hr/clients/new",
        "/hr/clients/{client}": f"/hr/clients/{things['client']}",
        "/hr/clients/{client}/disable": f"/hr/clients/{things['client']}/disable",
        "/hr/webhooks": "/hr/webhooks",
        "/hr/webhooks/new": "/hr/webhooks/new",
        "/hr/webhooks/{webhook}": f"/hr/webhooks/{things['webhook']}",
        "/hr/webhooks/{webhook}/delete": f"/hr/webhooks/{things['webhook']}/delete",
        "/hr/exports": "/hr/exports",
        "/hr/exports/{export}/file": f"/hr/exports/{things['export']}/file",
        "/hr/undelivered": "/hr/undelivered",
        "/hr/break-glass": "/hr/break-glass",
        "/hr/break-glass/new": "/hr/break-glass/new",
        "/hr/break-glass/{opening}": f"/hr/break-glass/{things['opening']}",
    }
    for route, path in pages.items():
        yield Visit(route, path, "hr", AFTER)
    yield Visit("/hr/cycles/new", "/hr/cycles/new", "hr", AFTER)
    yield Visit("/audit", "/audit", "auditor", AFTER)
    yield Visit("/audit/disclosures", "/audit/disclosures", "auditor", AFTER)


def _moderating(world: World) -> Iterator[Visit]:
    things, scene = world.things, world.first
    yield Visit("/comments", "/comments", "moderator", SECOND_CLOSED)
    comment = f"/comments/{things['comment']}"
    yield Visit("/comments/{comment}", comment, "moderator", SECOND_CLOSED)
    yield Visit("/hr/reviews", "/hr/reviews", "moderator", SECOND_CLOSED)
    decided = f"/hr/reviews?cycle={scene.cycle}"
    yield Visit("/hr/reviews", decided, "auditor", AFTER)
    review = f"/hr/reviews/{things['review']}"
    yield Visit("/hr/reviews/{review}", review, "moderator", SECOND_CLOSED)
    yield Visit("/moderation", "/moderation", "hr", OVERALL)
    panels, at = "/moderation/panels/{panel}", f"/moderation/panels/{things['panel']}"
    yield Visit("/moderation/panels/new", "/moderation/panels/new", "hr", OVERALL)
    yield Visit(panels, at, "dpo", OVERALL)
    yield Visit(panels, at, "hr", OVERALL)
    yield Visit(f"{panels}/records", f"{at}/records", "dpo", OVERALL)
    yield Visit(f"{panels}/members/new", f"{at}/members/new?q=sam", "hr", OVERALL)
    end = f"{at}/members/{world.people['dpo']}/end"
    yield Visit(f"{panels}/members/{{member}}/end", end, "hr", OVERALL)
    on = world.first.records["hmt1"].id
    yield Visit(f"{panels}/records/{{record}}", f"{at}/records/{on}", "dpo", OVERALL)
    told = f"/moderation/records/{on}"
    yield Visit("/moderation/records/{record}", told, "hmt-head", OVERALL)
    yield Visit("/moderation/records/{record}", told, "hmt1", PUBLISHED)
    views = "/moderation/views"
    yield Visit(views, views, "central", CROSS)
    yield Visit(f"{views}/{{cycle}}", f"{views}/{scene.cycle}", "central", CROSS)
    taken = f"{views}/{scene.cycle}/cross_government"
    yield Visit(f"{views}/{{cycle}}/{{kind}}", taken, "central", CROSS)


ROOMS: Mapping[str, Callable[[World], Iterator[Visit]]] = {
    "open": _open,
    "own": _own,
    "rating": _rating,
    "setting": _setting,
    "working": _working,
    "administering": _administering,
    "moderating": _moderating,
}


def gallery(world: World) -> list[Visit]:
    """Return a visit to every page, and more where it looks different to others."""
    return [visit for room in ROOMS.values() for visit in room(world)]
