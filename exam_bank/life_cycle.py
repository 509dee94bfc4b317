"""The life of an item: which status may follow which, and who must have looked at it before.

``draft`` is being written, ``review`` waits for a colleague, ``pilot`` is asked and does not count, ``operational``
is asked and counts, ``retired`` is asked no more. That items are reviewed by others and tried out before they count is
what AERA, APA and NCME ask for in the *Standards for Educational and Psychological Testing* (2014), 4.7 to 4.10.
"""

from collections.abc import Iterable, Mapping

from authoring.errors import CoursewrightError
from exam_bank.item import Item, Status, Use

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.REVIEW, Status.RETIRED}),
    Status.REVIEW: frozenset({Status.DRAFT, Status.PILOT, Status.RETIRED}),
    Status.PILOT: frozenset({Status.REVIEW, Status.OPERATIONAL, Status.RETIRED}),
    Status.OPERATIONAL: frozenset({Status.REVIEW, Status.PILOT, Status.RETIRED}),
    Status.RETIRED: frozenset({Status.REVIEW}),
}
IN_USE = frozenset({Status.PILOT, Status.OPERATIONAL})


def next_statuses(item: Item, status: Status) -> frozenset[Status]:
    """What may follow ``status``. A question of a lesson counts for no exam, so it needs no pilot."""
    straight = {Status.OPERATIONAL} if status is Status.REVIEW and item.use is Use.LESSON else set()
    return MOVES[status] | straight


def reviewers(item: Item) -> tuple[str, ...]:
    """Who reviewed the item as it is now; its author's own word does not count."""
    author = _folded(item.author)
    names = {_folded(each.by): each.by for each in item.reviewed_by if each.version == item.version}
    return tuple(name for folded, name in names.items() if folded != author)


def lacking_reviews(item: Item, wanted: int) -> str:
    """Why the item may not be asked in a course that wants so many reviews of each version, or ""."""
    if item.status not in IN_USE:
        return ""
    had = len(reviewers(item))
    if wanted and not item.author.strip():
        return "nobody is named as its author, so nobody can be told from its author"
    if had < wanted:
        earlier = sum(each.version != item.version for each in item.reviewed_by)
        of_earlier = f"; {earlier} of an earlier version" if earlier else ""
        return f"version {short(item.version)} has {had} of {wanted} reviews by others than its author{of_earlier}"
    return ""


def require_reviewed(items: Iterable[Item], wanted: int) -> None:
    """That each item of an exam that is on trial or in use was reviewed as the course asks.

    Raises:
        CoursewrightError: it names the first that was not.
    """
    lacking = {item.ref: why for item in items if item.use is Use.EXAM and (why := lacking_reviews(item, wanted))}
    if lacking:
        ref, why = next(iter(lacking.items()))
        others = f", and {len(lacking) - 1} more items lack reviews" if len(lacking) > 1 else ""
        raise CoursewrightError(
            f"items/{ref}.md: {why}{others}; `coursewright items check` lists them, `items review` adds a review."
        )


def short(version: str) -> str:
    """The first digits of a version, as people are shown them."""
    return version[: len("sha256:") + 12]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
