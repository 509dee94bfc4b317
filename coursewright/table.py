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


GROUPS: dict[str, Group] = {
    "items": Group("Look after the questions of concept checks and exams.", WRITE),
    "credential": Group("Issue credentials that anyone can check, and check them.", VERIFY),
    "ledger": Group("Keep verified grades where nothing can be changed unseen.", VERIFY),
}

COMMANDS: tuple[Entry, ...] = (
    Entry("check", "coursewright.commands.check:check", "Find everything that would embarrass an instructor.", WRITE),
    Entry("build", "coursewright.commands.build:build", "Make the student versions of a course's assignments.", WRITE),
    Entry("grade", "coursewright.commands.grade:grade", "Grade the submissions of an assignment.", GRADE),
    Entry("doctor", "coursewright.commands.doctor:doctor", "Say what this machine offers for grading safely.", LOOK),
    Entry(
        "items check",
        "coursewright.commands.items:check",
        "Try every item of a course, with its sample answers, over many variants.",
    ),
    Entry(
        "items embed",
        "coursewright.commands.items:embed",
        "Write the items that a course's notebooks name into their cells.",
    ),
    Entry("ledger init", "coursewright.commands.ledger:init", "Make an empty ledger and the key that signs it."),
    Entry(
        "ledger freeze",
        "coursewright.commands.ledger:freeze",
        "Close a run: from here on its grades change by amendment only.",
    ),
    Entry(
        "ledger verify",
        "coursewright.commands.ledger:verify",
        "Replay the whole ledger and compare it with what was signed.",
    ),
    Entry(
        "ledger head",
        "coursewright.commands.ledger:head",
        "Print the latest signed head as JSON, to be kept elsewhere.",
    ),
    Entry(
        "ledger prove",
        "coursewright.commands.ledger:prove",
        "Prove that an entry is in the ledger, to somebody who has only a signed head.",
    ),
    Entry(
        "eligibility",
        "coursewright.commands.eligibility:eligibility",
        "Say who has earned a program's credential, and why or why not.",
        VERIFY,
    ),
    Entry(
        "credential issue",
        "coursewright.commands.credential:issue",
        "Issue a program's credential to everybody who has earned it.",
    ),
    Entry(
        "credential verify",
        "coursewright.commands.credential:verify",
        "Check a credential: what it says is what its issuer signed.",
    ),
)
