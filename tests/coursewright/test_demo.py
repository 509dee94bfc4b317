"""The demo's parts: who takes the course, what they hand in, and how they answer, all of it drawn from the seed."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from authoring.course import Course
from authoring.course_file import load_course, parse_course
from authoring.errors import CoursewrightError
from authoring.notebook_file import NotebookError, read_notebook
from authoring.samples import load_samples
from coursewright.demo import answers, damage, hand_in
from coursewright.demo.chance import chance
from coursewright.demo.clock import Clock
from coursewright.demo.course_copy import with_cell_limit
from coursewright.demo.people import NAMES, enrolments_csv, people
from coursewright.demo.responses import respond
from coursewright.demo.setting import MARKER, Setting, check_source, clear
from coursewright.demo.story import STEPS
from exam_bank.item_file import read_bank
from exam_bank.scoring import Outcome, score
from exam_bank.variant_maker import Proof, try_proofs
from release.enrolment import parse_enrolments, standing, suspected_duplicates

COURSE = Path(__file__).parents[2] / "courses" / "mpc"


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(COURSE)


@pytest.fixture(scope="module")
def notebook():
    return read_notebook((COURSE / "source/week01-problem-set/problem-set.ipynb").read_bytes(), "problem-set.ipynb")


@pytest.fixture(scope="module")
def proofs():
    bank = read_bank(COURSE)
    items = [each for each in bank.items.values() if each.use == "exam" and each.status == "operational"]
    tried = try_proofs([(item, 7) for item in items])
    return [(item, proof) for item, proof in zip(items, tried, strict=True) if isinstance(proof, Proof)]


def setting_in(folder: Path, *, seed: int = 1, number: int = 60) -> Setting:
    return Setting(source=COURSE, folder=folder, seed=seed, number=number, workers=1)


class InPlace(Setting):
    """A demo whose course is the sample course itself; only read from."""

    root = COURSE


def planned(number: int = 60, seed: int = 1) -> list[list[hand_in.Plan]]:
    setting = InPlace(source=COURSE, folder=Path("nowhere"), seed=seed, number=number, workers=1)
    return [hand_in.plans(setting, assignment) for assignment in setting.problem_sets]


class TestPeople:
    def test_the_same_seed_gives_the_same_people_and_another_seed_others(self, course):
        assert people(course, 60, 1) == people(course, 60, 1)
        assert people(course, 60, 1) != people(course, 60, 2)

    def test_every_kind_of_standing_is_there(self, course):
        reasons = [standing(person.enrolment, course).reason.split(",")[0] for person in people(course, 60, 1)]
        kinds = {reason.split(" at ")[0] for reason in reasons}
        assert kinds == {"verified", "refunded", "on the audit track", "on the verified track"}
        late = [
            each.enrolment.verified_at
            for each in people(course, 60, 1)
            if each.enrolment.verified_at and "after" in standing(each.enrolment, course).reason
        ]
        assert late

    def test_one_pair_of_accounts_looks_like_one_person(self, course):
        found = suspected_duplicates(person.enrolment for person in people(course, 60, 1))
        assert [len(each.learners) for each in found] == [2]

    def test_enrolments_survive_the_file(self, course):
        enrolments = [person.enrolment for person in people(course, 60, 1)]
        assert list(parse_enrolments(enrolments_csv(enrolments), file="enrolments.csv")) == enrolments

    def test_nobody_has_the_name_of_another(self, course):
        names = [person.name for person in people(course, 60, 1) if person.name]
        assert len(set(names)) == len(names) == len(NAMES)


class TestHandingIn:
    def test_most_work_is_honest(self):
        for plans in planned():
            assert sum(plan.what == hand_in.HONEST for plan in plans) > len(plans) / 2

    def test_every_hostile_sample_is_handed_in(self):
        handed_in = {plan.what for plans in planned() for plan in plans if plan.what.startswith(answers.HOSTILE)}
        exist = {
            sample.name
            for assignment in ("week01-problem-set", "week02-problem-set")
            for sample in load_samples(COURSE, assignment)
            if sample.name.startswith(answers.HOSTILE)
        }
        assert handed_in == exist
        assert len(exist) >= 4

    def test_every_damage_and_every_way_not_to_finish_is_there(self):
        for plans in planned():
            whats = {plan.what for plan in plans}
            assert whats >= {*damage.DAMAGES, answers.EMPTY, answers.ENDLESS, hand_in.ABSENT}
        assert answers.CRASHES in {plan.what for plans in planned() for plan in plans}

    def test_the_same_seed_gives_the_same_plans(self):
        assert planned() == planned()
        assert planned() != planned(seed=2)

    def test_some_are_late_and_most_are_not(self, course):
        due = course.due_at(course.assignment("week01-problem-set"))
        late = sum(plan.at is not None and plan.at > due for plan in planned()[0])
        assert 0 < late < 20

    def test_the_able_answer_rightly_and_who_neither_knows_nor_tries_leaves_it_empty(self):
        samples = load_samples(COURSE, "week01-problem-set")
        best = answers.honest(samples, 9.0, 1.0, chance(1))
        assert {each.name for each in best} == {answers.RIGHT}
        worst = answers.honest(samples, -9.0, 0.0, chance(1))
        assert {each.name for each in worst} == {answers.EMPTY}

    def test_honest_answers_are_never_hostile_endless_or_crashing(self):
        samples = load_samples(COURSE, "week02-problem-set")
        for seed in range(50):
            given = answers.honest(samples, -1.0, 0.9, chance(seed))
            assert [each.cell for each in given] == list(answers.by_cell(samples))
            names = {each.name for each in given}
            assert not names & {answers.ENDLESS, answers.CRASHES}
            assert not [name for name in names if name.startswith(answers.HOSTILE)]


class TestDamage:
    def test_a_truncated_notebook_is_no_notebook(self, notebook):
        files = damage.truncated("problem-set.ipynb", notebook)
        with pytest.raises(NotebookError):
            read_notebook(files["problem-set.ipynb"], "problem-set.ipynb")

    @pytest.mark.parametrize(
        ("name", "cells"), [("deleted-test", -1), ("duplicated-cell", 1), ("retyped-cell", 0), ("renamed-file", 0)]
    )
    def test_the_others_can_be_read_and_differ(self, notebook, name, cells):
        ((file, data),) = damage.DAMAGES[name]("problem-set.ipynb", notebook).items()
        damaged = read_notebook(data, file)
        assert len(damaged.cells) - len(notebook.cells) == cells
        assert file != "problem-set.ipynb" or damaged.cells != notebook.cells

    def test_no_notebook_leaves_nothing(self, notebook):
        assert damage.no_notebook("problem-set.ipynb", notebook) == {}


class TestResponses:
    def test_every_item_can_be_answered(self, proofs):
        assert len(proofs) >= 10

    def test_what_is_meant_to_be_right_earns_everything_and_the_rest_less(self, proofs):
        for item, proof in proofs:
            for seed in range(40):
                given = respond(item, proof, 0.0, chance(seed, item.ref))
                found = score(proof.variant, given.value)
                if found.outcome is Outcome.SCORED:
                    assert (found.points == proof.variant.points) is given.is_full, (item.ref, given)
                else:
                    assert found.outcome in {Outcome.OMITTED, Outcome.MANUAL}, (item.ref, given)

    def test_the_able_do_better(self, proofs):
        full = Counter[int]()
        for ability in (-2, 2):
            full[ability] = sum(
                respond(item, proof, ability, chance(seed, item.ref)).is_full
                for item, proof in proofs
                for seed in range(20)
            )
        assert full[2] > 2 * full[-2] > 0


class TestTheCopy:
    @pytest.mark.parametrize(
        "text",
        [
            'id = "a"\n[limits] # a remark\ncell_seconds = 10.0\ndisk_mib = 3\n[[weeks]]\nnumber = 1\n',
            'id = "a"\n[limits]\ndisk_mib = 3\n[[weeks]]\nnumber = 1\n',
            'id = "a"\n[[weeks]]\nnumber = 1\n',
            'id = "a"\n',
        ],
    )
    def test_only_the_cell_limit_changes(self, text):
        import tomllib

        before, after = tomllib.loads(text), tomllib.loads(with_cell_limit(text, 3.0))
        assert after.pop("limits") == {**before.pop("limits", {}), "cell_seconds": 3.0}
        assert after == before

    def test_the_sample_course_still_loads(self):
        text = (COURSE / "course.toml").read_text("utf-8")
        assert parse_course(with_cell_limit(text, 3.0)).limits.cell_seconds == 3.0


class TestTheFolder:
    def test_a_new_folder_is_made_and_marked(self, tmp_path):
        setting = setting_in(tmp_path / "deep" / "demo")
        clear(setting)
        assert json.loads((setting.folder / MARKER).read_text()) == {"schema": 1, "seed": 1, "learners": 60}

    def test_an_earlier_demo_is_replaced(self, tmp_path):
        clear(setting_in(tmp_path))
        (tmp_path / "course").mkdir()
        (tmp_path / "report.html").write_text("old")
        clear(setting_in(tmp_path, seed=2))
        assert [path.name for path in tmp_path.iterdir()] == [MARKER]

    @pytest.mark.parametrize("marker", [None, "not JSON", '{"schema": 1}'])
    def test_a_folder_of_somebody_elses_is_left_alone(self, tmp_path, marker):
        (tmp_path / "thesis.tex").write_text("years of work")
        if marker is not None:
            (tmp_path / MARKER).write_text(marker)
        with pytest.raises(CoursewrightError, match="did not make"):
            clear(setting_in(tmp_path))
        assert (tmp_path / "thesis.tex").read_text() == "years of work"

    def test_a_link_is_not_followed(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        with pytest.raises(CoursewrightError, match="no folder"):
            clear(setting_in(tmp_path / "link"))

    def test_a_link_within_an_earlier_demo_is_removed_and_what_it_leads_to_stays(self, tmp_path):
        folder, outside = tmp_path / "demo", tmp_path / "outside"
        clear(setting_in(folder))
        outside.mkdir()
        (outside / "kept").write_text("kept")
        (folder / "link").symlink_to(outside)
        clear(setting_in(folder))
        assert (outside / "kept").exists()
        assert not (folder / "link").is_symlink()

    def test_without_a_course_the_error_says_what_to_do(self, tmp_path):
        with pytest.raises(CoursewrightError, match="--course"):
            check_source(tmp_path / "courses" / "mpc")


def test_the_clock_goes_only_when_it_is_told_to(course):
    clock = Clock()
    clock.set(course.instant(course.weeks[0].opens))
    before = clock()
    assert clock() == before
    clock.wait(hours=2, minutes=0.5)
    assert clock() - before == timedelta(hours=2, seconds=30)
    assert clock().utcoffset() == timedelta(0)


def test_no_two_steps_have_one_name():
    assert len({step.name for step in STEPS}) == len(STEPS)
