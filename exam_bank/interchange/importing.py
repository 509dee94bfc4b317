"""A file of another system becomes drafts in a course's item bank.

What can be read with its score is written, one file for each item; what cannot is listed with the reason and what to
do. An item that is there already is never touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from exam_bank.interchange.exchanged import MAX_FILE, Draft, LeftOut, Refused
from exam_bank.interchange.fit import responses, scores
from exam_bank.interchange.formats import FORMATS, Format, format_of
from exam_bank.interchange.ids import slug
from exam_bank.interchange.numbers import interval
from exam_bank.item import (
    SLUG,
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    Question,
    Sample,
    ShortAnswer,
    SingleChoice,
    Status,
    Use,
)
from exam_bank.item_text import write_new_item
from exam_bank.scoring import key_response
from exam_bank.strict import SourceError
from exam_bank.variant_maker import VariantError, make_variant

_NO_SOLUTION = "The file that this item comes from has no worked solution."
_MINUTES = 2.0
_NOTE = "made by the import"


@dataclass(frozen=True, kw_only=True)
class Written:
    """An item that is now in the bank.

    Attributes:
        ref: its reference.
        file: its file, relative to the course.
        title: its title.
        notes: what changed on the way.
    """

    ref: str
    file: str
    title: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Import:
    """What became of a file's questions.

    Attributes:
        format: the format's name.
        written: the new items, in the file's order.
        left: the questions that stay out, and why.
    """

    format: str
    written: tuple[Written, ...]
    left: tuple[LeftOut, ...]


def import_items(path: Path, course: Path, *, topic: str, form: Format | None = None) -> Import:
    """Reads the file ``path`` into ``items/<topic>/`` of the course folder ``course``.

    Args:
        path: a file from elsewhere, not trusted.
        course: the course folder.
        topic: the new items' topic.
        form: the format; None finds it out.

    Raises:
        SourceError: the file cannot be read at all, or the topic's name is none.
    """
    if SLUG.fullmatch(topic) is None:
        raise SourceError(str(path), "", f"the topic {topic!r} may hold a-z, 0-9 and hyphens only")
    data = _bytes(path)
    form = form or format_of(data, file=path.name)
    written: list[Written] = []
    left: list[LeftOut] = []
    taken: set[str] = set()
    for each in form.read(data, file=path.name):
        if isinstance(each, LeftOut):
            left.append(each)
            continue
        try:
            written.append(_written(each, topic, course, taken))
        except (SourceError, VariantError, Refused, ValueError) as error:
            problem = error.problem if isinstance(error, SourceError | VariantError) else str(error)
            mend = (
                error.mend
                if isinstance(error, Refused)
                else "correct it where it comes from, or choose another --topic"
            )
            left.append(LeftOut(question=f"{each.title[:80]!r}", reason=problem, mend=mend))
    return Import(format=form.name, written=tuple(written), left=tuple(left))


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        SourceError: there is none.
    """
    if name not in FORMATS:
        raise SourceError("--format", "", f"there is no format {name!r}; known are {', '.join(FORMATS)}")
    return FORMATS[name]


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_FILE + 1)
    except OSError as error:
        raise SourceError(str(path), "", f"the file cannot be read ({error.strerror})") from error
    if len(data) > MAX_FILE:
        raise SourceError(str(path), "", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB; split it")
    if not data.strip():
        raise SourceError(str(path), "", "the file is empty")
    return data


def _written(draft: Draft, topic: str, course: Path, taken: set[str]) -> Written:
    item = item_from(draft, topic=topic, item_id=_free_id(draft, taken))
    write_new_item(item, course)
    taken.add(item.id)
    return Written(ref=item.ref, file=f"items/{item.ref}.md", title=item.title, notes=draft.notes)


def _free_id(draft: Draft, taken: set[str]) -> str:
    """An id that no other question of the same file has."""
    base = slug(draft.name, "question")
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def item_from(draft: Draft, *, topic: str, item_id: str) -> Item:
    """The draft as an item, with sample answers that its own key gives.

    Raises:
        SourceError: it is no valid item.
        VariantError: two of its options read the same, or the like.
    """
    item = Item(
        topic=topic,
        id=item_id,
        title=" ".join(draft.title.split())[:200],
        skill="imported",
        status=Status.DRAFT,
        use=Use.EXAM,
        points=draft.points,
        minutes=_MINUTES,
        question=draft.question,
        stem=draft.stem,
        solution=draft.solution or _NO_SOLUTION,
    )
    key = key_response(make_variant(item, 0))
    return msgspec.structs.replace(item, samples=tuple(_samples(item, key)))


def _samples(item: Item, key: Any) -> Iterator[Sample]:
    question, worth = item.question, float(item.points)
    if isinstance(question, ShortAnswer):
        yield Sample(response="An answer.", score="manual", note=_NOTE)
        return
    if isinstance(question, Numeric):
        far = _far_from(question)
        yield Sample(response=str(key), score=worth, note=_NOTE)
        yield Sample(response=far, score=0.0, note=_NOTE)
        yield Sample(response="unknown", score="malformed", note=_NOTE)
        return
    right = _right(question)
    yield Sample(response=right, score=worth, note=_NOTE)
    tried = responses(question)
    got = scores(question, tried, item.stem)
    short = [(response, share) for response, share in zip(tried, got, strict=True) if share is not None and share < 1]
    if short:
        wrong = min(short, key=lambda each: each[1])
        partly = max(short, key=lambda each: each[1])
        for response, share in [wrong] if partly[1] == wrong[1] else [wrong, partly]:
            yield Sample(response=response, score=round(float(share) * worth, 4), note=_NOTE)
    yield Sample(response=_malformed(question), score="malformed", note=_NOTE)


def _far_from(question: Numeric) -> str:
    _, _, high = interval(question)
    return f"{high + 1 + abs(high):f}"


def _right(question: Question) -> Any:
    match question:
        case SingleChoice(options=options):
            return next(option.id for option in options if option.correct)
        case MultipleChoice(options=options):
            return [option.id for option in options if option.correct]
        case FillIn(blanks=blanks):
            return {blank.id: blank.accept[0] for blank in blanks}
        case Matching(pairs=pairs):
            return {pair.id: pair.id for pair in pairs}
        case Ordering(steps=steps):
            return [step.id for step in steps]
    return None


def _malformed(question: Question) -> Any:
    if isinstance(question, FillIn | Matching):
        return {"none-of-these": "a"}
    return "none-of-these" if isinstance(question, SingleChoice) else ["none-of-these"]
