"""What people fill in: read, checked, and given back with their words kept.

The law: nobody types anything twice because something else was wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

from litestar import Request
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from service.errors import Malformed, NotFound, Refusal, UnsupportedMediaType
from service.web.language import mark, say
from service.web.refusing import sentence_of

FORM: Final = "application/x-www-form-urlencoded"
CSRF: Final = "_csrf"
MOST_FIELDS: Final = 1_000
WHOLE: Final = ""
"""The field of an error that is of none."""
ANY: Final = "*"
UNSAID: Final = mark("Check this answer")

F = TypeVar("F", bound="Form")


class Form(BaseModel):
    """What a form asks. A field that was left empty counts as not sent.

    A field that may be sent several times is a list or a tuple.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _as_sent(cls, sent: Any) -> Any:  # noqa: ANN401 - whatever is to be validated
        if not isinstance(sent, Sent):
            return sent
        return {
            name: list(values) if _is_many(cls, name) else values[-1]
            for name, values in sent.values.items()
            if any(values)
        }


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form as they came, by name, line ends as one character."""

    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Filled(Generic[F]):
    """A form as somebody filled it in."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Their words by field, as they wrote them."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """A sentence by field, in the form's order; `WHOLE` stands for no field."""
    form: F | None = field(default=None, repr=False)
    """What was asked for, if nothing is wrong."""

    def value(self, name: str) -> str:
        """Return what was written in a field, or nothing."""
        return self.values.get(name, ("",))[-1]

    def checked(self, name: str, value: object) -> bool:
        """Say whether a box or button of a field was chosen."""
        return str(value) in self.values.get(name, ())

    def refused(
        self, refusal: Refusal, fields: Mapping[str, str] = MappingProxyType({})
    ) -> "Filled[F]":
        """Return it with what a rule says against it.

        `fields` names the field of a refusal's pointer (`#/reason`) or of its slug.
        Whatever is not there for them stays so.
        """
        if isinstance(refusal, NotFound):
            raise refusal
        pointed = {
            fields.get(fault.pointer or "", WHOLE): fault.detail
            for fault in refusal.faults
        }
        said = sentence_of(refusal)
        errors = pointed or {fields.get(refusal.slug, WHOLE): said}
        return replace(self, errors={**self.errors, **errors}, form=None)


def started(**values: object) -> Filled[Any]:
    """Return a form with what is in it before anybody writes."""
    return Filled(
        {
            name: tuple(map(str, value))
            if isinstance(value, (list, tuple, set, frozenset))
            else (str(value),)
            for name, value in values.items()
            if value is not None
        }
    )


async def read(
    request: Request[Any, Any, Any],
    model: type[F],
    sentences: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Filled[F]:
    """Read a form that was sent, and say of each field what is wrong with it.

    `sentences` has one for a field and the type of pydantic's error, or for a field
    and `*`; they are translated here.
    """
    return checked((await sent(request)).values, model, sentences)


async def sent(request: Request[Any, Any, Any]) -> Sent:
    """Return the fields of a form as they came, but for what guards it."""
    if request.content_type[0] != FORM:
        raise UnsupportedMediaType(f"Send a form, as {FORM}.")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Malformed("The form cannot be read: open the page again.") from None
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise Malformed("Take the character U+0000 out of the form.")
        if name != CSRF:
            clean = value.replace("\r\n", "\n").replace("\r", "\n")
            values[name] = (*values.get(name, ()), clean)
    return Sent(values)


def checked(
    values: Mapping[str, tuple[str, ...]],
    model: type[F],
    sentences: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Filled[F]:
    """Check what was written in a form against what it asks."""
    try:
        form = model.model_validate(Sent(values))
    except ValidationError as wrong:
        return Filled(values, _errors(wrong, model, sentences))
    return Filled(values, form=form)


def _errors(
    wrong: ValidationError,
    model: type[Form],
    sentences: Mapping[tuple[str, str], str],
) -> dict[str, str]:
    """Return the first sentence of each field, in the order the form asks."""
    found: dict[str, str] = {}
    for error in wrong.errors(include_url=False, include_input=False):
        name = str(error["loc"][0]) if error["loc"] else WHOLE
        said = sentences.get((name, error["type"])) or sentences.get((name, ANY))
        found.setdefault(name, say(said or UNSAID))
    asked = [*model.model_fields, *found]
    return {name: found[name] for name in dict.fromkeys(asked) if name in found}


def _is_many(model: type[Form], name: str) -> bool:
    asked = model.model_fields.get(name)
    kind = getattr(asked.annotation, "__origin__", None) if asked else None
    return kind in {list, tuple, set, frozenset}
