"""SCIM filters and orders as SQL over people who are provisioned (RFC 7644, 3.4.2).

The law: what a caller writes becomes an argument of a statement, never a part of it;
whatever else is put into one stands in this module or in the published schemas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from scim2_models import InvalidFilterException, ScimFilter, SearchRequest
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.resolution import AttributeBinding, coerce_value

from service.directory.provisioning.rules import compared
from service.directory.provisioning.schemas import MODEL, User

KEY: Final = "name_key"
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "person::text",
        "externalId": "external_id",
        "userName": KEY,
        "active": "active",
        "meta.created": "created_at",
        "meta.lastModified": "changed_at",
    }
)
"""Attributes that are columns; the others are looked for in what was said."""
TIMES: Final = frozenset({"created_at", "changed_at"})
FLAG: Final = "active"
NOT_KEPT: Final = frozenset({"schemas", "meta"})
IN_ORDER: Final = "created_at, person"
OF_AN_EMAIL: Final[Mapping[str, str]] = MappingProxyType(
    {"value": "value", "type": "type", "primary": "primary"}
)
COMPARED: Final[Mapping[CompareOperator, str]] = MappingProxyType(
    {
        CompareOperator.eq: "{} = {}",
        CompareOperator.ne: "{} IS DISTINCT FROM {}",
        CompareOperator.co: "strpos({}, {}) > 0",
        CompareOperator.sw: "starts_with({}, {})",
        CompareOperator.ew: "right({0}, length({1})) = {1}",
        CompareOperator.gt: "{} > {}",
        CompareOperator.ge: "{} >= {}",
        CompareOperator.lt: "{} < {}",
        CompareOperator.le: "{} <= {}",
    }
)
WITHIN: Final = frozenset({CompareOperator.co, CompareOperator.sw, CompareOperator.ew})
"""Looks into a text, and so asks nothing of a time or of true and false."""
ORDERING: Final = frozenset(
    {CompareOperator.gt, CompareOperator.ge, CompareOperator.lt, CompareOperator.le}
)
LONGEST: Final = 2_000
"""Characters of a filter that are read."""
DEEPEST: Final = 32
"""Groups within groups."""


@dataclass(slots=True)
class Where:
    """A condition in SQL, and the arguments that it counts from $2 on."""

    condition: str = "true"
    arguments: list[object] = field(default_factory=list)

    def place(self, value: object, kind: str) -> str:
        """Add an argument, and return how the statement names it."""
        self.arguments.append(value)
        return f"${len(self.arguments) + 1}::{kind}"


def where(wanted: ScimFilter[Any] | None) -> Where:
    """Write a filter as a condition; refuse what cannot be asked."""
    found = Where()
    if wanted is not None:
        if len(wanted) > LONGEST:
            raise InvalidFilterException(
                detail=f"A filter has at most {LONGEST:,} characters here."
            )
        bound = ScimFilter[MODEL](wanted)
        found.condition = _Condition(bound, found).visit(wanted.ast)
    return found


class _Condition(FilterVisitor[str]):
    """Writes one node of a filter after another."""

    def __init__(
        self, wanted: ScimFilter[Any], found: Where, within: str | None = None
    ) -> None:
        """Write into `found`; `within` names the value that brackets look at."""
        self._wanted, self._found, self._within = wanted, found, within
        self._depth = 0

    def visit_logical_expr(self, node: LogicalExpr) -> str:
        """Join conditions."""
        joined = f" {node.op.value.upper()} ".join(self._deeper(t) for t in node.terms)
        return f"({joined})"

    def _deeper(self, node: Any) -> str:  # noqa: ANN401 - the library's base of nodes
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidFilterException(detail=f"Nest at most {DEEPEST} groups.")
        written = self.visit(node)
        self._depth -= 1
        return written

    def visit_not(self, node: Not) -> str:
        """Turn a condition round; what is neither true nor false is false first."""
        return f"NOT coalesce({self._deeper(node.expr)}, false)"

    def visit_present(self, node: Present) -> str:
        """Ask whether there is a value."""
        if self._within is not None:
            return f"{self._of_email(node.attr_path)} IS NOT NULL"
        binding = self._bound(node.attr_path)
        path = _path(binding)
        if _column(path) is not None:
            return f"{_column(path)} IS NOT NULL"
        return f"(said #> {_place(path)})::text NOT IN ('[]', '{{}}', '\"\"')"

    def visit_comparison(self, node: Comparison) -> str:
        """Compare an attribute with a value."""
        if self._within is not None:
            expression = self._of_email(node.attr_path)
            return self._compared(expression, node.op, _text(node.value), exact=False)
        binding = self._wanted.resolve_comparison(node.attr_path)
        if binding is None:
            raise _unknown(node.attr_path)
        value = coerce_value(binding, node.value, node.op)
        path = _path(binding)
        if binding.is_multivalued:
            inner = self._compared(
                f"(one ->> '{_sub(path)}')", node.op, _text(value), exact=False
            )
            return self._any(inner)
        column = _column(path) or f"(said #>> {_place(path)})"
        return self._compared(column, node.op, value, exact=binding.case_exact)

    def visit_value_path(self, node: ValuePath) -> str:
        """Ask whether one value of several is as the brackets say."""
        binding = self._bound(node.attr_path)
        if self._within is not None or _path(binding) != ["emails"]:
            raise _unknown(node.attr_path)
        inner = _Condition(self._wanted, self._found, within="one")
        inner._depth = self._depth
        return self._any(inner._deeper(node.val_filter))

    def _any(self, condition: str) -> str:
        return (
            "EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(said ->"
            f" 'emails') WHEN 'array' THEN said -> 'emails' ELSE '[]' END) AS one"
            f" WHERE {condition})"
        )

    def _bound(self, path: AttrPath) -> AttributeBinding:
        binding = self._wanted.resolve(path)
        if binding is None:
            raise _unknown(path)
        return binding

    def _of_email(self, path: AttrPath) -> str:
        known = {name.lower(): name for name in OF_AN_EMAIL}
        name = known.get(path.attr.lower())
        if name is None or path.sub_attr is not None:
            raise _unknown(path)
        return f"({self._within} ->> '{name}')"

    def _compared(
        self, expression: str, op: CompareOperator, value: object, *, exact: bool
    ) -> str:
        if value is None:
            negated = {CompareOperator.eq: "", CompareOperator.ne: "NOT "}
            if op not in negated:
                raise InvalidFilterException(detail="null is compared by eq and ne.")
            return f"{expression} IS {negated[op]}NULL"
        if isinstance(value, bool | datetime):
            kind = "boolean" if isinstance(value, bool) else "timestamptz"
            fitting = {FLAG} if isinstance(value, bool) else TIMES
            if expression not in fitting or op in WITHIN:
                raise InvalidFilterException(detail="Compare it with a text.")
            moment = _in_utc(value) if isinstance(value, datetime) else value
            return COMPARED[op].format(expression, self._found.place(moment, kind))
        text = str(_text(value))
        if "\0" in text or not _is_text(text):
            raise InvalidFilterException(detail="The value cannot be in any text.")
        if expression in TIMES:
            raise InvalidFilterException(detail="Compare it with a time.")
        if expression == KEY:
            text, exact = compared(text), True
        argument = self._found.place(text, "text")
        if not exact:
            expression, argument = f"lower({expression})", f"lower({argument})"
        if op in ORDERING:  # Only there: it would keep PostgreSQL off the indexes.
            argument = f'{argument} COLLATE "C"'
        return COMPARED[op].format(expression, argument)


def _in_utc(moment: datetime) -> datetime:
    """Return a moment as it is stored; without an offset, it is in UTC already."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidFilterException(detail="There is no such time.") from None


