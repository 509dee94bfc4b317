"""What runs in a Dask worker: a parcel of submissions in, what came of them out.

Dask loads this module by its name, so coursewright must be installed where the worker runs. Warm processes stay from
one parcel to the next. Every thread of a worker has its own, since they speak with one conversation at a time.
"""

import atexit
import hashlib
import platform
import threading
from collections import OrderedDict

from autograder.cluster import parcels
from autograder.cluster.parcels import Order, Refusal, Reply, SharedTests, Verdicts
from autograder.cluster.store import carrier
from autograder.engine.pool import Engine, EngineError
from autograder.environment import installed
from autograder.flow import grade_all
from autograder.grading import warm_engine
from autograder.shared_tests import find_shared_tests
from autograder.source import Source

_MOST = 2  # assignments that a thread keeps warm


class _Warm:
    """The engines of one thread, by source, the latest last."""

    def __init__(self) -> None:
        self._engines: OrderedDict[tuple[str, bool], tuple[Engine, Source]] = OrderedDict()
        atexit.register(self.close)

    def engine(self, packed: bytes, *, isolated: bool) -> tuple[Engine, Source]:
        """The engine for a source, warmed up now or before.

        Raises:
            EngineError: submissions cannot be locked in here.
        """
        key = (hashlib.sha256(packed).hexdigest(), isolated)
        if key not in self._engines:
            while len(self._engines) >= _MOST:
                self._engines.popitem(last=False)[1][0].close()
            source = parcels.unpack_source(packed)
            self._engines[key] = warm_engine(source, isolated=isolated), source
        self._engines.move_to_end(key)
        return self._engines[key]

    def close(self) -> None:
        """End them all."""
        while self._engines:
            self._engines.popitem()[1][0].close()


class _Thread(threading.local):
    def __init__(self) -> None:
        self.warm = _Warm()


_thread = _Thread()


def same(token: bytes) -> bytes:
    """The source as a task of its own: Dask hands its result on between workers, and makes it anew when one is lost."""
    return token


def grade_parcel(store: str, source: bytes, order: bytes) -> bytes:
    """Grade a parcel.

    Args:
        store: the URL of the batch's store, or "".
        source: the token of the packed source.
        order: the token of an :class:`~autograder.cluster.parcels.Order`.

    Returns:
        The token of a reply.

    Raises:
        EngineError: the warm process broke down; Dask tries again.
    """
    carried = carrier(store)
    reply = _reply(carried.get(source), parcels.decode_order(carried.get(order)))
    return carried.put(parcels.encode(reply))


def _reply(packed: bytes, order: Order) -> Reply:
    if order.policy.environment != order.environment:
        return Refusal(platform.node(), "it has other versions than this machine", installed())
    try:
        engine, source = _thread.warm.engine(packed, isolated=order.policy.isolated)
    except EngineError as error:
        return Refusal(platform.node(), str(error))
    try:
        return _grade(engine, source, order)
    except BaseException:
        _thread.warm.close()  # whatever it was, the next parcel begins with a process that is sound
        raise


def _grade(engine: Engine, source: Source, order: Order) -> Reply:
    if not order.submissions:
        return SharedTests(find_shared_tests(engine, source, order.policy))
    verdicts = {
        one.record.learner: parcels.verdict(one, source)
        for one in grade_all(engine, source, order.policy, order.submissions, course=order.course, workers=1)
    }
    return Verdicts(tuple(verdicts[submission.learner] for submission in order.submissions))
