"""Who hands what in, and when: planned first, from the seed alone, then written where nbgrader looks for it."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from nbformat import NotebookNode

from authoring.course import Assignment
from authoring.notebook_file import load_notebook, notebook_bytes
from authoring.samples import SampleAnswer, answered, answers_for, load_samples
from coursewright.demo.answers import CRASHES, EMPTY, ENDLESS, honest, hostile, named
from coursewright.demo.chance import chance
from coursewright.demo.damage import DAMAGES
from coursewright.demo.people import Person
from coursewright.demo.setting import Setting

HONEST, ABSENT = "honest", "not-handed-in"
_ODD_SHARE = 0.35  # of the learners at most; the others' work is what it should be


@dataclass(frozen=True)
class Plan:
    """What one learner does about one assignment."""

    person: Person
    what: str  # "honest", "empty", "endless", "crashes", the name of a hostile sample or of a damage, "not-handed-in"
    answers: tuple[SampleAnswer, ...]
    at: datetime | None  # when it is handed in, None if never


def plans(setting: Setting, assignment: Assignment) -> list[Plan]:
    """What every learner does about an assignment, by learner."""
    samples = load_samples(setting.root, assignment.id)
    drawn = chance(setting.seed, "hand in", assignment.id)
    odd = list(_odd(samples))[: int(len(setting.people) * _ODD_SHARE)]
    ways = dict(zip(drawn.sample([each.id for each in setting.people], len(odd)), odd, strict=True))
    due = setting.course.due_at(assignment) or setting.end_of_run
    return [_plan(each, ways.get(each.id, HONEST), samples, due, drawn) for each in setting.people]


def _odd(samples: Sequence[SampleAnswer]) -> Iterator[str]:
    """Everything that is not honest, finished work; what matters most comes first, for small classes."""
    attacks = [each.name for each in hostile(samples)]
    damages = list(DAMAGES)
    available = {each.name for each in samples}
    yield from attacks[:1]
    yield from [damages[0], *({ENDLESS} & available), ABSENT]
    yield from [*attacks[1:], *damages[1:], EMPTY]
    yield from [each for each in (CRASHES, CRASHES) if each in available]
    yield from [ABSENT, ABSENT]


def _plan(person: Person, what: str, samples: Sequence[SampleAnswer], due: datetime, drawn: Random) -> Plan:
    given = honest(samples, person.ability, person.diligence, drawn)
    moment = _moment(due, person.diligence, drawn)
    if what == EMPTY:
        given = [each for each in samples if each.name == EMPTY]
    elif (planted := named(samples, what)) is not None:
        given = [*(each for each in given if each.cell != planted.cell), planted]
    return Plan(person, what, tuple(given), None if what == ABSENT else moment)


def _moment(due: datetime, diligence: float, drawn: Random) -> datetime:
    """Most hand in during the last two days, the less diligent now and then too late."""
    early = timedelta(hours=drawn.expovariate(1 / 16))
    late = timedelta(minutes=10) + timedelta(hours=drawn.expovariate(1 / 30))
    moment = due + late if drawn.random() > diligence + 0.08 else due - early - timedelta(minutes=3)
    return moment.astimezone(UTC).replace(microsecond=0)


def hand_in(setting: Setting, assignment: Assignment, plans: Iterable[Plan]) -> int:
    """Write the submissions below ``submitted/``; their number."""
    published = setting.published / assignment.id
    notebooks = {path.name: load_notebook(path) for path in sorted(published.glob("*.ipynb"))}
    number = 0
    for plan in plans:
        if plan.at is not None:
            _write(setting.root / "submitted" / plan.person.id / assignment.id, published, notebooks, plan)
            number += 1
    return number


def _write(folder: Path, published: Path, notebooks: dict[str, NotebookNode], plan: Plan) -> None:
    shutil.copytree(published, folder, ignore=shutil.ignore_patterns("*.ipynb"))
    for name, notebook in notebooks.items():
        filled = answered(notebook, answers_for(notebook, plan.answers))
        damage = DAMAGES.get(plan.what)
        files = damage(name, filled) if damage else {name: notebook_bytes(filled)}
        for file, data in files.items():
            (folder / file).write_bytes(data)
    if plan.at is not None:
        (folder / "timestamp.txt").write_text(f"{plan.at:%Y-%m-%d %H:%M:%S} UTC\n")
