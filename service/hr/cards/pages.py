"""The card itself, for a frame in a portal's page.

The law: it knows no visitor: no cookie is read or set, and it leads nowhere but here.
"""

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from service.auth.guard import PUBLIC
from service.hr import wording
from service.hr.cards import actions
from service.objectives import wording as objectives
from service.settings import settings
from service.web.language import say, spoken
from service.web.pages import PAGE, AnyRequest, html, policy
from service.web.templating import draw

GONE = 410


@get("/embed/records/{record:str}", security=PUBLIC, **PAGE)
async def card(
    request: AnyRequest, record: FromPath[str], key: FromQuery[str]
) -> Response[str]:
    """Show what the HR system may read of a record; the link says of which."""
    found = await actions.shown(
        record, key, issuer=request.app.state.issuer, now=settings().clock()
    )
    answer = html(
        draw(
            "cards/card.html",
            {
                "lang": spoken(),
                "title": say("Work across departments"),
                "record": found.shown,
                "score": wording.in_words(found.shown.score) if found.shown else None,
                "words": wording,
                "terms": objectives,
            },
        ),
        status=200 if found.shown else GONE,
        allowed=policy(
            form_action="'none'", frame_ancestors=" ".join(found.portals) or "'none'"
        ),
    )
    # A portal may itself take in nothing that does not say so.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
