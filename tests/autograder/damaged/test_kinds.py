"""Each kind of damage has a record, a finding that a person can act on, and the points that the answers are worth."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder import batch
from autograder.preparing import prepare
from autograder.record import GradeRecord
from autograder.submission import read_submission
from tests.autograder.damaged.course import source, write_course
from tests.autograder.damaged.kinds import KINDS, Kind


def hand_in(root: Path, kind: Kind) -> Path:
    folder = root / "submitted" / kind.name / "ps"
    for name, data in kind.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


by_name = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.mark.integration  # all of them take long
@by_name
def test_it_is_said_what_was_found(kind: Kind, tmp_path: Path) -> None:
    prepared = prepare(source(), read_submission(hand_in(tmp_path, kind), kind.name))
    assert sorted({finding.rule for finding in prepared.findings}) == sorted(kind.rules)
    assert kind.says in " ".join(finding.message for finding in prepared.findings)
    assert (kind.outcome.value == "failed") == bool(prepared.broken)
    assert (kind.outcome.value == "missing") == bool(prepared.missing)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, GradeRecord]:
    """The whole class in one batch, which nothing may stop."""
    root = tmp_path_factory.mktemp("damaged")
    write_course(root)
    for kind in KINDS:
        hand_in(root, kind)
    return {result.record.learner: result.record for result in batch.run(batch.plan(root, "ps"), workers=2)}


@pytest.mark.integration
@by_name
def test_it_gets_the_points_that_its_answers_are_worth_or_none_at_all(
    kind: Kind, records: Mapping[str, GradeRecord]
) -> None:
    record = records[kind.name]
    assert (record.outcome, record.score) == (kind.outcome, kind.score)
    assert sorted({finding.rule for finding in record.findings}) == sorted(kind.rules)
    if kind.outcome.value == "needs_manual":
        assert {cell.grade_id for cell in record.cells} == {"t_one", "t_two", "e_why"}
