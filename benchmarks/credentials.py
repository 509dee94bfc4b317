"""Credentials: 10,000 learners who have earned a program's credential get it, in both forms, and a few are checked.

A ledger with a verified grade for each is made first. What is timed is what ``coursewright credential issue`` does with
it: replaying the whole ledger, deciding on each learner, drawing a place in the status lists, recording, signing in
both forms and writing the files. Then the status lists with one in a hundred revoked are made, and credentials are
verified one after the other.
"""

import platform
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from authoring.program_file import read_program
from release import keys
from release.credential import Issuer, to_bytes, token_of
from release.credentials.did import PublishedKey, document_of, method_of
from release.credentials.files import write_whole
from release.credentials.issuing import issue_to_all
from release.credentials.register import registered, status_lists
from release.data_integrity import signed
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.verified_grade import VerifiedExam, VerifiedGrade
from release.verify import verify

LEARNERS = 10_000
CHECKED = 200
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DID = "did:web:example.org:credentials"
BASE = "https://example.org/credentials/status"
PROGRAM = read_program(Path(__file__).parents[1] / "courses" / "programs" / "process-control.toml")


def grade(number: int) -> VerifiedGrade:
    """A passing grade with a passed final exam."""
    exam = VerifiedExam(
        exam="final-exam",
        attempt=1,
        score=Decimal(60 + number % 40),
        max_score=Decimal(100),
        taken_at=NOW,
        verified_at=NOW,
        sitting=f"sha256:sitting-{number}",
    )
    return VerifiedGrade(
        learner=f"learner-{number:05}",
        course="mpc",
        run="2026-spring",
        grade=Decimal(6000 + number % 4000) / 10_000,
        passed=True,
        pass_mark=Decimal("0.6"),
        earned_on=date(2026, 4, 26),
        verification=f"idv:{number}",
        exams=(exam,),
        records=(f"sha256:record-{number}",),
    )


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    """Print a line of the table."""
    started, cpu = time.perf_counter(), time.process_time()
    yield
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<42}{count:>8,}{seconds:>10.1f}{cpu:>10.1f}{seconds / count * 1000:>10.2f}{memory:>8.0f}")


def issue_all(folder: Path, key: keys.SigningKey, ledger: Ledger) -> int:
    """What the command does."""
    found = verify_ledger(ledger.store, keys=[key.did])
    if not found.ok:
        raise AssertionError(found.message)
    issuer = Issuer(name="Example University", url="https://example.org", id=DID, lists=BASE)
    count = 0
    for each in issue_to_all(PROGRAM, ledger, ledger.learners(), issuer=issuer, key=key, at=NOW):
        if each.credential is None:
            raise AssertionError(each.learner)
        write_whole(folder / f"{each.code}.json", each.credential)
        write_whole(folder / f"{each.code}.jwt", token_of(each.credential, key).encode())
        count += 1
    return count


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}, one process")
    print(f"{'':<42}{'number':>8}{'seconds':>10}{'of CPU':>10}{'ms each':>10}{'MiB':>8}")
    key = keys.generate()
    with tempfile.TemporaryDirectory() as name, Ledger(f"sqlite:///{name}/ledger.db", key) as ledger:
        folder = Path(name) / "credentials"
        ledger.append_grades((grade(number) for number in range(LEARNERS)), at=NOW)
        with timed("issued, in both forms", LEARNERS):
            issued = issue_all(folder, key, ledger)
        if issued != LEARNERS or len({each.entry.status for each in registered(ledger.store).values()}) != LEARNERS:
            raise AssertionError("not one credential, at a place of its own, for each learner")
        with timed("again: nothing new, the same files", LEARNERS):
            issue_all(folder, key, ledger)
        for each in list(registered(ledger.store).values())[::1000]:
            ledger.change_status(each.entry.credential, "revoke", actor="Registrar", reason="A benchmark.", at=NOW)
        with timed("status lists made and signed", 2):
            known = list(registered(ledger.store).values())
            lists = [
                to_bytes(signed(each, key, NOW, method=method_of(DID, key.did)))
                for each in status_lists(known, DID, BASE, NOW)
            ]
        document = document_of(DID, [PublishedKey(did=key.did)])
        for suffix in ("json", "jwt"):
            files = sorted(folder.glob(f"*.{suffix}"))[:CHECKED]
            with timed(f"verified, with lists ({suffix})", CHECKED):
                answers = [verify(file.read_bytes(), at=NOW, documents=[document], lists=lists) for file in files]
            print("  " + ", ".join(f"{count} {answer}" for answer, count in Counter(a.answer for a in answers).items()))


if __name__ == "__main__":
    main()
