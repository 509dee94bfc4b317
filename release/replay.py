"""The entries of a ledger, applied one after the other: what is in force, and which entry breaks a rule.

The rules, in the order in which they are checked: a run is frozen once; after its freeze no grade is added but by
amendment; an amendment's ``before`` is what was in force; an amendment has an actor and a reason; after the freeze it
is what somebody else had proposed (:mod:`release.two_people`); a learner is forgotten once; a credential is
issued once for each program and learner.
"""

from dataclasses import dataclass, field

from release import two_people
from release.entry import (
    AmendEntry,
    CredentialEntry,
    Entry,
    ForgetEntry,
    FreezeEntry,
    GradeEntry,
    ProposeEntry,
    WithdrawEntry,
)


@dataclass(frozen=True)
class RecordedGrade:
    """A grade as it is in force, and the ledger entry that put it there."""

    index: int
    leaf: str  # hex
    grade: GradeEntry
    withdrawn: str = ""  # why it counts no longer


@dataclass
class Replay:
    """What is in force after the entries applied so far."""

    grades: dict[tuple[str, str, str], RecordedGrade] = field(default_factory=dict)  # by subject, course, run
    frozen: dict[tuple[str, str], int] = field(default_factory=dict)  # by course, run
    credentials: dict[tuple[str, str], int] = field(default_factory=dict)  # by program, subject

    proposals: dict[int, ProposeEntry] = field(default_factory=dict)  # by entry: neither approved nor withdrawn yet
    forgotten: set[str] = field(default_factory=set)  # subjects

    def in_force(self, subject: str, course: str, run: str) -> GradeEntry | None:
        """The grade in force, or None if there is none or it was withdrawn."""
        recorded = self.grades.get((subject, course, run))
        return None if recorded is None or recorded.withdrawn else recorded.grade

    def apply(self, index: int, leaf: str, entry: Entry) -> str:
        """Apply one entry; the rule that it breaks, in plain words, or nothing."""
        match entry:
            case GradeEntry():
                return self._grade(index, leaf, entry)
            case AmendEntry():
                return self._amend(index, leaf, entry)
            case FreezeEntry():
                again = (entry.course, entry.run) in self.frozen
                self.frozen.setdefault((entry.course, entry.run), index)
                return f"the run {entry.run} of {entry.course} is frozen a second time" if again else ""
            case ProposeEntry() | WithdrawEntry():
                return self._proposal(index, entry)
            case ForgetEntry():
                again = entry.subject in self.forgotten
                self.forgotten.add(entry.subject)
                return "a learner is forgotten a second time" if again else ""
            case CredentialEntry():
                again = (entry.program, entry.subject) in self.credentials
                self.credentials.setdefault((entry.program, entry.subject), index)
                return f"a credential of {entry.program} is issued a second time" if again else ""

    def _grade(self, index: int, leaf: str, entry: GradeEntry) -> str:
        self.grades[entry.subject, entry.course, entry.run] = RecordedGrade(index, leaf, entry)
        late = (entry.course, entry.run) in self.frozen
        return f"a grade is added after the freeze of the run {entry.run} of {entry.course}" if late else ""

    def _amend(self, index: int, leaf: str, entry: AmendEntry) -> str:
        before = self.in_force(entry.subject, entry.course, entry.run)
        if entry.after is not None:
            recorded = RecordedGrade(index, leaf, entry.after)
            self.grades[entry.subject, entry.course, entry.run] = recorded
        elif entry.before is not None:
            recorded = RecordedGrade(index, leaf, entry.before, withdrawn=entry.reason)
            self.grades[entry.subject, entry.course, entry.run] = recorded
        if entry.before != before:
            return "an amendment does not start from the grade that was in force"
        if not (entry.actor and entry.reason):
            return "an amendment has no actor or no reason"
        if entry.proposal is not None:
            return two_people.approval_fault(self.proposals.pop(entry.proposal, None), entry)
        alone = (entry.course, entry.run) in self.frozen
        return "a grade is amended after the freeze by one person alone" if alone else ""

    def _proposal(self, index: int, entry: ProposeEntry | WithdrawEntry) -> str:
        if isinstance(entry, WithdrawEntry):
            return two_people.withdrawal_fault(self.proposals.pop(entry.proposal, None), entry)
        self.proposals[index] = entry
        return two_people.proposal_fault(entry)
