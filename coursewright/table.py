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
    function: str  # "module:function", below coursewright.commands
    help: str  # the first line of the function's docstring
    panel: str = ""  # the heading in the help; a command of a group stands under its group's


class Group(NamedTuple):
    """A word that commands share."""

    help: str
    panel: str


GROUPS: dict[str, Group] = {
    "new": Group("Begin a course, a week or an item.", WRITE),
    "items": Group("Look after the questions of concept checks and exams.", WRITE),
    "exam": Group("Hold proctored exams, from the forms to the scores.", EXAMINE),
    "ledger": Group("Keep verified grades where nothing can be changed unseen.", VERIFY),
    "credential": Group("Issue credentials that anyone can check, and check them.", VERIFY),
}

COMMANDS: tuple[Entry, ...] = (
    Entry("new course", "new:course", "Make a course with its first week."),
    Entry("new week", "new:week", "Add a week to a course: a lesson, a practice notebook and a problem set."),
    Entry("new item", "new:item", "Add a question to a course's item bank."),
    Entry("items check", "items:check", "Try every item of a course, with its sample answers, over many variants."),
    Entry("items embed", "items:embed", "Write the items that a course's notebooks name into their cells."),
    Entry(
        "items preview",
        "items:preview",
        "Write a page with an item as learners see it, its key, and ten of its variants.",
    ),
    Entry(
        "items import",
        "interchange:import_file",
        "Take questions from another system into a course as drafts, with the scores that they give there.",
    ),
    Entry(
        "items export",
        "interchange:export_file",
        "Write a course's items, keys included, into a file for another system.",
    ),
    Entry("check", "check:check", "Find everything that would embarrass an instructor.", WRITE),
    Entry("build", "build:build", "Make the student versions of a course's assignments.", WRITE),
    Entry("publish", "publish:publish", "Put out what is due by a moment, and no more.", WRITE),
    Entry("grade", "grade:grade", "Grade the submissions of an assignment.", GRADE),
    Entry(
        "feedback",
        "feedback:feedback",
        "Write a page for each graded notebook, for the learner whose it is.",
        GRADE,
    ),
    Entry(
        "regrade",
        "regrade:regrade",
        "Grade again and show what would change; nothing is kept before --apply.",
        GRADE,
    ),
    Entry(
        "report",
        "report:report",
        "Write a page on a course or an assignment: scores, questions, errors, what needs a person.",
        GRADE,
    ),
    Entry("mark", "mark:mark", "Mark free text: one question at a time, without names.", GRADE),
    Entry(
        "similar",
        "similar:similar",
        "Show answers of different learners that are alike, side by side; a person decides what it means.",
        GRADE,
    ),
    Entry("exam assemble", "exam:assemble", "Assemble a form for each learner from the exam's blueprint."),
    Entry("exam open", "exam:open_section", "Open an exam's section for a learner: its time runs from now."),
    Entry(
        "exam submit",
        "exam:submit",
        "Hand in a learner's exam; what arrives after the deadline is kept and does not count.",
    ),
    Entry("exam mark", "exam:mark", "Give the points of an answer that waits for a person."),
    Entry("exam review", "exam:review", "Take in the proctor's review of an attempt."),
    Entry("exam grade", "exam:grade", "Score every attempt at an exam, as far as it can be."),
    Entry(
        "exam analyse",
        "exam:analyse",
        "Say how an exam's items did, and write a page on what to mend first.",
    ),
    Entry(
        "exam copying",
        "exam_statistics:copying",
        "Show pairs of learners whose answers agree more than expected; a person decides what it means.",
    ),
    Entry("exam angoff", "exam_statistics:angoff", "Compute the cut score of a panel's ratings, with its error."),
    Entry("exam equate", "exam_statistics:equate", "Say which score on an old form a score on a new one is worth."),
    Entry(
        "exam link",
        "exam_statistics:link",
        "Put a new calibration on the scale of an old one, without the anchors that drifted.",
    ),
    Entry(
        "calibrate",
        "calibrate:calibrate",
        "Estimate how hard items are and how well they tell learners apart, with standard errors.",
        EXAMINE,
    ),
    Entry("ledger init", "ledger:init", "Make an empty ledger and the key that signs it."),
    Entry("ledger append", "ledger:append", "Add the verified grades of a run, and say who has none and why."),
    Entry("ledger freeze", "ledger:freeze", "Close a run: from here on its grades change by amendment only."),
    Entry(
        "ledger amend",
        "ledger:amend",
        "Change a grade to what it comes to now; after the freeze, propose it for somebody else to approve.",
    ),
    Entry(
        "ledger approve",
        "ledger:approve",
        "Approve an amendment that somebody else proposed; from now on it is in force.",
    ),
    Entry("ledger withdraw", "ledger:withdraw", "Withdraw a proposed amendment, or turn it down."),
    Entry(
        "ledger proposals",
        "ledger:proposals",
        "List the amendments that are proposed and wait for somebody else.",
    ),
    Entry(
        "ledger forget",
        "ledger:forget",
        "Delete what tells which entries are a learner's; the entries stay, and the ledger still verifies.",
    ),
    Entry("ledger verify", "ledger:verify", "Replay the whole ledger and compare it with what was signed."),
    Entry("ledger head", "ledger:head", "Print the latest signed head as JSON, to be kept elsewhere."),
    Entry(
        "ledger prove",
        "ledger:prove",
        "Prove that an entry is in the ledger, or that it only grew since a head, to somebody who has only heads.",
    ),
    Entry("ledger check", "ledger:check", "Check a proof without the ledger, as an outsider does."),
    Entry(
        "eligibility",
        "eligibility:eligibility",
        "Say who has earned a program's credential, and why or why not.",
        VERIFY,
    ),
    Entry("credential issue", "credential:issue", "Issue a program's credential to everybody who has earned it."),
    Entry("credential verify", "credential:verify", "Check a credential: what it says is what its issuer signed."),
    Entry(
        "credential page",
        "credential:page",
        "Write a page that shows a credential and has the reader's own browser verify it.",
    ),
    Entry(
        "demo",
        "demo:demo",
        "Play one run of the sample course, from its source to credentials and a report.",
        LOOK,
    ),
    Entry("doctor", "doctor:doctor", "Say what this machine offers for grading safely.", LOOK),
)
