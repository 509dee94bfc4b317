"""What coordinator and workers send each other, as bytes of msgpack that decode into these types and nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from authoring.notebook_file import notebook_bytes, read_notebook
from autograder.flow import Finished
from autograder.grading import Policy
from autograder.record import GradeRecord
from autograder.source import Source
from autograder.submission import Submission

_MAX_BYTES = 8 * 1024 * 1024  # of files in a parcel; a larger submission has one of its own


class PackedSource(msgspec.Struct, frozen=True):
    """A :class:`~autograder.source.Source` with its notebooks as JSON."""

    assignment: str
    notebooks: dict[str, bytes]
    reference: dict[str, bytes]
    released: dict[str, dict[str, str]]
    files: dict[str, bytes]
    hash: str
    shared: dict[str, frozenset[str]]


class Order(msgspec.Struct, frozen=True):
    """To a worker: submissions to grade."""

    policy: Policy
    environment: str  # what the coordinator's interpreter and libraries come to
    course: str
    submissions: tuple[Submission, ...]  # none: find out which tests need the learner's process


class Verdict(msgspec.Struct, frozen=True):
    """A :class:`~autograder.flow.Finished` without what the coordinator has itself: the submitted files."""

    record: GradeRecord
    executed: dict[str, bytes]
    own: dict[str, str]  # the submitted files that lie beside the notebooks: where they lie, and as what they came
    handed_in: frozenset[str]
    unanswered: frozenset[tuple[str, str]]
    cpu_seconds: float


class Verdicts(msgspec.Struct, frozen=True, tag=True):
    """From a worker: what came of the submissions, in the order in which they were sent."""

    verdicts: tuple[Verdict, ...]


class SharedTests(msgspec.Struct, frozen=True, tag=True):
    """From a worker: the tests that need the learner's process, by file stem."""

    found: dict[str, frozenset[str]]


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """From a worker: it cannot grade."""

    host: str
    problem: str
    installed: tuple[str, ...] = ()  # its interpreter and libraries, when they are others than the coordinator's


Reply = Verdicts | SharedTests | Refusal

_encoder = msgspec.msgpack.Encoder(order="deterministic")


def encode(message: Any) -> bytes:
    """The message as bytes, the same every time."""
    return _encoder.encode(message)


def decode_order(data: bytes) -> Order:
    """What the coordinator sent."""
    return msgspec.msgpack.decode(data, type=Order)


def decode_reply(data: bytes) -> Reply:
    """What a worker sent."""
    reply: Reply = msgspec.msgpack.decode(data, type=Reply)
    return reply


def pack_source(source: Source) -> bytes:
    """The source as bytes."""
    return encode(
        PackedSource(
            assignment=source.assignment,
            notebooks={stem: notebook_bytes(notebook) for stem, notebook in source.notebooks.items()},
            reference={stem: notebook_bytes(notebook) for stem, notebook in source.reference.items()},
            released={stem: dict(tests) for stem, tests in source.released.items()},
            files=dict(source.files),
            hash=source.hash,
            shared=dict(source.shared),
        )
    )


def unpack_source(data: bytes) -> Source:
    """The source in bytes that :func:`pack_source` made."""
    packed = msgspec.msgpack.decode(data, type=PackedSource)
    return Source(
        assignment=packed.assignment,
        notebooks={stem: read_notebook(text, f"{stem}.ipynb") for stem, text in packed.notebooks.items()},
        reference={stem: read_notebook(text, f"{stem}.ipynb") for stem, text in packed.reference.items()},
        released=packed.released,
        files=packed.files,
        hash=packed.hash,
        shared=packed.shared,
    )


def verdict(one: Finished, source: Source) -> Verdict:
    """What a worker sends of a finished submission."""
    names = {id(data): name for name, data in one.submission.files.items()}
    return Verdict(
        record=one.record,
        executed=dict(one.executed),
        own={name: names[id(data)] for name, data in one.beside.items() if name not in source.files},
        handed_in=one.handed_in,
        unanswered=one.unanswered,
        cpu_seconds=one.cpu_seconds,
    )


def finished(one: Verdict, submission: Submission, author_files: Mapping[str, bytes]) -> Finished:
    """The finished submission, put together again by the coordinator."""
    return Finished(
        submission=submission,
        record=one.record,
        executed=one.executed,
        beside={name: submission.files[came] for name, came in one.own.items()} | dict(author_files),
        handed_in=one.handed_in,
        unanswered=one.unanswered,
        cpu_seconds=one.cpu_seconds,
    )


def in_parcels(submissions: Iterable[Submission], most: int) -> Iterator[tuple[Submission, ...]]:
    """Submissions in parcels of a bounded number and size, in order."""
    parcel: list[Submission] = []
    size = 0
    for submission in submissions:
        more = sum(map(len, submission.files.values()))
        if parcel and (len(parcel) >= most or size + more > _MAX_BYTES):
            yield tuple(parcel)
            parcel, size = [], 0
        parcel.append(submission)
        size += more
    if parcel:
        yield tuple(parcel)
