"""The proctor's reviews at the command line: what became of each message, in a line for people."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exam_bank.sittings.proctor import ReviewMessage, Taken
    from exam_bank.sittings.store import SittingStore

Said = tuple[list[str], bool]  # the lines, and whether nothing is left to do


def from_file(store: "SittingStore", course: str, exam: str, file: Path) -> Said:
    """Take in the reviews of a CSV file, for one exam; the rows of others are told and left.

    Raises:
        CoursewrightError: nothing of the file can be read.
    """
    from exam_bank.sittings.proctor import Became, take_one
    from exam_bank.sittings.review_csv import read_reviews

    reviews = read_reviews(file)
    lines = [str(problem) for problem in reviews.problems]
    if reviews.ignored:
        lines.append(f"{file}: not read: {', '.join(reviews.ignored)}.")
    became: Counter[str] = Counter()
    where = {id(message): line for line, message in reviews.messages.items()}
    for message in reviews:
        place = f"{file}: line {where[id(message)]}"
        if not _is_of(message, course, exam):
            became["elsewhere"] += 1
            lines.append(f"{place}: {message.sitting} is no attempt at {course}/{exam}; it was left.")
            continue
        taken = take_one(store, reviews.source, message)
        became[taken.became] += 1
        if taken.became in {Became.REFUSED, Became.WAITING}:
            lines.append(f"{place}: {_said(taken)}")
    bad = len(reviews.problems)
    lines.append(_summary(became) + (f", {bad} that cannot be read" if bad else "") + ".")
    sound = not bad and not any(became[each] for each in ("elsewhere", Became.REFUSED, Became.WAITING))
    return lines, sound


def again_waiting(store: "SittingStore", course: str, exam: str) -> Said:
    """Try again the messages for an exam that came before their attempts were known or handed in."""
    from exam_bank.sittings.proctor import Became, retry

    tried = [each for each in retry(store) if _is_of(each.message, course, exam)]
    lines = [_said(each) for each in tried if each.became not in {Became.TAKEN, Became.KNOWN}]
    lines.append(_summary(Counter(each.became for each in tried)) + ".")
    return lines, all(each.became in {Became.TAKEN, Became.KNOWN} for each in tried)


def _is_of(message: "ReviewMessage", course: str, exam: str) -> bool:
    return message.sitting.split("/")[:2] == [course, exam]


def _said(taken: "Taken") -> str:
    return f"{taken.message.sitting}: {taken.became.value}: {taken.why.rstrip('.')}."


def _summary(became: Counter[str]) -> str:
    from exam_bank.sittings.proctor import Became

    names: Iterable[tuple[str, str]] = (
        (Became.TAKEN, "taken in"),
        (Became.KNOWN, "known before"),
        (Became.WAITING, "waiting"),
        (Became.REFUSED, "refused"),
        ("elsewhere", "of other exams"),
    )
    found = [f"{became[name]} {said}" for name, said in names if became[name] or name == Became.TAKEN]
    return "Reviews: " + ", ".join(found)
