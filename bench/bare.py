"""The least that this framework can do: what everything else is compared with."""

from litestar import Litestar, get

SCORE = {"id": "a" * 36, "state": "published", "value": 71.5, "version": 1}


@get("/", sync_to_thread=False)
def bare() -> dict[str, object]:
    """Answer with a little JSON and do nothing for it."""
    return SCORE


app = Litestar([bare], openapi_config=None, logging_config=None)
