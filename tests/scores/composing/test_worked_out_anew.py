"""The same figures, worked out anew in plain Python from the text of the method."""

from statistics import fmean, variance
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.records.combining import Attainment
from service.scores.composing.composite import Component, components
from service.scores.composing.objective import Assessed
from service.scores.outcome import Outcome
from tests.scores.composing.people import (
    LEAD,
    MAJOR,
    SCALE,
    SUPPORTING,
    UNCOMBINED,
    an_objective,
    heard,
    record,
    unheard,
)

A = dict(zip(Attainment, (0, 0.5, 1, 1.1, 1.2), strict=True))
M = {LEAD: 1, MAJOR: 0.7, SUPPORTING: 0.3}
OBJECTIVES = st.lists(
    st.builds(
        an_objective,
        st.sampled_from([*Attainment]) | st.sampled_from([Attainment.MET, None]),
        role=st.sampled_from([LEAD, MAJOR, SUPPORTING]),
        weight=st.sampled_from([10, 25, 60]) | st.none(),
    ),
    max_size=4,
)
HEARD = st.just(unheard()) | st.builds(
    heard, st.integers(200, 900).map(lambda v: v / 10), st.sampled_from((0.61, 0.83))
)
PEOPLE = st.tuples(OBJECTIVES, HEARD)
WHOLE = st.tuples(
    OBJECTIVES.map(lambda mine: [each for each in mine if each.attainment]).filter(
        bool
    ),
    HEARD,
)
CYCLES = st.lists(PEOPLE, min_size=2, max_size=12) | st.tuples(
    st.lists(WHOLE, min_size=9, max_size=14), st.lists(PEOPLE, max_size=6)
).map(lambda both: both[0] + both[1])
"""Small ones with all that may be missing, and such as have a composite."""


def mean_and_size(mine: list[Assessed]) -> tuple[float, float, float] | None:
    if not mine or any(each.attainment is None for each in mine):
        return None
    unsaid = any(each.weight is None for each in mine)
    rows = []
    for each in mine:
        assert each.attainment is not None
        assert each.role is not None
        v = 1 if unsaid else each.weight or 1
        rows.append((A[each.attainment], v * M[each.role]))
    whole = sum(w for _, w in rows)
    o = sum(a * w for a, w in rows) / whole
    k = whole**2 / sum(w * w for _, w in rows)
    return o, k, sum(w * (a - o) ** 2 for a, w in rows) / whole


def worked_out(
    cycle: list[tuple[list[Assessed], Outcome]],
) -> list[tuple[float | None, float | None]]:
    """Figure from objectives and composite of everybody, not rounded."""
    people = [mean_and_size(mine) for mine, _ in cycle]
    known = [each for each in people if each is not None]
    nothing: list[tuple[float | None, float | None]] = [(None, None)] * len(cycle)
    if len(known) < 2:
        return nothing
    middle, all_of_it = fmean(o for o, _, _ in known), variance(o for o, _, _ in known)
    inside, freedom = sum(q for *_, q in known), sum(1 - 1 / k for _, k, _ in known)
    each_one = fmean(1 / k for _, k, _ in known)
    if inside < 1e-9 or freedom < 1e-9:
        k0 = 2.0
        between = all_of_it / (1 + k0 * each_one)
    else:
        between = all_of_it - inside / freedom * each_one
        k0 = inside / freedom / between if between > 1e-9 else 2.0
    if between < 1e-9:
        return nothing
    found: list[tuple[float | None, float | None]] = []
    for (_, outcome), each in zip(cycle, people, strict=True):
        if each is None:
            found.append((None, None))
            continue
        o, k, _ = each
        pull = k / (k + k0)
        value = 100 * (middle + pull * (o - middle)) / 1.2
        composite = None
        if outcome.value is not None and len(known) >= 10:
            z_o = pull * (o - middle) / between**0.5
            z_f = (outcome.value - SCALE.mean) / SCALE.deviation
            composite = min(max(50 + 10 * (z_f / 2 + z_o / 2), 0), 100)
        found.append((value, composite))
    return found


def is_rounded(part: Component, exact: float | None) -> bool:
    if part.value is None or exact is None:
        return part.value is None and exact is None
    return abs(part.value - exact) <= 0.05 + 1e-9


@given(CYCLES)
def test_every_figure_comes_out_the_same(
    cycle: list[tuple[list[Assessed], Outcome]],
) -> None:
    found: dict[UUID, list[Assessed]] = {}
    decided = {}
    for number, (mine, outcome) in enumerate(cycle):
        found[record(number)], decided[record(number)] = mine, outcome
    composed = components(found, decided, SCALE, UNCOMBINED)
    for number, (objectives, both) in enumerate(worked_out(cycle)):
        feedback, attained, composite = composed[record(number)]
        assert feedback.value == cycle[number][1].value
        assert is_rounded(attained, objectives), (attained, objectives)
        assert is_rounded(composite, both), (composite, both)
