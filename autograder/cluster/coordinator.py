"""The side of a cluster batch that reads submissions and keeps records: it sends parcels out and takes replies in."""

import contextlib
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from authoring.errors import CoursewrightError
from autograder.cluster import Cluster, parcels, worker
from autograder.cluster.parcels import Order, Refusal, SharedTests, Verdicts
from autograder.cluster.store import Carrier, Store, carrier, own_folder
from autograder.environment import installed
from autograder.flow import Finished, finished
from autograder.grading import Policy, assemble_unstarted
from autograder.preparing import prepare
from autograder.shared_tests import Names, with_known
from autograder.source import Source
from autograder.submission import Submission

_CONNECT_SECONDS = 30
_PATIENCE_SECONDS = 600  # how long a batch waits for a worker when there is none
_TRIES = 2  # again, when a warm process broke down
_MOST = 16  # submissions in a parcel
_LEAST_FLYING = 16  # parcels: a cluster that grows by need must see some
_KILLS = "the workers that tried it were killed: their memory may be too small for it"


class ClusterError(CoursewrightError):
    """The cluster cannot be used, or broke down."""


def grade_on(
    cluster: Cluster, source: Source, policy: Policy, submissions: Iterable[Submission], *, course: str, kept: Path
) -> Iterator[Finished]:
    """Grade submissions on a cluster, and give each as its parcel comes back.

    Args:
        cluster: where.
        source: the assignment.
        policy: how to grade.
        submissions: taken as there is room, so it may be a stream.
        course: the course's id, for the record.
        kept: the folder in which what is found out about sources is remembered.

    Raises:
        ClusterError: there is no such cluster or no worker, or one has other versions than this machine.
    """
    store = own_folder(cluster.store)
    with contextlib.ExitStack() as stack:
        desk = _Dispatch(stack.enter_context(_connected(cluster.address)), store, policy, course)
        if store:
            stack.callback(Store(store).clear)
        source = with_known(source, desk.find_shared_tests, kept)
        desk.source(source)
        for submission, verdict in desk.grade(submissions):
            if verdict is None:
                prepared = prepare(source, submission)
                yield finished(prepared, assemble_unstarted(source, prepared, policy, _KILLS, course=course))
            else:
                yield parcels.finished(verdict, submission, source.files)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(
            "grading on a cluster needs Dask, which is not installed: pip install 'coursewright[dask]'."
        ) from error
    try:
        # before there is a client, because one that cannot be made complains when it is thrown away
        distributed.comm.addressing.resolve_address(address)
        connect: Any = distributed.Client
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="coursewright")
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({error}): give --dask the address that `dask scheduler` prints."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        except TimeoutError as error:
            raise ClusterError(
                f"the cluster at {address} has no worker: start some (`dask worker {address} --nthreads 1`)."
            ) from error
        yield client


class _Dispatch:
    """The parcels that are on their way."""

    def __init__(self, client: Any, store: str, policy: Policy, course: str) -> None:
        self._client = client
        self._store = store
        self._carrier: Carrier = carrier(store)
        self._policy = policy
        self._course = course
        self._source: Any = None
        self._flying: dict[Any, tuple[tuple[Submission, ...], bytes]] = {}

    def source(self, source: Source) -> None:
        """What the next parcels are graded against."""
        self._source = self._submit(worker.same, self._carrier.put(parcels.pack_source(source)))

    def find_shared_tests(self, source: Source) -> Names:
        """Have a worker find the tests that need the learner's process."""
        self.source(source)
        self._send(())
        ((_, reply),) = self._arrivals()
        if not isinstance(reply, SharedTests):
            raise ClusterError(f"the reference solution cannot be graded: {_KILLS}.")
        return reply.found

    def grade(self, submissions: Iterable[Submission]) -> Iterator[tuple[Submission, parcels.Verdict | None]]:
        """Send parcels as there is room, and give what comes back; None for a submission that kills workers."""
        waiting = parcels.in_parcels(submissions, _MOST)
        alone: deque[tuple[Submission, ...]] = deque()
        try:
            while True:
                while len(self._flying) < self._room():
                    parcel = alone.popleft() if alone else next(waiting, None)
                    if parcel is None:
                        break
                    self._send(parcel)
                if not self._flying:
                    return
                for parcel, reply in self._arrivals():
                    if reply is None and len(parcel) > 1:
                        alone.extend((submission,) for submission in parcel)
                        continue
                    verdicts = reply.verdicts if isinstance(reply, Verdicts) else (None,)
                    yield from zip(parcel, verdicts, strict=True)
        finally:
            self._client.cancel(list(self._flying))

    def _room(self) -> int:
        threads: int = sum(self._client.nthreads().values())
        return max(_LEAST_FLYING, 2 * threads)

    def _send(self, parcel: tuple[Submission, ...]) -> None:
        order = Order(self._policy, self._policy.environment, self._course, parcel)
        token = self._carrier.put(parcels.encode(order))
        future = self._submit(worker.grade_parcel, self._store, self._source, token, retries=_TRIES)
        self._flying[future] = parcel, token

    def _submit(self, function: Any, *arguments: Any, **settings: Any) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")  # parcels are as large as they have to be
            return self._client.submit(function, *arguments, pure=False, **settings)

    def _arrivals(self) -> Iterator[tuple[tuple[Submission, ...], parcels.Reply | None]]:
        """Wait for parcels, and give what came of them; None where it killed its workers."""
        for future in self._wait():
            parcel, token = self._flying.pop(future)
            reply = self._reply(future)
            self._carrier.forget(token)
            yield parcel, reply

    def _wait(self) -> set[Any]:
        import distributed

        wait: Any = distributed.wait
        while True:
            try:
                with self._client.as_current():
                    done = wait(list(self._flying), timeout=_PATIENCE_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                if not self._client.nthreads():
                    raise ClusterError(
                        "no worker is left on the cluster; start some and the batch again, it goes on where it was."
                    ) from None
            else:
                return set(done)

    def _reply(self, future: Any) -> parcels.Reply | None:
        from distributed import KilledWorker

        try:
            token = future.result()
        except KilledWorker:
            return None
        except CoursewrightError:
            raise
        except Exception as error:
            raise ClusterError(
                f"the cluster broke down ({type(error).__name__}: {error}); start the batch again when it is mended, "
                "it goes on where it was."
            ) from error
        reply = parcels.decode_reply(self._carrier.get(token))
        self._carrier.forget(token)
        if isinstance(reply, Refusal):
            raise ClusterError(_explained(reply))
        return reply


def _explained(refusal: Refusal) -> str:
    """A worker's refusal for people; where versions differ, the first few of them."""
    if not refusal.installed:
        return f"worker on {refusal.host}: {refusal.problem}"
    theirs, ours = set(refusal.installed), set(installed())
    names = sorted({line.split("==")[0] for line in theirs ^ ours})
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        f"worker on {refusal.host}: {refusal.problem} ({shown or 'the limits are read otherwise'}): run this command "
        "and the workers from the same image or lock file."
    )
