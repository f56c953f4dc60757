"""The first page: declare, gather, draw."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.edge.untraced import UNTRACED
from service.home.gathering import ends, gathered
from service.settings import settings
from service.web.language import say, say_many
from service.web.pages import PAGE, AnyRequest, page
from service.web.waiting import by


class HomePages(Controller):
    """What waits for whoever asks."""

    path = "/"

    @get(security=signed_in(), opt={UNTRACED: True}, **PAGE)
    async def home(
        self, request: AnyRequest, caller: NamedDependency[SignedIn]
    ) -> Response[str]:
        """List what waits for the caller, by when it is due."""
        now = settings().clock()
        found = await gathered(caller, now)
        return page(
            request,
            "home/home.html",
            title=say_many("%(num)s thing to do", "%(num)s things to do", len(found))
            if found
            else say("Nothing to do"),
            tasks=[
                {
                    "text": say(each.says, name=each.name)
                    if each.name
                    else say(each.says),
                    "path": each.path,
                    "by": None if each.due is None else by(each.due),
                    "late": ends(each) <= now,
                }
                for each in found
            ],
        )
