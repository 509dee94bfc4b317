"""Attacks on the grader: none gains a mark, reads a secret, leaves anything behind, or disturbs anybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from autograder.record import GradeRecord, from_json
from tests.attacks.attack import FULL_MARKS, GROUPS, Attack, load_attacks
from tests.attacks.scene import REACHED, SECRETS, Graded, Scene, grade, outputs_of, scene
from tests.autograder import nbgrader_oracle

pytestmark = pytest.mark.integration

ATTACKS = load_attacks()
TIGHT = {
    "cell_seconds": 2.0,
    "submission_seconds": 6.0,
    "cpu_seconds": 30,
    "memory_mib": 512,
    "submission_memory_mib": 600,
    "processes": 12,
}

Play = tuple[Scene, Graded]


def neighbour(attack: Attack) -> str:
    """The honest submission that is graded beside an attack."""
    return f"{attack.name}.z"


def play(folder: Path, attacks: list[Attack], limits: dict[str, float] | None = None) -> Iterator[Play]:
    with scene(folder, limits) as made:
        for attack in attacks:
            made.hand_in(attack, attack.name)
            made.hand_in_honestly(neighbour(attack))
        yield made, grade(made)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    yield from play(tmp_path_factory.mktemp("usual"), [one for one in ATTACKS if one.group != "exhausting"])


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """With little time and memory, so that using them up is quick."""
    yield from play(tmp_path_factory.mktemp("tight"), [one for one in ATTACKS if one.group == "exhausting"], TIGHT)


@pytest.fixture(params=["usual", "tight"])
def batch(request: pytest.FixtureRequest) -> Play:
    found: Play = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=ATTACKS, ids=lambda attack: f"{attack.group}-{attack.name}")
def attacked(request: pytest.FixtureRequest) -> tuple[Attack, Graded]:
    attack: Attack = request.param
    _, graded = request.getfixturevalue("tight" if attack.group == "exhausting" else "usual")
    return attack, graded


def record_of(graded: Graded, learner: str) -> GradeRecord:
    return from_json(graded.records[learner])


def marks_of(record: GradeRecord) -> dict[str, float | None]:
    return {cell.grade_id: cell.score for cell in record.cells if cell.kind.value == "test"}


def test_each_gets_exactly_the_marks_of_its_wrong_answer(attacked: tuple[Attack, Graded]) -> None:
    attack, graded = attacked
    record = record_of(graded, attack.name)
    explained = (
        [(cell.grade_id, cell.score, cell.outcome.value, cell.message) for cell in record.cells],
        record.findings,
    )
    assert record.outcome.value == attack.outcome, explained
    if record.score is not None:
        assert marks_of(record) == attack.expected, explained
        assert record.score == sum(attack.expected.values())
    assert sorted(finding.rule for finding in record.findings) == sorted(attack.findings), explained


def test_none_sees_a_secret_or_gets_where_it_should_not(attacked: tuple[Attack, Graded]) -> None:
    attack, graded = attacked
    outputs = outputs_of(graded, attack.name)
    said = outputs + graded.records[attack.name].decode()
    assert [secret for secret in (*SECRETS, REACHED) if secret in said] == []
    assert attack.shows in said, f"it was not carried out: {said}"


def test_none_disturbs_the_submission_beside_it(attacked: tuple[Attack, Graded], alone: GradeRecord) -> None:
    attack, graded = attacked
    learner = neighbour(attack)
    assert record_of(graded, learner) == _as(alone, learner, record_of(graded, learner).environment)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> GradeRecord:
    """The honest submission, graded with nobody around."""
    with scene(tmp_path_factory.mktemp("alone")) as made:
        record = record_of(grade(made), "honest")
    assert marks_of(record) == FULL_MARKS
    assert record.findings == ()
    return record


def _as(record: GradeRecord, learner: str, environment: str) -> GradeRecord:
    """The same record of another learner; the limits are part of the environment."""
    return replace(record, learner=learner, environment=environment)


def test_the_batch_comes_to_its_end(batch: Play) -> None:
    made, graded = batch
    handed_in = {path.name for path in (made.root / "submitted").iterdir()}
    assert graded.records.keys() == handed_in
    failed = any(record_of(graded, learner).outcome.value in {"failed", "missing"} for learner in handed_in)
    assert graded.status == int(failed), graded.output


def test_no_process_is_left(batch: Play) -> None:
    assert batch[1].survivors == []


def test_no_file_is_left_or_changed(batch: Play) -> None:
    _, graded = batch
    assert graded.left == []
    assert graded.changed == []


def test_the_gradebook_holds_what_the_records_say_and_nothing_else(batch: Play) -> None:
    made, graded = batch
    rows = nbgrader_oracle.graded(made.root)["grades"]
    assert {row[5] for row in rows} == {None}, "there is a manual mark that nobody gave"
    said = {(row[0], row[2]): row[4] for row in rows if row[2] in FULL_MARKS}
    scored = [one for one in map(from_json, graded.records.values()) if one.score is not None]
    assert said.items() >= {(one.learner, name): mark for one in scored for name, mark in marks_of(one).items()}.items()


def test_nothing_that_listens_is_reached(batch: Play) -> None:
    assert batch[0].callers == []


def test_the_graders_own_output_holds_no_secret(batch: Play) -> None:
    assert [secret for secret in SECRETS if secret in batch[1].output] == []


def test_there_are_attacks_of_every_group() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 40
    assert {attack.group for attack in ATTACKS} == set(GROUPS)


def test_the_documentation_names_every_attack() -> None:
    page = (Path(__file__).parents[2] / "docs/attacks.md").read_text()
    assert [attack.name for attack in ATTACKS if f"| {attack.tries} |" not in page] == []
