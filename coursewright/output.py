"""What commands print: JSON for programs, tables for people.

Standard output holds the results and nothing else; what is said about the run goes to standard error.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from coursewright.printable import one_line, printable


def print_json(value: object) -> None:
    """Print the value as one line of JSON with sorted keys; decimals and times are strings."""
    sys.stdout.buffer.write(msgspec.json.encode(value, order="sorted") + b"\n")
    sys.stdout.buffer.flush()


def print_json_stream(name: str, values: Iterable[object], rest: Mapping[str, object]) -> None:
    """Print an object with a long list in it as :func:`print_json` does, with one value of it in memory at a time.

    Args:
        name: the list's key.
        values: what is in it.
        rest: the other keys, all of which sort after ``name``.
    """
    out = sys.stdout.buffer
    out.write(b"{" + msgspec.json.encode(name) + b":[")
    for number, value in enumerate(values):
        out.write((b"," if number else b"") + msgspec.json.encode(value, order="sorted"))
    out.write(b"]," + msgspec.json.encode(rest, order="sorted")[1:] + b"\n")
    out.flush()


def say(text: str = "") -> None:
    """Print a line of the result for people."""
    print(printable(text))  # noqa: T201


def counted(number: int, thing: str) -> str:
    """The number of things, such as "1 error" or "3 errors"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print the rows in columns that line up: wrapped to a terminal, in full to a pipe.

    Args:
        headings: one for each column.
        rows: as many values as there are headings; None is shown as an empty place.
        right: the headings of the columns that are aligned to the right, usually numbers.
    """
    shown = [["" if value is None else one_line(str(value)) for value in row] for row in rows]
    lines = _folded if sys.stdout.isatty() else _in_full
    for line in lines(headings, shown, right):
        print(line.rstrip())  # noqa: T201


def _in_full(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> Iterator[str]:
    """Columns as wide as what is in them; Rich would take minutes for 100,000 rows."""
    from rich.cells import cell_len  # here, for Rich is slow to import and --json needs none of it

    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    to_the_right = [heading in right for heading in headings]
    for row in (headings, *rows):
        cells = []
        for text, width, moved in zip(row, widths, to_the_right, strict=True):
            space = " " * (width - cell_len(text))
            cells.append(space + text if moved else text + space)
        yield "  ".join(cells)


def _folded(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> Iterator[str]:
    """Columns that fit into the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False)
    with console.capture() as drawn:
        console.print(table)
    yield from drawn.get().splitlines()
