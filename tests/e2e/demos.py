"""The small demo that several modules look at, and what they look at in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SMALL = ("demo", "--people", "120")
FIXED = {
    "organisations", "people", "records", "objectives_agreed", "responses", "scores",
    "pulled", "seconds",
}  # fmt: skip
"""What the design names; tests outside this repository read them."""
OURS = FIXED - {"seconds"}
SCORES = """
SELECT r.organisation, r.source, r.external_id, s.state, s.reason, s.value, s.low,
    s.high, s.raters
FROM score s JOIN appraisal_record r ON r.id = s.record ORDER BY 1, 2, 3
"""
ROWS = """
SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM posting),
    (SELECT count(*) FROM shared_objective), (SELECT count(*) FROM feedback_request),
    (SELECT count(*) FROM feedback_answer), (SELECT count(*) FROM data_sharing),
    (SELECT count(*) FROM oauth_client WHERE id LIKE 'demo-%'),
    (SELECT max(changed_at) FROM score)
"""


@dataclass(frozen=True)
class Demo:
    """A demo that was run, and what it said."""

    data: Path
    said: dict[str, Any]

    def same(self, said: dict[str, Any]) -> bool:
        return all(said[key] == self.said[key] for key in OURS)
