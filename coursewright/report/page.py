"""The report as one HTML file: no script, nothing fetched, readable on a screen, at night and on paper.

Whatever learners chose (ids, messages, file names) reaches the page through Jinja2's escaping alone; a content security
policy says once more that nothing in it runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from coursewright import __version__
from coursewright.printable import one_line, printable
from coursewright.report.assignment_facts import AssignmentFacts, CellFacts, Incident, by_rule
from coursewright.report.class_facts import ClassFacts
from coursewright.report.exam_facts import ExamFacts, ItemFacts
from coursewright.report.facts import Facts
from exam_bank.statistics.classical import Estimate
from release.rounding import per_cent

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


_DASH, _MINUS = "\u2013", "\u2212"


@dataclass(frozen=True)
class Group:
    """Incidents of one kind, for a row of a table."""

    rule: str
    cell: str
    message: str
    learners: tuple[str, ...]


def page(facts: Facts) -> str:
    """The page of a whole run, as HTML."""
    return _rendered("report.html", facts, _plots(facts))


def class_page(facts: ClassFacts) -> str:
    """The page of some assignments, as HTML."""
    return _rendered("class.html", facts, _pictures(dict(_drawn(facts.assignments))))


def _rendered(template: str, facts: Facts | ClassFacts, plots: "Mapping[str, Markup]") -> str:
    return (
        environment()
        .get_template(template)
        .render(
            facts=facts,
            plots=plots,
            style=style("report.css"),
            hardest={each.id: _hardest(each) for each in facts.assignments},
            stopped={each.id: _groups(each.stopped) for each in facts.assignments},
            repaired={each.id: _groups(each.repaired) for each in facts.assignments},
            todo=sorted({learner for task in facts.tasks for learner in task.learners}),
        )
    )


def write_report(facts: Facts, path: Path) -> None:
    """Write the page of a run to a file, whole or not at all."""
    write_page(page(facts), path)


def write_page(text: str, path: Path) -> None:
    """Write a page to a file, whole or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


@cache
def environment() -> "Environment":
    """What the pages of this package are made with: everything is escaped, and nothing may be undefined."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_file)
    )
    made.filters |= {
        "number": number,
        "percent": percent,
        "estimate": estimate,
        "one_line": one_line,
        "printable": printable,
        "short": lambda title: title.partition(":")[0],
        "spaced": lambda text: text.replace("_", " ").replace("-", " "),
    }
    made.globals |= {"counted": counted, "exact_percent": exact_percent, "version": __version__}
    return made


def _file(name: str) -> str:
    return files("coursewright.report").joinpath(name).read_text("utf-8")


def style(*names: str) -> "Markup":
    """Our own style sheets, to stand within a page."""
    from markupsafe import Markup

    return Markup("".join(map(_file, names)))  # noqa: S704  (our own files)


# What the template shows


def number(value: float | Decimal | None, places: int = 1) -> str:
    """A number without needless zeros; a dash where there is none."""
    if value is None:
        return _DASH
    text = f"{value:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", _MINUS)


def percent(fraction: float | None) -> str:
    """A fraction as whole per cent; a dash where there is none."""
    return _DASH if fraction is None else f"{fraction * 100:.0f} %"


def exact_percent(fraction: Decimal | None) -> str:
    """A grade as it counts: cut off after two places, never rounded up."""
    return _DASH if fraction is None else per_cent(fraction)


def estimate(value: Estimate) -> str:
    """An estimate with its 95 % interval, or why it cannot be known."""
    if value.value is None:
        return f"unknown: {value.why_not}"
    if value.low is None or value.high is None:
        return number(value.value, 2)
    low, middle, high = (f"{each:.2f}".replace("-", _MINUS) for each in (value.low, value.value, value.high))
    return f"{middle} ({low} to {high})"


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things, such as "1 learner" or "3 learners"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def _hardest(assignment: AssignmentFacts) -> Sequence[CellFacts]:
    return sorted(assignment.cells, key=lambda each: (each.pass_rate, each.grade_id))


def _groups(incidents: Sequence[Incident]) -> Sequence[Group]:
    """The incidents by rule, cell and message, the commonest rule first."""
    found = []
    for rule, same in by_rule(incidents).items():
        messages: dict[tuple[str, str], list[str]] = {}
        for each in same:
            messages.setdefault((each.cell, each.message), []).append(each.learner)
        found += [Group(rule, *place, tuple(dict.fromkeys(learners))) for place, learners in messages.items()]
    return found


def _plots(facts: Facts) -> "Mapping[str, Markup]":
    """Every picture of the page of a run, by name."""
    drawn = dict(_drawn(facts.assignments))
    for exam in facts.exams:
        drawn |= dict(_exam_plots(exam))
    if facts.against:
        from coursewright.report.plots import reasons_plot

        title = "What speaks against a credential"
        drawn["against"] = reasons_plot(facts.against, title=title, name="against")
    return _pictures(drawn)


def _pictures(drawn: Mapping[str, str]) -> "Mapping[str, Markup]":
    from markupsafe import Markup

    return {name: Markup(text) for name, text in drawn.items()}  # noqa: S704  (drawn by us, every text in it escaped)


def _drawn(assignments: Sequence[AssignmentFacts]) -> Iterator[tuple[str, str]]:
    for number, each in enumerate(assignments):
        yield from _assignment_plots(each, f"assignment-{number}")


def _assignment_plots(facts: AssignmentFacts, word: str) -> list[tuple[str, str]]:
    """The pictures of an assignment; ``word`` is for their ids, since a folder may be called anything."""
    from coursewright.report.plots import cells_plot, score_plot, seconds_plot

    title = f"Scores of {facts.title}"
    scores = score_plot(facts.scores, facts.points, facts.pass_points, title=title, name=f"scores-{word}")
    cells = cells_plot(facts.cells, title=f"Questions of {facts.title}", name=f"cells-{word}")
    drawn = [(f"scores-{facts.id}", scores), (f"cells-{facts.id}", cells)]
    if facts.time and facts.time.learners:
        seconds = [each for _, each in facts.time.learners]
        title = f"Grading time of {facts.title}"
        drawn.append((f"seconds-{facts.id}", seconds_plot(seconds, title=title, name=f"seconds-{word}")))
    return drawn


def _exam_plots(facts: ExamFacts) -> list[tuple[str, str]]:
    from coursewright.report.plots import score_plot

    name = f"scores-{facts.id}"
    title = f"Scores of {facts.title}"
    scores = score_plot(facts.scores, facts.points, facts.pass_points, title=title, name=name)
    items = [(f"item-{each.ref}", _item_plot(each, f"item-{place}")) for place, each in enumerate(facts.items)]
    return [(name, scores), *items]


def _item_plot(item: ItemFacts, name: str) -> str:
    from coursewright.report.plots import themed
    from exam_bank.statistics.plots import item_plot

    return themed(item_plot(item.groups, title=item.title, heading=False), name)
