import pytest

from tests.e2e.demos import Demo
from tests.e2e.running import ask

pytestmark = pytest.mark.slow

ACCOUNTS = """
SELECT s.value, a.service_average, a.own_average, a.rater_severity, a.limited_evidence,
    a.score
FROM score s LEFT JOIN score_account a ON a.run = s.run AND a.record = s.record
WHERE s.value IS NOT NULL
"""


def test_the_lines_of_everybody_in_the_demo_sum_to_their_score(demo: Demo) -> None:
    rows = ask(demo.data, ACCOUNTS)
    assert len(rows) == demo.said["scores"]["published"] > 0
    for value, *lines, score in rows:
        assert sum(lines) == pytest.approx(score, abs=1e-9)
        assert float(value) == pytest.approx(25 * (score - 1), abs=0.05 + 1e-9)
