"""The end of the run: verified grades into the ledger, the freeze, eligibility, credentials, and a page of one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autograder.record import read_records
from coursewright.demo.setting import Setting
from coursewright.registry import ledger_url
from coursewright.report.exam_files import read_exam
from release import keys
from release.course_grade import CourseGrade, course_grade
from release.credential import Issued, Issuer, issue
from release.credentials.key_ring import IssuerFile, write_issuer
from release.eligibility import evaluate
from release.enrolment import read_enrolments
from release.ledger import Ledger
from release.ledger_verify import verify_ledger
from release.page import write_page
from release.verified_grade import NotVerifiedError, VerifiedGrade, verified_grade
from release.verify import verify

PASSPHRASE = "an example and no secret"  # noqa: S105  (the key signs a demo's credentials, and nobody trusts it)
ISSUER = Issuer(name="Coursewright Demo University", url="https://coursewright.example")
_ACTOR = "registrar"


def course_grades(setting: Setting) -> list[CourseGrade]:
    """Everybody's course grade, computed from what lies in the folder."""
    records = read_records(setting.root / "records")
    sittings = [sat.grade.result for sat in read_exam(setting.root, setting.exam.id)]
    enrolments = read_enrolments(setting.enrolments_file)
    return [course_grade(setting.course, each, each.learner, records, sittings) for each in enrolments]


@dataclass(frozen=True)
class Recorded:
    """What went into the ledger."""

    verified: int
    refused: int
    message: str  # of the check of the whole ledger


def record(setting: Setting) -> Recorded:
    """Verified grades into a new ledger, which is then frozen and checked from the first entry to the last."""
    grades, refused = _verified(setting)
    setting.registry.mkdir()
    key = keys.generate()
    keys.save(key, setting.registry / "issuer.key", PASSPHRASE)
    write_issuer(setting.registry / "issuer.json", IssuerFile(id=key.did, name=ISSUER.name, url=ISSUER.url))
    with Ledger(_url(setting), key) as ledger:
        ledger.append_grades(grades, at=_after(setting, days=8))
        ledger.freeze(setting.course.id, setting.course.run, actor=_ACTOR, at=_after(setting, days=9))
        found = verify_ledger(ledger.store, keys=[key.did])
    if not found.ok:
        raise AssertionError(f"the demo's own ledger does not verify: {found.message}")
    return Recorded(len(grades), refused, found.message)


def _verified(setting: Setting) -> tuple[list[VerifiedGrade], int]:
    records = read_records(setting.root / "records")
    sittings = [sat.grade.result for sat in read_exam(setting.root, setting.exam.id)]
    grades, refused = [], 0
    for enrolment in read_enrolments(setting.enrolments_file):
        own = [each for each in records if each.learner == enrolment.learner]
        try:
            grades.append(verified_grade(setting.course, enrolment, own, sittings))
        except NotVerifiedError:  # the report says of everybody why
            refused += 1
    return grades, refused


def eligible(setting: Setting) -> list[str]:
    """Who has earned the credential."""
    with Ledger(_url(setting)) as ledger:
        return [each for each in ledger.learners() if evaluate(setting.program, ledger, each).met]


def issue_credentials(setting: Setting, learners: Sequence[str]) -> list[Path]:
    """A credential for each of the learners, each verified again as a stranger would; their files."""
    folder = setting.folder / "credentials"
    folder.mkdir()
    key = keys.load(setting.registry / "issuer.key", PASSPHRASE)
    names = {person.id: person.name for person in setting.people}
    at = _after(setting, days=10)
    files = []
    with Ledger(_url(setting), key) as ledger:
        for learner in learners:
            made = issue(setting.program, ledger, learner, issuer=ISSUER, key=key, at=at, name=names[learner])
            files.append(_write(folder, setting, made, key.did))
    return files


def _write(folder: Path, setting: Setting, made: Issued, did: str) -> Path:
    path = folder / f"{setting.program.id}-{made.code}.json"
    path.write_bytes(made.credential)
    found = verify(path.read_bytes(), at=_after(setting, days=11), issuer=did)
    if not found.ok:
        raise AssertionError(f"the demo's own credential does not verify: {found.message}")
    return path


def show(setting: Setting, credentials: Sequence[Path]) -> Path | None:
    """The page of the first credential with a name on it, or of the first; None without a credential."""
    if not credentials:
        return None
    path = next((each for each in credentials if _shows_a_name(each)), credentials[0]).with_suffix(".html")
    write_page(path.with_suffix(".json").read_bytes(), path, at=_after(setting, days=11))
    return path


def _shows_a_name(credential: Path) -> bool:
    identifiers = json.loads(credential.read_bytes())["credentialSubject"]["identifier"]
    return any(each["identityType"] == "name" for each in identifiers)


def _url(setting: Setting) -> str:
    return ledger_url(str(setting.registry / "ledger.db"))


def _after(setting: Setting, *, days: int) -> datetime:
    return setting.end_of_run + timedelta(days=days)
