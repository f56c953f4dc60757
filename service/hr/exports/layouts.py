"""Layouts of files that HR systems read: data, and an organisation's own before ours.

The law: a layout names columns that a row of scores has, or it is refused.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from service.edge.shaping import columns
from service.hr.exports.rules import BadLayout, ExportFormat
from service.hr.queries import SHAPE

HERE: Final = Path(__file__).parent / "layouts"
OWN: Final = "layouts"
"""Folder of the data folder with an organisation's own: `layouts/CODE/FORMAT.toml`."""
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MANAGER: Final = "manager_external_id"
"""What a row of a layout has beside a score's columns."""
FIELDS: Final = frozenset({*(name for name, _ in columns(SHAPE)), MANAGER})
Text = Annotated[str, Field(min_length=1, max_length=500)]


class Data(BaseModel):
    """What a layout's file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LayoutColumn(Data):
    """One column: a field of the row, words around fields, or always the same."""

    header: Text
    label: str = ""
    """For people, in a second line of headers."""
    field: str = ""
    template: str = ""
    """Words with fields in braces."""
    constant: str = ""
    values: Mapping[str, str] = Field(default_factory=dict)
    """What stands for each value of the field; another value is refused."""
    date: str = ""
    """How the field, a day or an instant, is written: `%Y/%m/%d`."""
    required: bool = False
    max_length: Annotated[int, Field(ge=1, le=32_000)] = 4_000

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(map(bool, (self.field, self.template, self.constant))) > 1:
            raise ValueError("a column has a field, a template or a constant")
        if (self.values or self.date) and not self.field:
            raise ValueError("values and date belong to a field")
        if unknown := self.fields - FIELDS:
            raise ValueError(f"there is no field {', '.join(sorted(unknown))}")
        try:
            self.template.format_map(dict.fromkeys(FIELDS, ""))
        except (ValueError, LookupError):
            raise ValueError("braces hold a field and nothing else") from None
        return self

    @property
    def fields(self) -> set[str]:
        """Return the fields that it needs."""
        named = {name for _, name, _, _ in Formatter().parse(self.template) if name}
        return named | ({self.field} if self.field else set())


class LayoutFile(Data):
    """One table of rows."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]
    object: str = ""
    """Oracle's name of what a row is: `PerfDocComplete`."""
    operation: str = "MERGE"
    """Oracle's word at the beginning of each row."""
    only_with: str = ""
    """Leaves out rows in which this field is empty."""
    columns: Annotated[list[LayoutColumn], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        if self.only_with and self.only_with not in FIELDS:
            raise ValueError(f"there is no field {self.only_with}")
        return self


class Layout(Data):
    """What a file for one HR system looks like."""

    title: Text
    note: Text
    """How far it was checked."""
    style: Literal["hdl", "csv"]
    header_rows: Annotated[int, Field(ge=1, le=2)] = 1
    files: Annotated[list[LayoutFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_of_its_style(self) -> Self:
        if self.style == "csv" and len(self.files) != 1:
            raise ValueError("a layout of CSV is one file")
        if self.style == "hdl" and not all(file.object for file in self.files):
            raise ValueError("each file of HDL names its object")
        return self

    @property
    def tells_of_managers(self) -> bool:
        """Say whether it has line managers' ids beside those of the people."""
        return any(
            MANAGER in column.fields for file in self.files for column in file.columns
        )


def layout_of(wanted: ExportFormat, organisation: str, data_dir: Path) -> Layout:
    """Return an organisation's own layout, or ours where it has none."""
    own = data_dir / OWN / organisation / f"{wanted}.toml"
    if CODE.fullmatch(organisation) and own.is_file():
        return read(own)
    return read(HERE / f"{wanted}.toml")


def read(path: Path) -> Layout:
    """Read a layout from its file."""
    try:
        return Layout.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadLayout(f"Mend {path.name}: {_words(error)}.") from None


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))} {first['msg']}".strip()
    return str(error)
