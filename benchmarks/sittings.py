"""An exam under way: autosaves a second into SQLite and PostgreSQL, and the listing of everybody.

300 learners sit at once, each with a form of 40 questions of which a client saves one every ten seconds: 30 saves a
second are needed. Here they come as fast as they are taken, from one process and from four, after every sitting has a
log of two hours. A save is a transaction that is on the disk when it is acknowledged (``fsync``, or what the server
does with its usual settings). The last three columns are of a process that has just started and knows no state.
"""

import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.sittings import limits
from exam_bank.sittings.store import SittingStore
from exam_bank.variant import Variant
from tests.autograder.postgresql import running_cluster
from tests.exam_bank.conftest import SINGLE
from tests.exam_bank.sittings.conftest import question

LEARNERS, QUESTIONS = 300, 40
LOG = 720  # saves of two hours, one every ten seconds
SECONDS = 3.0  # of each measurement
NEEDED = LEARNERS / 10


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def the_form(learner: str, variant: Variant) -> Form:
    """Forty questions; what they ask does not matter."""
    questions = tuple(Question(id=f"q{number:02}", variant=variant) for number in range(1, QUESTIONS + 1))
    section = FormSection(id="s", title="Final", minutes=120, questions=questions)
    return Form(title="Final", learner=learner, attempt=1, bank="b", blueprint="p", sections=(section,))


def begin(url: str) -> list[tuple[str, str]]:
    """Everybody has opened the section and saved for two hours; the sittings with their tokens."""
    variant, found = question(1, SINGLE).variant, []
    with closing(SittingStore(url, clock=now)) as store:
        for number in range(LEARNERS):
            form = the_form(f"learner-{number:03}", variant)
            name = store.authorise(form, course="c", exam="e", by="r", multiplier=Decimal(10)).id
            store.ready(name)
            store.identify(name, by="p")
            store.open_section(name, "s")
            found.append((name, store.connect(name).token))
            for first in range(0, LOG, QUESTIONS):  # in bulk, for making the log is not what is measured
                saves = {
                    f"q{each:02}": f"{first + each}: an answer of usual length" for each in range(1, QUESTIONS + 1)
                }
                store.respond_all(name, saves)
    return found


def save(
    url: str, sittings: Sequence[tuple[str, str]], first: int, counts: "multiprocessing.Queue[tuple[int, float]]"
) -> None:
    """Save for some seconds, one sitting after the other; says how many were acknowledged, and the slowest."""
    limits.SAVES = sys.maxsize
    with closing(SittingStore(url, clock=now)) as store:
        for name, _ in sittings:
            store.sitting(name)
        done, slowest, until = 0, 0.0, time.perf_counter() + SECONDS
        while (began := time.perf_counter()) < until:
            name, token = sittings[done % len(sittings)]
            store.save(name, token, first + done, {f"q{1 + done % QUESTIONS:02}": f"{done}: an answer of usual length"})
            slowest, done = max(slowest, time.perf_counter() - began), done + 1
    counts.send((done, slowest))


def measured(url: str, sittings: Sequence[tuple[str, str]], workers: int, first: int) -> tuple[float, float]:
    """Saves a second of all workers together, and the slowest save in milliseconds."""
    fork = multiprocessing.get_context("fork")
    mine, theirs = fork.Pipe(duplex=False)
    shares = [sittings[number::workers] for number in range(workers)]
    processes = [fork.Process(target=save, args=(url, share, first, theirs)) for share in shares]
    for process in processes:
        process.start()
    found = [mine.recv() for _ in processes]
    for process in processes:
        process.join()
    return sum(done for done, _ in found) / SECONDS, 1000 * max(slowest for _, slowest in found)


def listing(url: str) -> tuple[float, float]:
    """Seconds until a process that has just started knows where everybody is, and until it knows it again."""
    with closing(SittingStore(url, clock=now)) as store:
        moments = [time.perf_counter()]
        for _ in range(2):
            assert len(store.sittings(course="c", exam="e")) == LEARNERS
            moments.append(time.perf_counter())
        return moments[1] - moments[0], moments[2] - moments[1]


def resuming(url: str, name: str) -> float:
    """Milliseconds until it knows one sitting."""
    with closing(SittingStore(url, clock=now)) as store:
        began = time.perf_counter()
        store.sitting(name)
        return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Print the table."""
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {time.strftime('%F')}"
    )
    print(f"{LEARNERS} sittings with {LOG} saves each; {NEEDED:.0f} saves a second are needed")
    print(f"{'':12}{'saves a second':>26}{'slowest save, ms':>20}{'list all, s':>18}{'one sitting, ms':>17}")
    print(f"{'processes':12}{'1':>13}{'4':>13}{'1':>10}{'4':>10}{'first':>9}{'again':>9}")
    with tempfile.TemporaryDirectory() as temporary, running_cluster(durable=True) as cluster:
        urls = {"SQLite": f"sqlite:///{temporary}/sittings.db", "PostgreSQL": cluster.create_database()}
        for name, url in urls.items():
            sittings = begin(url)
            one, slowest_one = measured(url, sittings, 1, 1)
            four, slowest_four = measured(url, sittings, 4, 10_000_000)
            saves = f"{one:13,.0f}{four:13,.0f}{slowest_one:10.0f}{slowest_four:10.0f}"
            first, again = listing(url)
            print(f"{name:12}{saves}{first:9.1f}{again:9.2f}{resuming(url, sittings[0][0]):17.1f}")


if __name__ == "__main__":
    main()
