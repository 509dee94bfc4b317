"""Every command, as a table that one can read: its words, where its function is, and what it is for.

The help comes from here, so that ``coursewright --help`` imports none of the commands. A test holds each line against
the docstring of its function. A command is listed when it works, not before.
"""

from typing import NamedTuple

WRITE = "Write a course"
GRADE = "Grade"
EXAMINE = "Examine"
VERIFY = "Verify and decide"
EXCHANGE = "Exchange grades"
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
    "key": Group("Look after the issuer's keys and where they are published.", VERIFY),
    "credential": Group("Issue credentials that anyone can check, and check them.", VERIFY),
    "summary": Group("Show admissions offices what a learner chose to show, and take it back.", VERIFY),
    "export": Group("Give grades to other systems.", EXCHANGE),
    "import": Group("Take grades from other systems in as evidence.", EXCHANGE),
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
        "Write a page or notebook with an item as learners see it, its key, and ten of its variants.",
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
    Entry("items review", "item_life:review", "Say that you have reviewed an item as it is now."),
    Entry("items status", "item_life:status", "Move an item on in its life: to pilot, say, or to retired."),
    Entry("items register", "item_life:register", "Note which versions of a course's items are in use."),
    Entry("items versions", "item_life:versions", "List the versions of an item that were used, or print one."),
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
    Entry(
        "exam print", "exam_print:print_form", "Write a form as a page to print, with room for the answers and no key."
    ),
    Entry("exam open", "exam:open_section", "Open an exam's section for a learner: its time runs from now."),
    Entry(
        "exam submit",
        "exam:submit",
        "Hand in a learner's exam; what arrives after the deadline is kept and does not count.",
    ),
    Entry(
        "exam answers",
        "exam_answers:answers",
        "Show the answers that wait for a person, question by question, with rubric and keywords.",
    ),
    Entry("exam mark", "exam:mark", "Give the points of an answer that waits for a person."),
    Entry(
        "exam status",
        "sittings:status",
        "Say where everybody is in an exam: state, section, time left, and what to look at.",
    ),
    Entry("exam extend", "sittings:extend", "Give one learner more time, after an incident."),
    Entry(
        "exam resume",
        "sittings:resume",
        "Write the notebook of the open section again, with the answers so far; its time runs on.",
    ),
    Entry(
        "exam no-show",
        "sittings:no_show",
        "Record that a learner did not come; possible when the exam's window has closed.",
    ),
    Entry("exam close", "sittings:close", "End every attempt whose time is over: handed in as it is, or a no-show."),
    Entry("exam review", "exam:review", "Take in the proctor's reviews: one, or a file of them."),
    Entry(
        "exam appeal",
        "sittings:appeal",
        "Have a verified or rejected attempt reviewed again, once, by somebody else.",
    ),
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
    Entry(
        "exam parameters",
        "exam_parameters:parameters",
        "Keep how hard an exam's items were, and their calibration, for the blueprints of later exams.",
    ),
    Entry(
        "explain",
        "explain:explain",
        "Show how a learner's course grade comes about, from the points to the pass mark, in plain words.",
        VERIFY,
    ),
    Entry(
        "duplicates",
        "duplicates:duplicates",
        "Report accounts that may be one person's: the same identity check or e-mail address. A person decides.",
        VERIFY,
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
    Entry("key list", "key:show", "List the issuer's keys: the one that signs, earlier ones, and those that ended."),
    Entry(
        "key web",
        "key:web",
        "Give the issuer a place on the web, for its keys and status lists; its DID is then a did:web.",
    ),
    Entry("key rotate", "key:rotate", "Sign with a new key from now on; what the old one signed stays valid."),
    Entry("key retire", "key:retire", "Put an old key aside: what it signs from a moment on does not count."),
    Entry(
        "key compromised",
        "key:compromised",
        "Say that somebody else may have a key: what it signed since then does not count.",
    ),
    Entry(
        "eligibility",
        "eligibility:eligibility",
        "Say who has earned a program's credential, why or why not, and by when what is missing can still be had.",
        VERIFY,
    ),
    Entry("credential issue", "credential:issue", "Issue a program's credential to everybody who has earned it."),
    Entry(
        "credential verify",
        "credential:verify",
        "Check a credential: what it says is what its issuer signed, and it was not revoked.",
    ),
    Entry("credential badge", "badge:badge", "Draw a credential's badge, as PNG and SVG, with the credential in it."),
    Entry(
        "credential revoke",
        "status:revoke",
        "Revoke a credential, for good; the only way in which one that was issued is undone.",
    ),
    Entry("credential suspend", "status:suspend", "Suspend a credential until it is reinstated or revoked."),
    Entry("credential reinstate", "status:reinstate", "Let a suspended credential count again."),
    Entry(
        "credential status",
        "status:status",
        "List the credentials that were issued, and which of them are revoked or suspended.",
    ),
    Entry(
        "credential publish",
        "status:publish",
        "Write what verifiers need from the issuer's website: its keys, and its status lists as of now.",
    ),
    Entry(
        "credential page",
        "credential:page",
        "Write a page that shows a credential and has the reader's own browser verify it.",
    ),
    Entry(
        "credential certificate",
        "certificate:certificate",
        "Write a credential's certificate as PDF, to print or to keep.",
    ),
    Entry(
        "summary write",
        "summary:write",
        "Write a learner's summary of work, as a signed record and as PDF, with what the learner chose.",
    ),
    Entry(
        "summary share",
        "summary:share",
        "Make a link to a summary of work, that can be withdrawn; the link is shown this once.",
    ),
    Entry("summary list", "summary:list_shares", "List a learner's links: who each is for, and whether it is open."),
    Entry("summary withdraw", "summary:withdraw", "Close a link for good, and delete what it led to."),
    Entry("summary open", "summary:open_link", "Say what a link leads to now: a summary of work, or why to nothing."),
    Entry("export edx", "exports:edx", "Write edX's grade report, or its problem grade report."),
    Entry("export canvas", "exports:canvas", "Write a gradebook that Canvas imports."),
    Entry("export oneroster", "exports:oneroster", "Write a OneRoster 1.2 package for a student information system."),
    Entry(
        "export nbgrader",
        "exports:nbgrader",
        "Write what nbgrader export would, and leave empty what was not handed in.",
    ),
    Entry(
        "export lti-key",
        "exports:lti_key",
        "Make the key by which LTI platforms know this tool, or show the public half of the one that is there.",
    ),
    Entry(
        "export ags",
        "exports:ags",
        "Send scores to an LTI 1.3 platform, what is new and nothing twice, and read them back.",
    ),
    Entry("import edx", "imports:edx", "Take in edX's grade report or problem grade report."),
    Entry("import canvas", "imports:canvas", "Take in a gradebook that Canvas exported."),
    Entry("import oneroster", "imports:oneroster", "Take in a OneRoster 1.2 package with results."),
    Entry("import nbgrader", "imports:nbgrader", "Take in the CSV of nbgrader export."),
    Entry(
        "demo",
        "demo:demo",
        "Play one run of the sample course, from its source to credentials and a report.",
        LOOK,
    ),
    Entry("doctor", "doctor:doctor", "Say what this machine offers for grading safely.", LOOK),
)
