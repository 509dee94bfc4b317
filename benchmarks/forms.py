"""Forms: a class's forms with even exposure, and parallel forms, from a made-up bank of 500 items, on one core.

The bank has 8 topics, 4 types and 1 to 4 points; the blueprint asks for 40 items in 2 sections, with rows by topic and
type, a budget of minutes, a target for the mean difficulty and one for the information. "possible" is a proven bound on
the mean overlap (``exam_bank.forms.exposure.least_overlap``); what can really be had may be a little above it. Every
form is checked by ``exam_bank.forms.form_check``, whose time is not in the figure; the questions' variants are.

Run it with the number of learners; 100 if none is given.
"""

import platform
import sys
import time
from decimal import Decimal

import numpy as np

from exam_bank.forms.assembly import assemble_forms, parallel_forms
from exam_bank.forms.blueprint import Blueprint, Difficulty, Exposure, Information, Parallel, Row, Section
from exam_bank.forms.class_check import check_class, exposures
from exam_bank.forms.exposure import least_overlap
from exam_bank.forms.form import Form
from exam_bank.forms.form_check import check_forms
from exam_bank.forms.parameters import ItemParameters, Parameters, information
from exam_bank.forms.requirements import task
from exam_bank.item import Item, Numeric, Option, SingleChoice, Status, Tolerance, Use
from exam_bank.item_file import Bank

SEED = bytes(range(32))
ITEMS, TOPICS, SECTIONS = 500, 8, 2
SKILLS = ("recall", "apply", "interpret")


def made_bank(chance: np.random.Generator) -> Bank:
    """The bank."""
    number = Numeric(answer=1.5, tolerance=Tolerance(absolute=Decimal("0.1")))
    options = tuple(Option(id=each, text=each, correct=each == "a", feedback="") for each in "abcd")
    items = []
    for index in range(ITEMS):
        points = int(chance.choice([1, 2, 3, 4], p=[0.2, 0.4, 0.3, 0.1]))
        items.append(
            Item(
                topic=f"topic-{index % TOPICS}",
                id=f"item-{index:03}",
                title="An item",
                skill=str(chance.choice(SKILLS)),
                status=Status.OPERATIONAL,
                use=Use.EXAM,
                points=Decimal(points),
                minutes=round(points * chance.uniform(1, 2.5), 1),
                question=number if chance.random() < 0.5 else SingleChoice(options=options),
                stem=f"Question {index}?",
                solution="So.",
            )
        )
    return Bank(items={item.ref: item for item in sorted(items, key=lambda item: item.ref)})


def made_parameters(bank: Bank, chance: np.random.Generator) -> Parameters:
    """Figures of a 2PL model for every item."""
    known = {}
    for ref, item in bank.items.items():
        a, b = float(np.exp(chance.normal(0, 0.3))), float(chance.normal(0, 1))
        share = float(1 / (1 + np.exp(a * b)))
        known[ref] = ItemParameters(item=ref, version=item.version, difficulty=share, a=a, b=b, c=0.0)
    return Parameters(items=known, name="made up", version="made up")


def made_blueprint(bank: Bank, parameters: Parameters) -> Blueprint:
    """Two sections of 20 items."""
    rows = (
        *(Row(topic=f"topic-{number}", at_least=2, at_most=3) for number in range(TOPICS)),
        Row(types=("numeric",), count=10),
        Row(skill="apply", at_least=5),
    )
    sections = tuple(
        Section(id=f"part-{n}", title=f"Part {n}", minutes=100, count=20, points=Decimal(46), rows=rows)
        for n in range(1, SECTIONS + 1)
    )
    mean = sum(information(each, 0) for each in parameters.items.values()) / len(bank.items)
    return Blueprint(
        schema=1,
        title="Final",
        sections=sections,
        parameters="made up",
        difficulty=Difficulty(mean=Decimal("0.5"), tolerance=Decimal("0.01")),
        information=(Information(theta=Decimal(0), value=Decimal(f"{40 * mean:.2f}"), tolerance=Decimal("0.2")),),
    )


def checked(forms: list[Form], bank: Bank, blueprint: Blueprint, parameters: Parameters) -> int:
    """How many problems the checker finds."""
    alone = sum(len(each) for each in check_forms(forms, bank, blueprint, parameters))
    return alone + len(check_class(forms, blueprint, bank))


def class_row(learners: int, bank: Bank, blueprint: Blueprint, parameters: Parameters) -> str:
    """What it costs to make a class's forms, and how even they are."""
    names = [f"learner-{number:05}" for number in range(learners)]
    started = time.perf_counter()
    forms = list(assemble_forms(bank, blueprint, seed=SEED, learners=names, parameters=parameters).values())
    seconds = time.perf_counter() - started
    found = exposures(forms, bank)
    todo = task(bank, blueprint, parameters)
    possible = least_overlap(todo, [found.uses[item.ref] for item in todo.items], learners)
    ratio = (found.overlap or 0) / possible
    problems = checked(forms, bank, blueprint, parameters)
    return (
        f"{learners:9,}{seconds:10.1f}{seconds / learners:10.3f}{found.overlap:10.4f}{possible:10.4f}{ratio:8.4f}"
        f"{found.most:14.3f}{len(found.unused):8}{problems:10}"
    )


def parallel_row(forms: int, bank: Bank, blueprint: Blueprint, parameters: Parameters) -> str:
    """What it costs to make parallel forms, and how alike they are."""
    started = time.perf_counter()
    made = list(parallel_forms(bank, blueprint, seed=SEED, parameters=parameters))
    seconds = time.perf_counter() - started
    refs = [[question.variant.ref for question in form.questions] for form in made]
    amounts = [sum(information(parameters.items[ref], 0) for ref in each) for each in refs]
    shared = sum(map(len, refs)) - len({ref for each in refs for ref in each})
    spread = (max(amounts) - min(amounts)) / min(amounts)
    return f"{forms:9}{seconds:10.1f}{spread:24.2%}{shared:16}{checked(made, bank, blueprint, parameters):10}"


def main() -> None:
    """Print the tables."""
    learners = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    chance = np.random.default_rng(4)
    bank = made_bank(chance)
    parameters = made_parameters(bank, chance)
    plain = made_blueprint(bank, parameters)
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}, one core")
    print(f"{'learners':>9}{'seconds':>10}{'s a form':>10}{'overlap':>10}{'possible':>10}{'ratio':>8}", end="")
    print(f"{'most exposed':>14}{'unused':>8}{'problems':>10}")
    even = Blueprint(**{**vars_of(plain), "exposure": Exposure(maximum=Decimal("0.25"))})
    print(class_row(learners, bank, even, parameters))
    print(f"{'parallel':>9}{'seconds':>10}{'spread of information':>24}{'items shared':>16}{'problems':>10}")
    print(parallel_row(5, bank, alike(plain), parameters))


def alike(plain: Blueprint) -> Blueprint:
    """Five forms whose information is within half a per cent of the target, so that any two agree to 1 %."""
    (aim,) = plain.information
    narrow = Information(theta=aim.theta, value=aim.value, tolerance=round(aim.value * Decimal("0.005"), 4))
    return Blueprint(**{**vars_of(plain), "information": (narrow,), "parallel": Parallel(forms=5)})


def vars_of(blueprint: Blueprint) -> dict[str, object]:
    """The fields of a blueprint."""
    return {name: getattr(blueprint, name) for name in blueprint.__struct_fields__}


if __name__ == "__main__":
    main()
