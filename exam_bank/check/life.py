"""Whether what is asked was reviewed as it is now, and whether each item's life went as it may."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from authoring.check.finding import Finding, Severity
from exam_bank.check.found import found
from exam_bank.item import Item
from exam_bank.life_cycle import IN_USE, lacking_reviews, next_statuses, reviewers, short
from exam_bank.register import Noted, read_register
from exam_bank.strict import SourceError

RULE = "item-review"
REVIEW = "have it read by a colleague: `coursewright items review`"


def life_findings(item: Item, root: Path, *, reviews: int) -> Iterator[Finding]:
    """What is wrong with an item's reviews and status.

    Args:
        item: as it is in its file.
        root: the course folder, which has the register.
        reviews: how many the course asks for.
    """
    try:
        noted = read_register(root, item.ref)
    except SourceError as error:
        yield found(item, RULE, str(error), "restore the register from git")
        return
    if problem := lacking_reviews(item, reviews):
        yield found(item, RULE, f"it is {item.status.value}, and {problem}", REVIEW)
    elif problem := _changed(item, noted):
        yield found(item, RULE, problem, REVIEW + ", or take the change back")
    if problem := _moved(item, noted):
        yield found(item, RULE, problem, "change it step by step with `coursewright items status`")


def set_findings(items: Iterable[Item]) -> Iterator[Finding]:
    """A set of one is a name that was mistyped, or an item that was left alone."""
    items = list(items)
    sizes = Counter(item.set for item in items)
    for item in items:
        if item.set and sizes[item.set] == 1:
            message = f"set: no other item is in the set {item.set!r}"
            yield found(item, "item-set", message, "correct the name, or delete it", Severity.WARNING)


def _changed(item: Item, noted: tuple[Noted, ...]) -> str:
    """An item in use whose present version was never noted nor reviewed."""
    used = [entry for entry in noted if entry.status in IN_USE]
    if item.status not in IN_USE or not used or reviewers(item):
        return ""
    if any(entry.version == item.version for entry in used):
        return ""
    return (
        f"it changed after it was used (version {short(used[-1].version)} of {used[-1].at:%Y-%m-%d}), and nobody has "
        f"reviewed version {short(item.version)}"
    )


def _moved(item: Item, noted: tuple[Noted, ...]) -> str:
    if not noted or item.status in {noted[-1].status, *next_statuses(item, noted[-1].status)}:
        return ""
    allowed = ", ".join(sorted(each.value for each in next_statuses(item, noted[-1].status)))
    return f"status: after {noted[-1].status.value} comes {allowed}, and not {item.status.value}"
