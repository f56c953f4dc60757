"""HTTP for scoring methods, which anyone may read: declare, delegate, present."""

from dataclasses import asdict

from litestar import Controller, get
from litestar.params import FromPath

from service.auth.guard import PUBLIC
from service.errors import NotFound
from service.hr.schemas import MethodComparison, MethodOut
from service.scores.comparing import comparisons
from service.scores.composing.method import COMPOSITE, CompositeMethod
from service.scores.estimate import METHODS, Method


class MethodController(Controller):
    """The formulas that scores come from."""

    path = "/v1/methods"
    tags = ("Scores",)

    @get(
        "/{name:str}/{version:int}",
        operation_id="getMethod",
        summary="Get a scoring method",
        security=PUBLIC,
    )
    async def method(self, name: FromPath[str], version: FromPath[int]) -> MethodOut:
        """Return a version of a scoring method, with its parameters and digest."""
        found: Method | CompositeMethod | None = METHODS.get((name, version))
        if (name, version) == (COMPOSITE.name, COMPOSITE.version):
            found = COMPOSITE
        if found is None:
            raise NotFound(f"No method {name} version {version}.")
        return MethodOut(
            name=found.name,
            version=found.version,
            digest=found.digest,
            parameters=dict(found.parameters),
            comparisons=[
                MethodComparison(**asdict(each))
                for each in await comparisons(name, version, found.digest)
            ],
        )
