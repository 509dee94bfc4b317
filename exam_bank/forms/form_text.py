"""What a learner is told at the head of a form and of a section, in JupyterLab and on paper alike.

With pilot items the sums of the points are left out: from a sum one could tell which questions do not count.
"""

from decimal import Decimal

from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.render import points_text


def opening(form: Form) -> str:
    """How many questions, what they are worth, and what counts."""
    pilots = sum(section.pilots for section in form.sections)
    number = f"{len(form.questions)} questions"
    rest = (
        "A section closes when its time is over; answers given until then count. What you leave empty earns no points."
    )
    if pilots:
        some = "One of them is" if pilots == 1 else f"{pilots} of them are"
        trial = f"{some} on trial and will not count. Nothing tells which, so answer them all."
        return f"{number}. {trial} {rest}"
    return f"{number}, {points_text(form.points)}. {rest}"


def section_opening(section: FormSection) -> str:
    """How long the section is open, and what it is worth."""
    minutes = f"{section.minutes} minutes from the moment you open it"
    if section.pilots:
        return f"{minutes}."
    return f"{minutes}, {points_text(sum((each.points for each in section.questions), Decimal(0)))}."


def number_of(question: Question) -> str:
    """The number that the learner sees: ``3`` of ``q03``."""
    return question.id.lstrip("q0")
