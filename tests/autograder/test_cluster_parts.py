"""What coordinator and workers send each other, and what they do when the other side is not as it should be."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest

from authoring import nbgrader_api
from authoring.errors import CoursewrightError
from autograder.cluster import Cluster, coordinator, parcels, worker
from autograder.cluster.parcels import Order, Verdict, Verdicts, in_parcels
from autograder.cluster.store import InMessages, Store, carrier, own_folder
from autograder.flow import finished
from autograder.grading import Policy, assemble_unstarted
from autograder.preparing import prepare
from autograder.record import Outcome
from autograder.source import Source, load_source
from autograder.submission import Submission
from tests.autograder.light_class import course

pytestmark = pytest.mark.integration  # it takes long


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    root = course(tmp_path_factory.mktemp("course") / "course", {})
    (root / "source/ps/data.csv").write_bytes(b"1\n")
    return load_source(nbgrader_api.open_course(root), root / "source/ps")


def submission(learner: str, size: int = 3) -> Submission:
    return Submission(learner, {"p.ipynb": b"x" * size, "own.txt": b"mine"}, None)


def test_a_source_is_the_same_at_the_other_end(source: Source) -> None:
    assert parcels.unpack_source(parcels.pack_source(source)) == source


def test_a_finished_submission_is_put_together_again_from_its_verdict(source: Source) -> None:
    prepared = prepare(source, submission("ada"))
    one = finished(prepared, assemble_unstarted(source, prepared, Policy(), "why", course="c"))
    reply = parcels.decode_reply(parcels.encode(Verdicts((parcels.verdict(one, source),))))
    assert isinstance(reply, Verdicts)
    assert parcels.finished(reply.verdicts[0], submission("ada"), source.files) == one
    assert one.beside == {"own.txt": b"mine", "data.csv": b"1\n"}


def test_files_that_were_put_elsewhere_are_there_at_the_other_end_too(source: Source) -> None:
    packed = Submission("ada", {"hw/p.ipynb": b"x", "hw/own.txt": b"mine", "a\\b.txt": b"b"}, None)
    prepared = prepare(source, packed)
    one = finished(prepared, assemble_unstarted(source, prepared, Policy(), "why", course="c"))
    assert parcels.finished(parcels.verdict(one, source), packed, source.files) == one
    assert one.beside == {"own.txt": b"mine", "a/b.txt": b"b", "data.csv": b"1\n"}


@pytest.mark.parametrize(
    ("sizes", "parcel_sizes"),
    [([], []), ([3], [1]), ([3] * 5, [2, 2, 1]), ([9_000_000, 3, 3], [1, 2]), ([3, 9_000_000, 9_000_000], [1, 1, 1])],
)
def test_parcels_are_bounded_in_number_and_size(sizes: list[int], parcel_sizes: list[int]) -> None:
    stream = [submission(f"l{number}", size) for number, size in enumerate(sizes)]
    packed = list(in_parcels(stream, 2))
    assert [len(parcel) for parcel in packed] == parcel_sizes
    assert [one for parcel in packed for one in parcel] == stream


@pytest.mark.parametrize("url", ["memory://store", "file"])
def test_a_store_keeps_bytes_by_what_is_in_them_until_they_are_forgotten(url: str, tmp_path: Path) -> None:
    store = Store(own_folder(tmp_path.as_uri() if url == "file" else url))
    token = store.put(b"data")
    assert store.put(b"data") == token
    assert (store.get(token), store.get(store.put(b""))) == (b"data", b"")
    store.forget(token)
    store.forget(token)
    with pytest.raises(FileNotFoundError):
        store.get(token)
    store.clear()
    store.clear()


def test_what_was_changed_in_the_store_is_not_used(tmp_path: Path) -> None:
    store = Store(tmp_path.as_uri())
    token = store.put(b"data")
    (tmp_path / token.decode()).write_bytes(b"other")
    with pytest.raises(CoursewrightError, match="was changed"):
        store.get(token)


def test_a_store_that_cannot_be_used_is_named() -> None:
    with pytest.raises(CoursewrightError, match=r"nothing://x cannot be written \(ValueError.*give --store a folder"):
        Store("nothing://x").put(b"")


def test_without_a_store_a_token_is_the_bytes_themselves() -> None:
    sender = carrier("")
    assert isinstance(sender, InMessages)
    assert sender.get(sender.put(b"data")) == b"data"


# A cluster that is not as it should be ------------------------------------------------------------------------------


class Future:
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def result(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Client:
    """Does at once what it is told, and dies of the submission of "poison"."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, ...]] = []
        self.canceled: list[Any] = []

    def nthreads(self) -> dict[str, int]:
        return {"one": 1}

    def cancel(self, futures: list[Any]) -> None:
        self.canceled += futures

    def submit(self, function: Any, *arguments: Any, **_: Any) -> Future:
        if function is worker.same:
            return Future(arguments[0])
        order = parcels.decode_order(arguments[2])
        learners = tuple(one.learner for one in order.submissions)
        self.sent.append(learners)
        if "poison" in learners:
            return Future(distributed.KilledWorker("task", None, 3))
        return Future(parcels.encode(self.answer(order)))

    def answer(self, order: Order) -> parcels.Reply:
        return Verdicts(tuple(verdict(one.learner) for one in order.submissions))


