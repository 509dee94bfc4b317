"""Writers that are killed, at every write that they do, and writers that come at the same time."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event

from release import keys
from release.ledger import Ledger
from tests.release.conftest import KEY, NOW
from tests.release.killing import killed_before_each_write
from tests.release.ledgers import LATER, checked, verified

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
APPEND_FOR_EVER = """
    import sys
    from pathlib import Path
    from release import keys
    from release.ledger import Ledger
    from tests.release.conftest import NOW
    from tests.release.ledgers import verified
    url, pem, name, count = sys.argv[1:]
    with Ledger(url, keys.load(Path(pem), "correct horse")) as ledger:
        for number in range(int(count)):
            print(ledger.append_grade(verified(learner=f"{name}{number}"), at=NOW), flush=True)
"""


@pytest.fixture
def pem(tmp_path) -> Path:
    keys.save(KEY, tmp_path / "key.pem", "correct horse")
    return tmp_path / "key.pem"


def writer(url: str, pem: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(APPEND_FOR_EVER), url, str(pem), name, str(count)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


def append_two(ledger: Ledger) -> None:
    ledger.append_grades([verified(learner="bob"), verified(learner="cleo")], at=LATER)


def amend(ledger: Ledger) -> None:
    ledger.amend("ada", "mpc", "2026-spring", after=verified("0.9"), actor="dean", reason="a mistake", at=LATER)


def forget(ledger: Ledger) -> None:
    ledger.forget("ada", actor="registrar", at=LATER)


@pytest.mark.parametrize(("change", "journal"), [(append_two, "delete"), (append_two, "wal"), (forget, "delete")])
def test_sqlite_killed_before_any_of_its_writes_leaves_the_state_before_or_the_state_after(tmp_path, change, journal):
    kept, used = tmp_path / "kept", tmp_path / "used"
    kept.mkdir()
    with Ledger(f"sqlite:///{kept / 'ledger.db'}", KEY) as ledger:
        ledger.append_grade(verified(), at=NOW)
    with create_engine(f"sqlite:///{kept / 'ledger.db'}").connect() as connection:
        connection.exec_driver_sql(f"PRAGMA journal_mode = {journal}")
    url, sizes = f"sqlite:///{used / 'ledger.db'}", []

    def prepare():
        shutil.rmtree(used, ignore_errors=True)
        shutil.copytree(kept, used)

        def work() -> None:
            with Ledger(url, KEY) as ledger:
                change(ledger)

        return work

    for _ in killed_before_each_write(prepare):
        with Ledger(url, KEY) as ledger:
            answer = checked(ledger)
            assert answer.ok, answer.message
            sizes.append(answer.size)
    after = 3 if change is append_two else 2
    assert sizes == sorted(sizes)
    assert set(sizes) == {1, after}
    assert len(sizes) > 8


@pytest.mark.parametrize("change", [append_two, amend, forget], ids=lambda change: change.__name__)
def test_a_writer_killed_before_any_statement_leaves_the_state_before_or_the_state_after(ledger, url, change):
    ledger.append_grade(verified(), at=NOW)
    sizes = [1]
    while killed_before_statement(len(sizes) - 1, url, change):
        answer = checked(ledger)
        assert answer.ok, answer.message
        sizes.append(answer.size)
        if sizes[-1] > 1:
            break  # it was killed after its commit
    assert checked(ledger).size == (3 if change is append_two else 2)
    assert len(sizes) > 5


def killed_before_statement(allowed: int, url: str, change) -> bool:
    """Whether a process was killed when it wanted to execute one more statement, or to commit."""
    child = os.fork()
    if not child:
        status = 1
        try:
            with Ledger(url, KEY) as ledger:
                left = iter(range(allowed))

                def count(*_: object) -> None:
                    if next(left, None) is None:
                        os.kill(os.getpid(), signal.SIGKILL)

                event.listen(Engine, "before_cursor_execute", count)
                event.listen(Engine, "commit", count)
                change(ledger)
                status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    assert ended in (0, signal.SIGKILL)
    return ended != 0


def test_a_writer_killed_at_any_moment_leaves_a_valid_ledger_with_everything_it_had_confirmed(ledger, url, pem):
    confirmed = 0
    for kill_after in (1, 9):
        process = writer(url, pem, f"run{kill_after}-", 100_000)
        assert process.stdout is not None
        for _ in range(kill_after):
            confirmed = int(process.stdout.readline()) + 1
        process.send_signal(signal.SIGKILL)
        process.communicate()
        answer = checked(ledger)
        assert answer.ok, answer.message
        assert answer.size >= confirmed


def test_concurrent_writers_lose_nothing(ledger, url, pem):
    writers = [writer(url, pem, name, 20) for name in ("a", "b", "c")]
    printed = sorted(int(line) for process in writers for line in process.communicate()[0].split())
    assert printed == list(range(60))
    assert checked(ledger).message == "all 60 entries are as they were signed."
    assert len(ledger.learners()) == 60
