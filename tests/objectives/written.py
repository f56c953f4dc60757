"""Days and figures that cannot be kept, or are not written as in JSON."""

DAYS = ("0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31")
"""The first and the last are what a driver takes for infinity."""
LAX_DAYS: tuple[object, ...] = (
    "2026-12-01T00:00:00",
    "1767225600",
    0,
    1767225600,
    " 2026-12-01",
    "2026-12-01\n",
)
LAX = ("1_0", " 10 ", "\u0661\u0660", "\uff11\uff10", "+10", "010", "10\n", True)
