"""Numbers people and lays answers out in rows, as the arithmetic takes them.

Pure. The law: a number says nothing of who stands behind it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from service.feedback.forms import Tie
from service.feedback.signals.estimate import Floats, Forms, Whole


def network(ties: Sequence[Tie]) -> Forms:
    """Return who rates whom, everybody numbered in order of what they are called."""
    ends = numbered([*(tie.subject for tie in ties), *(tie.rater for tie in ties)])
    return Forms(
        int(ends.max()) + 1,
        ends[: len(ties)],
        ends[len(ties) :],
        table([tie.answers for tie in ties]),
        np.array([tie.on_last_day for tie in ties], dtype=np.bool_),
    )


def numbered(names: Sequence[object]) -> Whole:
    """Return a number from 0 for each name, the same for the same."""
    number = {name: place for place, name in enumerate(sorted(set(map(str, names))))}
    return np.array([number[str(name)] for name in names], dtype=np.int64)


def table(forms: Sequence[Mapping[str, int | None]]) -> Floats:
    """Return forms by items, in order of the items' codes; NaN where not observed."""
    items = sorted({item for form in forms for item in form})
    values = [[form.get(item) for item in items] for form in forms]
    return np.array(values, dtype=np.float64)
