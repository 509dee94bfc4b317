"""Eligibility: one million enrolments of 180,000 learners, decided with every reason and what can still be had.

The ledger is a file of SQLite with one signed head, its grades made from a seed: most learners give up early, some
repeat a course, a few finish. Measured are the seconds of wall clock from opening the ledger to the last answer, and
the peak of resident memory of all processes together; the replay that comes first on the command line is not in it. A
sample of learners is asked for one at a time and has to get the same answers.
"""

import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert

sys.path.insert(0, str(Path(__file__).parents[1]))

from authoring.program_file import read_program
from release import entry as entries
from release import keys, merkle
from release.eligibility import evaluate
from release.entry import ExamEntry, GradeEntry
from release.everybody import Question, decide_everybody
from release.ledger import Ledger
from release.ledger_store import ENTRIES, HEADS, SALTS, Store
from release.rules.reasons import Eligibility
from release.tree_head import signed_head

LEARNERS = int(os.environ.get("LEARNERS", "180000"))
ENROLMENTS = int(os.environ.get("ENROLMENTS", "1000000"))
PROCESSES, SAMPLE = 2, 200
MOST_SECONDS, MOST_MIB = 30, 2048
PROGRAM = Path(__file__).parents[1] / "courses" / "programs" / "supply-chain.toml"
COURSES = ("SC0x", "SC1x", "SC2x", "SC3x", "SC4x", "CFx")
FIRST, TODAY = date(2015, 5, 31), date(2026, 6, 1)


def grades(learner: int, number: int, chance: random.Random) -> Iterator[GradeEntry]:
    """So many grades of one learner, in the order of time."""
    salt = salt_of(learner)
    subject = entries.subject(salt, name(learner))
    for step in range(number):
        course = COURSES[min(step, 5)] if chance.random() < 0.8 else chance.choice(COURSES)
        ended = FIRST + timedelta(days=90 * step + chance.randrange(2500))
        grade = Decimal(chance.randrange(3000, 10_000)).scaleb(-4)
        sat = datetime(ended.year, ended.month, ended.day, 15, tzinfo=UTC)
        exam = ExamEntry(
            exam="CFx" if course == "CFx" else "final",
            attempt=1,
            score=Decimal(chance.randrange(20, 60)),
            max_score=Decimal(60),
            taken_at=sat,
            verified_at=sat,
            sitting=subject,
        )
        yield GradeEntry(
            subject=subject,
            course=course,
            run=f"{ended:%Y}-{step}",
            track="verified",
            grade=grade,
            passed=grade >= Decimal("0.6"),
            pass_mark=Decimal("0.6"),
            earned_on=ended,
            verification=subject,
            exams=(exam,) if course == "CFx" or chance.random() < 0.5 else (),
            records=(subject, subject, subject),
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )


def name(learner: int) -> str:
    """The learner's id."""
    return f"learner{learner:06}"


def salt_of(learner: int) -> bytes:
    """The learner's salt; a real one is secret."""
    return learner.to_bytes(32, "big")


def make_ledger(url: str) -> str:
    """A ledger of that size, written in bulk as ``Ledger`` would write it; the key's ``did:key``."""
    chance = random.Random(7)
    many = Counter(chance.randrange(LEARNERS) for _ in range(ENROLMENTS - LEARNERS))
    order = [learner for learner in range(LEARNERS) for _ in range(1 + many[learner])]
    of = {learner: grades(learner, 1 + many[learner], random.Random(learner)) for learner in range(LEARNERS)}
    chance.shuffle(order)  # as runs end, learners come in any order
    key, at = keys.generate(), datetime(2026, 1, 1, tzinfo=UTC)
    frontier, rows = merkle.Frontier(()), []
    store = Store(url, create=True)
    with store.writing() as connection:
        connection.execute(insert(SALTS), [{"learner": name(n), "salt": salt_of(n)} for n in range(LEARNERS)])
        for position, learner in enumerate(order):
            entry = next(of[learner])
            body = entries.to_bytes(entry)
            leaf = merkle.leaf_hash(body)
            frontier = merkle.extended(frontier, leaf)
            rows.append({"position": position, "body": body, "leaf": leaf, "subject": entry.subject, "once": None})
            if len(rows) == 20_000 or position == len(order) - 1:
                connection.execute(insert(ENTRIES), rows)
                rows = []
        head = signed_head(len(order), merkle.frontier_root(frontier), at, key)
        row = {"size": head.size, "root": bytes.fromhex(head.root), "at": head.at.isoformat(), "key": head.key}
        nodes = {"signature": bytes.fromhex(head.signature), "previous": head.previous, "frontier": b"[]"}
        connection.execute(insert(HEADS).values(row | nodes))
    store.close()
    return key.did


def itself(found: Eligibility) -> Eligibility:
    """All of the answer."""
    return found


def counted(found: Eligibility) -> tuple[bool, int, int]:
    """Whether it is met, and how much is said."""
    return found.met, len(found.reasons), len(found.outlook)


def memory() -> int:
    """The resident memory of this process and of those that it started, in KiB."""
    pids = [os.getpid()]
    for pid in pids:
        try:
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            continue
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
    return total


class Watch:
    """Looks at the memory every tenth of a second."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self.peak = max(self.peak, memory())

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def main() -> None:
    """Print the table; fail if it takes too long, too much memory, or an answer differs."""
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {time.strftime('%F')}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        url = f"sqlite:///{temporary}/ledger.db"
        pid = os.fork()  # what making the ledger takes is not to be measured
        if pid == 0:
            Path(temporary, "did").write_text(make_ledger(url))
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            sys.exit("the ledger could not be made")
        program = read_program(PROGRAM)
        question = Question(url, program, TODAY, counted)
        print(f"{'processes':>10}{'learners':>10}{'met':>8}{'reasons':>10}{'seconds':>10}{'peak MiB':>10}")
        for processes in dict.fromkeys((PROCESSES, 1)):
            with Watch() as watch:
                began = time.perf_counter()
                met = learners = reasons = 0
                for yes, said, _ in decide_everybody(question, processes=processes):
                    learners, met, reasons = learners + 1, met + yes, reasons + said
                seconds = time.perf_counter() - began
            peak = watch.peak / 1024
            print(f"{processes:10}{learners:10,}{met:8,}{reasons:10,}{seconds:10.1f}{peak:10.0f}", flush=True)
            if processes == PROCESSES:
                assert seconds <= MOST_SECONDS, "deciding takes too long"
                assert peak <= MOST_MIB, "deciding takes too much memory"
        sample = set(random.Random(1).sample(range(LEARNERS), min(SAMPLE, LEARNERS)))
        whole = Question(url, program, TODAY, itself)
        with Ledger(url) as ledger:
            for number, found in enumerate(decide_everybody(whole, processes=PROCESSES)):
                if number in sample:
                    assert found == evaluate(program, ledger, name(number), today=TODAY), found.learner
        print(f"{len(sample)} learners asked for one at a time get the same answers")


if __name__ == "__main__":
    main()
