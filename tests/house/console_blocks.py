"""Reads the ``console`` blocks of a Markdown page, so that what a page shows can be run.

In a block, a line that starts with ``$ `` is a command (a backslash at its end continues it), and the lines below it
are lines of its output, in order; others may stand between them, ``…`` stands for any text within a line, and any
number of blanks is as good as one. A comment right above the block says what is special:

    <!-- not run: REASON -->    the block is only shown
    <!-- exit status 1 -->      its commands end with that status
    <!-- first: COMMAND -->     something to run, unseen, before it
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BLOCK = re.compile(r"(?P<notes>(?:^<!--.*?-->\n)*)^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(r"<!-- (?P<word>not run|exit status|first):? (?P<rest>.*?) -->", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A command that a page shows (or runs unseen), and what the page says about it."""

    line: int
    command: str
    output: tuple[str, ...] = ()
    status: int = 0


def commands(page: str) -> Iterator[Shown]:
    """The commands of the page that are to be run, in order."""
    for block in _BLOCK.finditer(page):
        notes = [(note["word"], note["rest"]) for note in _NOTE.finditer(block["notes"])]
        line = page.count("\n", 0, block.start("body")) + 1
        if block["notes"].count("<!--") != len(notes):
            raise ValueError(f"line {line}: a note above the block is none of: not run, exit status, first")
        if any(word == "not run" for word, _ in notes):
            continue
        yield from (Shown(line - 1, rest) for word, rest in notes if word == "first")
        status = int(next((rest for word, rest in notes if word == "exit status"), "0"))
        yield from _shown(block["body"].splitlines(), line, status)


def _shown(lines: Sequence[str], first_line: int, status: int) -> Iterator[Shown]:
    at = 0
    while at < len(lines):
        start = at
        if not lines[at].startswith("$ "):
            raise ValueError(f"line {first_line + at}: a console block starts with a command after '$ '")
        while lines[at].endswith("\\"):
            at += 1
        command = "\n".join(lines[start : at + 1])[2:]
        at += 1
        output_from = at
        while at < len(lines) and not lines[at].startswith("$ "):
            at += 1
        output = tuple(line.rstrip() for line in lines[output_from:at] if line.strip() not in ("", "…"))
        yield Shown(first_line + start, command, output, status)


def missing_line(expected: Sequence[str], actual: str) -> str | None:
    """The first expected line that the output does not have in its place, or None."""
    rest = iter(actual.splitlines())
    for line in expected:
        pattern = re.compile(".*".join(re.escape(_evened(part)) for part in line.split("…")))
        if not any(pattern.fullmatch(_evened(found.rstrip())) for found in rest):
            return line
    return None


def _evened(text: str) -> str:
    return re.sub(r" +", " ", text)
