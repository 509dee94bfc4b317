"""Decides for every learner of a ledger at once: in batches, in the learners' order, on several processors.

The answers are those of :func:`~release.eligibility.evaluate`. Only a few batches of learners are in memory, and all
see the ledger as it was when the first was read, however it grows meanwhile.
"""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, select

from authoring.errors import CoursewrightError
from authoring.program import Program
from release import entry as entries
from release import ledger_rows as rows
from release.eligibility import Judge
from release.ledger_store import ENTRIES, SALTS, Store
from release.replay import RecordedGrade, Replay
from release.rules.reasons import Eligibility

BATCH = 400  # learners: their entries are one query
_FEW = 10  # batches that are decided before other processes would have begun
T = TypeVar("T")
Salted = tuple[str, bytes]


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked about everybody. A process is sent it, so ``shape`` is a function of a module."""

    url: str  # the ledger's, as SQLAlchemy has it
    program: Program
    today: date
    shape: Callable[[Eligibility], T]  # what is wanted of each answer, which is all that leaves a process


def decide_everybody(question: Question[T], *, processes: int = 1) -> Iterator[T]:
    """The answer for each learner whom the ledger knows, in the order of their ids.

    Args:
        question: what is asked.
        processes: how many work at once; the answers are the same.

    Raises:
        LedgerStoreError: the ledger cannot be read.
    """
    store = Store(question.url, create=False)
    try:
        with store.reading() as connection:
            head, _ = rows.last_head(connection)
            size = 0 if head is None else head.size
            known = connection.execute(select(SALTS.c.learner, SALTS.c.salt).order_by(SALTS.c.learner))
            salted = [(row.learner, row.salt) for row in known]
        batches = [salted[start : start + BATCH] for start in range(0, len(salted), BATCH)]
        if processes > 1 and len(batches) > _FEW:
            yield from _shared_out(question, size, batches, processes)
            return
        judge = Judge(question.program)
        for batch in batches:
            yield from _decided(question, judge, store, size, batch)
    finally:
        store.close()


def grades_of_many(connection: Connection, salted: Sequence[Salted], size: int) -> Iterator[tuple[str, RecordedGrade]]:
    """Each grade in force of these learners, whose it is, among the first ``size`` entries; withdrawn ones included."""
    learners = {entries.subject(salt, learner): learner for learner, salt in salted}
    query = select(ENTRIES.c.position, ENTRIES.c.body, ENTRIES.c.leaf)
    query = query.where(ENTRIES.c.subject.in_(learners), ENTRIES.c.position < size).order_by(ENTRIES.c.position)
    replay = Replay()
    for position, body, leaf in connection.execute(query):
        replay.apply(position, leaf.hex(), entries.from_bytes(body))
    for (subject, _, _), recorded in replay.grades.items():
        yield learners[subject], recorded


def _decided(question: Question[T], judge: Judge, store: Store, size: int, batch: Sequence[Salted]) -> Iterator[T]:
    grades: dict[str, list[RecordedGrade]] = {learner: [] for learner, _ in batch}
    with store.reading() as connection:
        for learner, recorded in grades_of_many(connection, batch, size):
            grades[learner].append(recorded)
    for learner, own in grades.items():
        yield question.shape(judge(learner, own, today=question.today))


# Several processes

_here: tuple[Question[Any], int] | None = None  # what a process needs for every batch


def _shared_out(question: Question[T], size: int, batches: Iterable[Sequence[Salted]], processes: int) -> Iterator[T]:
    """The answers in order, while no more batches are under way than keep the processes busy."""
    waiting: deque[Future[list[T]]] = deque()
    left = iter(batches)
    context = get_context("spawn")  # a forked copy of an open database is none
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(question, size)) as pool:
        waiting.extend(pool.submit(_batch, batch) for batch in islice(left, 2 * processes))
        while waiting:
            yield from waiting.popleft().result()
            waiting.extend(pool.submit(_batch, batch) for batch in islice(left, 1))


def _begin(question: Question[Any], size: int) -> None:
    global _here  # noqa: PLW0603  # a process of a pool keeps what it is given nowhere else
    gc.disable()  # a batch leaves no cycles behind, and looking for some takes a fifth of the time
    _here = question, size


@cache
def _opened(question: Question[Any]) -> tuple[Judge, Store]:
    return Judge(question.program), Store(question.url, create=False)


def _batch(batch: Sequence[Salted]) -> list[Any]:
    if _here is None:
        raise RuntimeError("the process was not begun")
    question, size = _here
    try:
        return list(_decided(question, *_opened(question), size, batch))
    except CoursewrightError as error:
        raise CoursewrightError(str(error)) from None  # errors with fields do not all get from one process to another
