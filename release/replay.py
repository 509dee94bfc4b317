"""The entries of a ledger, applied one after the other: what is in force, and which entry breaks a rule.

The rules, in the order in which they are checked: a run is frozen once; after its freeze no grade is added but by
amendment; an amendment's ``before`` is what was in force; an amendment has an actor and a reason; after the freeze it
is what somebody else had proposed (:mod:`release.two_people`); a learner is forgotten once; a credential is
issued once for each program and learner, at a place of the status lists that no other has; only what was issued is
revoked, suspended or reinstated, with an actor and a reason, and what is revoked stays so.
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
    KeyEntry,
    ProposeEntry,
    StatusEntry,
    StatusPlace,
    WithdrawEntry,
)


@dataclass(frozen=True)
class RecordedGrade:
    """A grade as it is in force, and the ledger entry that put it there."""

    index: int
    leaf: str  # hex
    grade: GradeEntry
    withdrawn: str = ""  # why it counts no longer


STATES = {"revoke": "revoked", "suspend": "suspended", "reinstate": "in force"}
_FROM = {"revoke": ("in force", "suspended"), "suspend": ("in force",), "reinstate": ("suspended",)}


def status_fault(state: str | None, change: str) -> str:
    """Why a credential in that state (None: never issued) cannot be changed so, or nothing."""
    if state is None:
        return "a credential that was never issued cannot have a status"
    return "" if state in _FROM[change] else f"a credential that is {state} cannot be changed so: {change}"


@dataclass
class Replay:
    """What is in force after the entries applied so far."""

    grades: dict[tuple[str, str, str], RecordedGrade] = field(default_factory=dict)  # by subject, course, run
    frozen: dict[tuple[str, str], int] = field(default_factory=dict)  # by course, run
    credentials: dict[tuple[str, str], int] = field(default_factory=dict)  # by program, subject
    states: dict[str, str] = field(default_factory=dict)  # of credentials, by their id: in force, suspended, revoked
    places: set[StatusPlace] = field(default_factory=set)  # of the status lists, that are taken

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
            case ProposeEntry() | WithdrawEntry() | ForgetEntry():
                return self._of_people(index, entry)
            case CredentialEntry() | StatusEntry():
                return self._credential(index, entry) if isinstance(entry, CredentialEntry) else self._status(entry)
            case KeyEntry():
                return ""

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

    def _of_people(self, index: int, entry: ProposeEntry | WithdrawEntry | ForgetEntry) -> str:
        if isinstance(entry, ForgetEntry):
            again = entry.subject in self.forgotten
            self.forgotten.add(entry.subject)
            return "a learner is forgotten a second time" if again else ""
        if isinstance(entry, WithdrawEntry):
            return two_people.withdrawal_fault(self.proposals.pop(entry.proposal, None), entry)
        self.proposals[index] = entry
        return two_people.proposal_fault(entry)

    def _credential(self, index: int, entry: CredentialEntry) -> str:
        again = (entry.program, entry.subject) in self.credentials
        taken = entry.status in self.places
        self.credentials.setdefault((entry.program, entry.subject), index)
        self.states.setdefault(entry.credential, STATES["reinstate"])
        if entry.status is not None:
            self.places.add(entry.status)
        if again:
            return f"a credential of {entry.program} is issued a second time"
        return "a place of the status lists is given to a second credential" if taken else ""

    def _status(self, entry: StatusEntry) -> str:
        fault = status_fault(self.states.get(entry.credential), entry.change)
        if not fault:
            self.states[entry.credential] = STATES[entry.change]
        return fault or ("" if entry.actor and entry.reason else "a change of status has no actor or no reason")
