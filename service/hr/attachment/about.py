"""What a page says around a record: whose it is, of which year, and by which dates.

The law: the dates are the cycle's alone; nothing of what raters do is in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.records.exposure import Episode, clipped
from service.records.frameworks import Stage, appraisal_year, load
from service.records.queries import RecordFact
from service.records.rules import CycleState

NAME: Final = """
(SELECT d.given_name || ' ' || d.family_name FROM person_details d
    WHERE d.person = {0} ORDER BY d.valid_to DESC NULLS FIRST, d.valid_from DESC,
    d.organisation, d.id LIMIT 1)
"""
MANAGER: Final = """
(SELECT l.manager FROM reporting_line l
    WHERE l.person = {0} AND l.kind = 'line'
        AND l.valid_from <= {1} AND (l.valid_to IS NULL OR l.valid_to > {1})
    ORDER BY l.valid_from, l.organisation, l.id LIMIT 1)
"""
ABOUT: Final = f"""
SELECT {NAME.format("r.person")} AS name, c.year, c.state, (SELECT
        coalesce((SELECT n.name FROM organisation_name n WHERE n.organisation = o.code
            AND n.kind = 'official' ORDER BY n.valid_from DESC, n.id LIMIT 1), o.code)
    FROM organisation o WHERE o.code = r.organisation) AS department,
    {MANAGER.format("r.person", "$3")} AS manager,
    (SELECT jsonb_object_agg(s.stage, s.starts_at) FROM cycle_stage s
        WHERE s.cycle = c.id) AS stages,
    (SELECT jsonb_agg(jsonb_build_array(p.organisation, p.title, p.valid_from,
            p.valid_to) ORDER BY p.valid_from, p.organisation, p.id)
        FROM posting p WHERE p.person = r.person
            AND p.organisation = r.organisation) AS postings
FROM appraisal_record r JOIN cycle c ON c.id = r.cycle WHERE r.id = $2
"""  # noqa: S608 - our own


@dataclass(frozen=True, slots=True)
class About:
    """Whose record it is, and of which year."""

    name: str
    department: str
    """That keeps it."""
    year: int
    state: CycleState
    framework: str
    """What it is called."""
    manager: UUID | None
    """The person's line manager today."""
    stages: Mapping[Stage, datetime]
    departments: Mapping[str, str]
    """What those are called that take part in its objectives, by their codes."""
    episodes: Sequence[Episode]
    """What the person did in the year in the department that keeps it."""

    @property
    def posts(self) -> list[tuple[str, date, date]]:
        """Return each post of the year, with its first and its last day in it."""
        day = timedelta(days=1)
        return [(each.title, each.start, each.end - day) for each in self.episodes]

    @property
    def years(self) -> str:
        """Return the appraisal year as people write it: 2026-27."""
        return f"{self.year}-{(self.year + 1) % 100:02}"


def about_from(
    on: RecordFact, row: Mapping[str, Any], departments: Mapping[str, str]
) -> About:
    """Return what stands around a record, from the row of `ABOUT`."""
    framework = load(on.framework)
    first, last = appraisal_year(framework, row["year"])
    return About(
        name=row["name"] or "",
        department=row["department"],
        year=row["year"],
        state=CycleState(row["state"]),
        framework=framework.title,
        manager=UUID(row["manager"]) if row["manager"] else None,
        stages={
            Stage(stage): datetime.fromisoformat(at)
            for stage, at in row["stages"].items()
        },
        departments={**departments, on.organisation: row["department"]},
        episodes=clipped(
            (
                (organisation, title, date.fromisoformat(start), end and _day(end))
                for organisation, title, start, end in row["postings"] or ()
            ),
            first,
            last + timedelta(days=1),
        ),
    )


def _day(written: str) -> date:
    return date.fromisoformat(written)
