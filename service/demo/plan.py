"""What a demo was asked to be, kept beside its data so that it can go on."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from service.errors import Conflict, Unprocessable

FILE: Final = "demo.json"


class AnotherDemo(Unprocessable):
    """The data directory holds a demo of another seed, size or input."""

    slug = "demo-another"


class NotADemo(Conflict):
    """The data directory holds data that no demo made."""

    slug = "demo-not-here"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which demo it is; the same plan gives the same numbers."""

    people: int
    seed: int
    data: str | None
    """Folder of real input; None: a sample is made."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan, and what it goes on with after it was stopped."""

    plan: Plan
    begun: datetime
    """The demo's present for good: another day must not make other numbers."""
    client_id: str
    client_secret: str


def kept(data_dir: Path) -> Kept | None:
    """Return what the data directory's demo is, if there is one."""
    try:
        text = (data_dir / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    values: dict[str, Any] = json.loads(text)
    return Kept(
        Plan(**values["plan"]),
        datetime.fromisoformat(values["begun"]),
        values["client_id"],
        values["client_secret"],
    )


def keep(data_dir: Path, plan: Plan, now: datetime) -> Kept:
    """Return the demo of this plan, noting it first if it is new.

    Refuses another plan than the one the directory's demo was begun with.
    """
    found = kept(data_dir)
    if found is None:
        client_id, client_secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        found = Kept(plan, now, f"demo-{client_id}", client_secret)
        _write(data_dir, found)
    if found.plan != plan:
        raise AnotherDemo(
            f"{data_dir} holds the demo of {_said(found.plan)}; you asked for"
            f" {_said(plan)}. Add --reset to begin again, or give JOINEDUP_DATA_DIR"
            " another folder."
        )
    return found


def _said(plan: Plan) -> str:
    what = f"{plan.people} people" if plan.data is None else plan.data
    return f"seed {plan.seed} and {what}"


def _write(data_dir: Path, found: Kept) -> None:
    """Write the file whole or not at all; it holds the demo client's secret."""
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = data_dir / f"{FILE}.new"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(found), file, default=str)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(data_dir / FILE)


def forget(data_dir: Path) -> None:
    """Forget the directory's demo."""
    (data_dir / FILE).unlink(missing_ok=True)
