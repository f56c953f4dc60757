"""How far a command has come, on standard error, where that is a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn

Hears = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and of how much."""


@contextmanager
def progress(amount: ProgressColumn, *, patience: float = 0.0) -> Iterator[Hears]:
    """Show a bar for each step, once the work has taken `patience` seconds."""
    if not sys.stderr.isatty():
        yield _silent
        return
    begun = time.monotonic()
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, Any] = {}

    def hears(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done, visible=done < total)
        if time.monotonic() - begun >= patience:
            bars.start()

    try:
        yield hears
    finally:
        bars.stop()


def _silent(_step: str, _done: int, _total: int) -> None:
    return
