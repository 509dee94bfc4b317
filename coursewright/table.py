"""Every command, as a table that one can read: its words, where its function is, and what it is for.

The help comes from here, so that ``coursewright --help`` imports none of the commands. A test holds each line against
the docstring of its function. A command is listed when it works, not before.
"""

from typing import NamedTuple

WRITE = "Write a course"
GRADE = "Grade"
EXAMINE = "Examine"
VERIFY = "Verify and decide"
LOOK = "Look around"


class Entry(NamedTuple):
    """One line of the table."""

    words: str  # what one types after "coursewright": one word, or a group and a word
    function: str  # "module:function"
    help: str  # the first line of the function's docstring
    panel: str = ""  # the heading in the help; a command of a group stands under its group's


class Group(NamedTuple):
    """A word that commands share."""

    help: str
    panel: str


GROUPS: dict[str, Group] = {}

COMMANDS: tuple[Entry, ...] = ()
