"""What one assignment earns a learner: the share of its points, or why there is none yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from authoring.course import Assignment, AssignmentKind
from autograder.record import GradeRecord, Outcome, record_hash
from exam_bank.sittings.result import SittingResult, SittingState
from release.rounding import per_cent, points

_NOT_BEGUN = frozenset({SittingState.AUTHORISED, SittingState.READY, SittingState.IDENTIFIED})
_NEVER_COUNTS = frozenset({SittingState.REJECTED, SittingState.NO_SHOW})


@dataclass(frozen=True)
class Share:
    """The share of an assignment's points and how it came about. ``value`` is None while it waits for a person."""

    assignment: str
    outcome: Outcome
    value: Fraction | None
    said: str
    dropped: bool = False


def share(assignment: Assignment, records: Iterable[GradeRecord], sittings: Iterable[SittingResult]) -> Share:
    """What the records (or, for an exam, the sittings) of one learner come to for this assignment."""
    if assignment.kind is AssignmentKind.EXAM:
        return _of_sittings(assignment, [sitting for sitting in sittings if sitting.exam == assignment.id])
    own = {record_hash(record): record for record in records if record.assignment == assignment.id}
    return _of_records(assignment, list(own.values()))


def _of_records(assignment: Assignment, records: Sequence[GradeRecord]) -> Share:
    if not records:
        return _missing(assignment, "nothing was submitted, which earns nothing")
    if len(records) > 1:
        return _pending(assignment, f"there are {len(records)} graded attempts: say which one counts")
    record = records[0]
    match record.outcome:
        case Outcome.MISSING:
            return _missing(assignment, "nothing was submitted, which earns nothing")
        case Outcome.NEEDS_MANUAL:
            return _pending(assignment, "a person has yet to mark part of it")
        case Outcome.FAILED:
            return _pending(assignment, "it could not be graded, so a person must look at it")
        case Outcome.GRADED:
            return _graded(assignment, record)


def _graded(assignment: Assignment, record: GradeRecord) -> Share:
    score, most, penalty = record.score, record.max_score, record.late_penalty
    if score is None or not all(isfinite(number) and number >= 0 for number in (score, most, penalty)) or most == 0:
        return _pending(assignment, "its record holds no usable score")
    earned, full, lost = (Fraction(str(number)) for number in (score, most, penalty))
    if assignment.points is not None and full != Fraction(assignment.points):
        return _pending(
            assignment, f"it was graded out of {points(full)} points, but the course says {assignment.points}"
        )
    value = max(earned - lost, Fraction(0)) / full
    late = f" less {points(lost)} for being late" if lost else ""
    said = f"{points(earned)} of {points(full)} points{late}, {per_cent(value)}"
    return Share(assignment.id, Outcome.GRADED, value, f"{assignment.id}: {said}")


def _of_sittings(assignment: Assignment, sittings: Sequence[SittingResult]) -> Share:
    begun = sorted((s for s in sittings if s.state not in _NOT_BEGUN), key=lambda sitting: sitting.attempt)
    if not begun:
        return _missing(assignment, "the exam was not sat, which earns nothing")
    if len({sitting.attempt for sitting in begun}) < len(begun):
        return _pending(assignment, "two results have the same attempt number: say which one counts")
    for sitting in begun:
        if waits := _waits(sitting):
            return _pending(assignment, f"attempt {sitting.attempt} {waits}")
    verified = [sitting for sitting in begun if sitting.state is SittingState.VERIFIED]
    if not verified:
        states = ", ".join(f"attempt {s.attempt} was {_STATE[s.state]}" for s in begun)
        return _missing(assignment, f"{states}, which earns nothing")
    best = max(verified, key=exam_share)  # the first of equals
    said = f"attempt {best.attempt}, verified by the proctor: {best.score:f} of {best.max_score:f} points"
    others = f", the best of {len(verified)} verified attempts" if len(verified) > 1 else ""
    value = exam_share(best)
    return Share(assignment.id, Outcome.GRADED, value, f"{assignment.id}: {said}, {per_cent(value)}{others}")


_STATE = {SittingState.REJECTED: "rejected by the proctor", SittingState.NO_SHOW: "a no-show"}


def exam_share(sitting: SittingResult) -> Fraction:
    """The share of an exam's points of a sitting with a known score."""
    if sitting.score is None:
        raise ValueError("a sitting without a score has no share")
    return Fraction(sitting.score) / Fraction(sitting.max_score)


def waits_for_a_person(sitting: SittingResult) -> bool:
    """Whether the sitting has begun and is not decided yet: by the proctor, or by whoever marks an answer."""
    return sitting.state not in _NOT_BEGUN and bool(_waits(sitting))


def _waits(sitting: SittingResult) -> str:
    """What a begun sitting waits for, or nothing."""
    if sitting.state in _NEVER_COUNTS:
        return ""
    if sitting.state is not SittingState.VERIFIED:
        return f"is not decided by the proctor yet ({sitting.state.replace('_', ' ')})"
    if sitting.needs_manual or sitting.score is None:
        return "has answers that a person has yet to mark"
    if not (sitting.score.is_finite() and sitting.score >= 0 and sitting.max_score > 0):
        return "holds no usable score"
    return ""


def _missing(assignment: Assignment, why: str) -> Share:
    return Share(assignment.id, Outcome.MISSING, Fraction(0), f"{assignment.id}: {why}")


def _pending(assignment: Assignment, why: str) -> Share:
    return Share(assignment.id, Outcome.NEEDS_MANUAL, None, f"{assignment.id}: {why}")
