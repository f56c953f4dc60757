"""A score as HR systems read it, for PostgreSQL to write as JSON and as CSV.

The law: what is here is what `schemas.CollaborationScore` says, to the byte; and which
decision counts is what `scores.deciding.rules.stands` says. Tests hold both.
"""

from typing import Final

from service.edge.shaping import (
    Group,
    Shape,
    as_json,
    bare,
    each_of,
    figure,
    instant,
    listed,
    literal,
    plain,
    text,
)
from service.hr.schemas import Scale
from service.records.frameworks import codes, load
from service.scores.composing.composite import Name
from service.scores.deciding.stages import SETS_ASIDE
from service.scores.estimate import LEVEL

UNDER_APPEAL: Final = """
EXISTS (SELECT FROM score_appeal a WHERE a.score = s.id AND a.state = 'open')
"""
COMPONENT: Final[Shape] = {
    "name": text("e ->> 'name'"),
    "value": figure("(e ->> 'value')::numeric"),
    "interval": Group(
        {
            "low": figure("(e ->> 'low')::numeric"),
            "high": figure("(e ->> 'high')::numeric"),
            "level": bare(repr(LEVEL)),
        },
        "e ->> 'low' IS NOT NULL AND e ->> 'high' IS NOT NULL",
    ),
    "weight": figure("(e ->> 'weight')::numeric"),
    "coverage": figure("(e ->> 'coverage')::numeric"),
    "reason": text("e ->> 'reason'"),
    "points": bare("e ->> 'points'"),
    "level": text("e ->> 'level'"),
}
INTERVAL: Final = Group(
    {"low": figure("s.low"), "high": figure("s.high"), "level": bare(repr(LEVEL))},
    "s.low IS NOT NULL AND s.high IS NOT NULL",
)
FEEDBACK: Final[Shape] = {
    "name": plain(f"'{Name.FEEDBACK.value}'"),
    "value": figure("s.value"),
    "interval": INTERVAL,
    "weight": bare("'1.0'"),
    "coverage": bare("CASE WHEN s.value IS NULL THEN '0.0' ELSE '1.0' END"),
    "reason": plain("NULL"),
    "points": plain("NULL"),
    "level": plain("NULL"),
}
"""The one component of a score with which nothing else was composed."""
EPISODE: Final[Shape] = {
    "posting": text("e ->> 'title'"),
    "start": plain("e ->> 'start'"),
    "end": plain("e ->> 'end'"),
    "exposure_days": bare("e ->> 'days'"),
}
SCALE: Final = Scale()
BANDS: Final = "[" + ",".join(f'"{band.value}"' for band in SCALE.bands) + "]"
COMPOSED: Final = each_of(COMPONENT, "s.components")
WHOSE: Final[Shape] = {
    "id": plain("s.id"),
    "person": Group(
        {
            "source_system": text("CASE WHEN s.known_as IS NOT NULL THEN r.source END"),
            "external_id": text("s.known_as"),
            "id": plain("s.person"),
        }
    ),
    "organisation": text("s.organisation"),
    "record": Group(
        {"source_system": text("r.source"), "external_id": text("r.external_id")}
    ),
    "cycle": plain("s.cycle"),
    "period": Group(
        {
            "start": plain("make_date(c.year + f.years_on, f.month, f.day)"),
            "end": plain("make_date(c.year + 1 + f.years_on, f.month, f.day) - 1"),
        }
    ),
}
TOLD: Final[Shape] = {
    "episodes": listed(each_of(EPISODE, "s.episodes")),
    "state": plain("s.state"),
    "under_appeal": bare(UNDER_APPEAL),
    "reason": plain("s.reason"),
    "value": figure("s.value"),
    "band": plain("s.band"),
    "scale": Group(
        {
            "min": bare(f"'{SCALE.min}'"),
            "max": bare(f"'{SCALE.max}'"),
            "bands": listed(literal(BANDS)),
        }
    ),
    "interval": INTERVAL,
    "reliability": figure("s.reliability"),
    "confidence": plain("s.confidence"),
    "raters": Group(
        {"band": plain("s.raters"), "organisations": plain("s.organisations")},
        "s.raters IS NOT NULL AND s.organisations IS NOT NULL",
    ),
    "components": listed(
        f"CASE WHEN s.components IS NULL THEN concat('[', {as_json(FEEDBACK)}, ']')"
        f" ELSE {COMPOSED} END"
    ),
}
STANDS: Final[Shape] = {
    "inputs_digest": plain("n.inputs_digest"),
    "decision": Group(
        {
            "outcome": plain("d.outcome"),
            "reason": text("d.reason"),
            "by_role": plain("d.capacity"),
            "at": instant("d.decided_at"),
        },
        "d.id IS NOT NULL",
    ),
    "version": bare("s.version"),
    "changed_at": instant("s.changed_at"),
    "deleted_at": plain("NULL"),
    "signature": plain("s.signature"),
}


def shape_of(issuer: str) -> Shape:
    """Return a score's shape; `issuer` is the SQL of the service's own address."""
    url = f"{issuer} || '/v1/methods/' || n.method || '/' || n.method_version"
    method = Group(
        {
            "name": plain("n.method"),
            "version": bare("n.method_version"),
            "url": text(url),
        }
    )
    return {**WHOSE, **TOLD, "method": method, **STANDS}


def _years() -> str:
    """Return the first month, day and year's offset of each framework, as SQL rows."""
    begins = {code: load(code).calendar.year_begins for code in codes()}
    return ", ".join(
        f"('{code}', {day.month}, {day.day}, {day.years_on})"
        for code, day in begins.items()
    )


SET_ASIDE: Final = ", ".join(f"'{state.value}'" for state in sorted(SETS_ASIDE))
SOURCE: Final = f"""
FROM score s
JOIN appraisal_record r ON r.id = s.record
JOIN cycle c ON c.id = s.cycle
JOIN score_run n ON n.id = s.run
LEFT JOIN (VALUES {_years()}) AS f (framework, month, day, years_on)
    ON f.framework = c.framework
LEFT JOIN LATERAL (
    SELECT * FROM score_decision m WHERE m.score = s.id
    ORDER BY m.number DESC LIMIT 1) d
    ON d.run = s.run AND NOT EXISTS (
        SELECT FROM score_appeal a WHERE a.score = s.id AND a.decision = d.id
            AND a.state IN ({SET_ASIDE}))
"""  # noqa: S608 - our own
"""Where the values of a shape come from. The decision is `deciding.rules.stands`."""
