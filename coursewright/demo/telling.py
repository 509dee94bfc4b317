"""The demo on a terminal: a line for each step as it ends, a table at the end, and where to look."""

import sys
import time

from coursewright.demo.setting import Setting
from coursewright.demo.story import STEPS, Played, Step
from coursewright.demo.summary import Summary, summary
from coursewright.output import print_table, say
from coursewright.printable import one_line


def tell(setting: Setting) -> Played:
    """Play every step, and say what comes of each."""
    played = Played()
    began = time.monotonic()
    for step in STEPS:
        _announce(step)
        started = time.monotonic()
        said = step.play(setting, played)
        _say(step, said, time.monotonic() - started)
    if played.facts is not None:
        _conclude(summary(setting, played.facts))
    _point(setting, played, time.monotonic() - began)
    return played


def _announce(step: Step) -> None:
    """On a terminal, say what is going on; the line is written over when the step has ended."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K  … {step.name}")
        sys.stdout.flush()


def _say(step: Step, said: str, seconds: float) -> None:
    width = max(len(each.name) for each in STEPS)
    if not sys.stdout.isatty():
        say(f"{step.name:<{width}}  {seconds:5.1f} s  {said}.")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    sys.stdout.write("\r\x1b[K")
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=width + 2, no_wrap=True)
    row.add_column(justify="right", width=6, no_wrap=True)
    row.add_column(overflow="fold")
    name = Text.assemble(("✓ ", "green"), (step.name, "bold"))
    row.add_row(name, Text(f"{seconds:.1f} s", style="dim"), Text(one_line(f"{said}.")))
    Console(highlight=False).print(row)


def _conclude(found: Summary) -> None:
    say()
    print_table(["", *found.columns], found.rows, right=found.columns)
    say()
    print_table([found.credential, "learners"], found.reasons, right=["learners"])
    if found.hostile:
        say()
        say(found.hostile)


def _point(setting: Setting, played: Played, seconds: float) -> None:
    say()
    say(f"Done in {seconds:.0f} seconds, with seed {setting.seed}. Open in a browser:")
    say(f"  {played.report}")
    if played.page is not None:
        say(f"  {played.page}")
