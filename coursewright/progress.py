"""A progress bar on standard error, and only on a terminal: a pipe or a log file gets nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from coursewright.printable import one_line

Advance = Callable[[str], None]

_SECONDS_BETWEEN_DRAWINGS = 0.1


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """Show how far a long job is. No thread is started, so the job may fork.

    Args:
        what: the job in a word or two, such as "Grading".
        total: how many steps there are; None when nobody knows.

    Yields:
        A function to call after each step, with a short note on it (or an empty string).
    """
    if not sys.stderr.isatty():
        yield lambda note: None  # noqa: ARG005  (the same call as on a terminal)
        return
    from rich.console import Console  # here, for it is slow to import and only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    note_column = TextColumn("{task.fields[note]}", markup=False)
    bar = Progress(*columns, note_column, console=Console(stderr=True), transient=True, auto_refresh=False)
    with bar:
        task = bar.add_task(what, total=total, note="")
        bar.refresh()
        drawn = time.monotonic()

        def advance(note: str) -> None:
            nonlocal drawn
            bar.update(task, advance=1, note=one_line(note))
            if time.monotonic() - drawn >= _SECONDS_BETWEEN_DRAWINGS:
                bar.refresh()
                drawn = time.monotonic()

        yield advance
