"""What an address allows, for those who ask with OPTIONS.

The law: every method that is served is named. Litestar names those of the first handler
of an address alone.
"""

from collections import defaultdict
from collections.abc import Mapping

from litestar import Litestar
from litestar.routes import HTTPRoute


def allowed(app: Litestar) -> Mapping[str, str]:
    """Return what `Allow` says, by the template of a path."""
    methods: dict[str, set[str]] = defaultdict(set)
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            methods[route.path_format] |= {*map(str, route.methods)}
    return {path: ", ".join(sorted(found)) for path, found in methods.items()}