def verdict(learner: str) -> Verdict:
    from autograder.record import GradeRecord

    record = GradeRecord(
        course="c",
        assignment="ps",
        learner=learner,
        attempt="",
        source="",
        environment="",
        grader="",
        outcome=Outcome.GRADED,
        score=1.0,
        max_score=1.0,
    )
    return Verdict(record, {}, {}, frozenset(), frozenset(), 0.0)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    from contextlib import nullcontext

    made = Client()
    monkeypatch.setattr(coordinator, "_connected", lambda _address: nullcontext(made))
    monkeypatch.setattr(coordinator._Dispatch, "_wait", lambda dispatch: set(dispatch._flying))
    monkeypatch.setattr(coordinator, "with_known", lambda source, *_: source)
    monkeypatch.setattr(coordinator, "_MOST", 3)
    return made


def grade(source: Source, learners: list[str]) -> Iterator[Any]:
    stream = (submission(learner) for learner in learners)
    return coordinator.grade_on(Cluster("x"), source, Policy(), stream, course="c", kept=Path())


def test_a_submission_that_kills_its_workers_costs_the_others_nothing(source: Source, client: Client) -> None:
    learners = ["a", "b", "poison", "c"]
    records = {one.record.learner: one.record for one in grade(source, learners)}
    assert sorted(records) == sorted(learners)
    assert {name for name, record in records.items() if record.outcome is Outcome.GRADED} == {"a", "b", "c"}
    assert records["poison"].outcome is Outcome.FAILED
    assert records["poison"].score is None
    assert ("poison",) in client.sent


def test_parcels_are_taken_back_when_nobody_waits_for_them(source: Source, client: Client) -> None:
    stream = grade(source, [f"l{number}" for number in range(9)])
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert client.canceled


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("boom"), r"the cluster broke down \(RuntimeError: boom\); start the batch again"),
        (CoursewrightError("the store is full"), "the store is full"),
    ],
)
def test_what_a_worker_raises_ends_the_batch_with_a_sentence(
    source: Source, client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(client, "submit", lambda *_, **__: Future(error))
    with pytest.raises(CoursewrightError, match=said):
        list(grade(source, ["a"]))


def test_a_worker_that_cannot_lock_submissions_in_is_named(
    source: Source, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "answer", lambda _order: parcels.Refusal("node7", "no user namespaces"))
    with pytest.raises(CoursewrightError, match="worker on node7: no user namespaces"):
        list(grade(source, ["a"]))


def test_without_dask_the_mend_is_said(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CoursewrightError, match=r"pip install 'coursewright\[dask\]'"):
        list(grade(source, ["a"]))


@pytest.mark.integration
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_an_address_where_nobody_answers_is_named(
    source: Source, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(coordinator, "_CONNECT_SECONDS", 1)
    with pytest.raises(CoursewrightError, match=f"no Dask scheduler answers at {address} "):
        list(coordinator.grade_on(Cluster(address), source, Policy(), [], course="c", kept=Path()))


@pytest.mark.integration
def test_a_cluster_without_workers_is_told_from_a_slow_one(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator, "_CONNECT_SECONDS", 2)
    settings = {"n_workers": 0, "processes": False, "dashboard_address": None, "protocol": "tcp", "host": "127.0.0.1"}
    with distributed.LocalCluster(**settings) as empty:
        stream = coordinator.grade_on(Cluster(empty.scheduler_address), source, Policy(), [], course="c", kept=Path())
        with pytest.raises(CoursewrightError, match="has no worker: start some"):
            list(stream)