def _unknown(path: AttrPath) -> InvalidFilterException:
    return InvalidFilterException(detail=f"Nothing can be asked about {path}.")


def _text(value: object) -> object:
    """Return a value as `->>` gives it; null stays null."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.value if isinstance(value, Enum) else value


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _path(binding: AttributeBinding) -> list[str]:
    """Return where an attribute stands in a resource, as the schemas spell it."""
    core = f"{User.__schema__}:"
    if binding.urn.startswith(core):
        path = binding.urn.removeprefix(core).split(".")
    else:
        schema, _, name = binding.urn.rpartition(":User:")
        path = [f"{schema}:User", *name.split(".")]
    if path[0] in NOT_KEPT and ".".join(path) not in COLUMNS:
        raise InvalidFilterException(detail=f"Nothing can be asked about {path[0]}.")
    return path


def _column(path: Sequence[str]) -> str | None:
    return COLUMNS.get(".".join(path))


def _place(path: Sequence[str]) -> str:
    """Write where a value stands in what was said; the steps are the schemas' own."""
    steps = ",".join(f'"{step}"' for step in path)
    return f"'{{{steps}}}'"


def _sub(path: Sequence[str]) -> str:
    return OF_AN_EMAIL[path[-1]]


def order(request: SearchRequest[Any]) -> str:
    """Write the order asked for; those without a value come last, or first downwards.

    Without one, people come in the order in which they were provisioned.
    """
    binding = request.sort_binding(MODEL)
    if binding is None:
        return IN_ORDER
    path = _path(binding)
    column = _column(path)
    if column is None:
        if binding.is_multivalued:
            path = [path[0], "0", *path[1:]]
        column = f"(said #>> {_place(path)})"
    if binding.target_type is not bool and column not in TIMES:
        column = f'lower({column}) COLLATE "C"'
    down = request.sort_order == SearchRequest.SortOrder.descending
    return f"{column} {'DESC' if down else 'ASC'}, {IN_ORDER}"
