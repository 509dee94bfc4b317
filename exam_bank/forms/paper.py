"""A form as a page to be printed: what a learner writes on, and apart from it what the proctor's key says.

The page stands alone: no script and nothing to fetch, maths drawn as outlines. The learner's page is built from what
may be shown, as the notebook is; no key is in it. Every sheet has the form's number at its foot, for sheets get loose.
"""

import base64
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files
from math import ceil
from typing import Literal

from exam_bank import maths
from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.forms.form_text import number_of, opening, section_opening
from exam_bank.item import Scoring
from exam_bank.render import points_text, shown_answer, stem
from exam_bank.scoring import key_response
from exam_bank.variant import (
    Code,
    FillIn,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    ShortAnswer,
    Shown,
    SingleChoice,
    Variant,
    margin,
)

Paper = Literal["a4", "letter"]
_LINES_A_POINT = 3  # of a short answer
_FEWEST_LINES, _MOST_LINES = 4, 24
_CODE_LINES = 14
_LONG = 2500  # characters of a question that may not fit on one sheet
_LINE = "_" * 8  # how render.stem writes a blank


def paper_html(form: Form, *, paper: Paper = "a4") -> str:
    """The page for the learner, with a place for each answer and no key.

    Args:
        form: the questions; without a learner (a fixed form) the page leaves their id to be written.
        paper: the size of a sheet.
    """
    told = f"<p>{escape(opening(form))} Write your answers in the places that are left for them.</p>"
    parts = [_head(form), told, *map(_section, form.sections), '<p class="end">End of the exam.</p>']
    return _page(form, paper, form.title, parts)


def key_html(form: Form, *, paper: Paper = "a4") -> str:
    """The key of a form, for those who mark it; it must not be where learners are."""
    rows = "".join(_key_row(question) for question in form.questions)
    head = '<tr><th scope="col">Question</th><th scope="col">Answer</th><th scope="col">Points</th></tr>'
    told = '<p class="secret">Answer key. Not for learners: keep it locked away until the exam is marked.</p>'
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    total = f"<p>{points_text(form.points)} in all.</p>"
    return _page(form, paper, f"{form.title}: answer key", [_head(form, key=True), told, table, total])


def form_number(form: Form) -> str:
    """What tells the form from others on paper: the letter of a fixed form, and the first digits of its hash."""
    digits = form.version.removeprefix("sha256:")[:12]
    return f"{str(form.fixed).upper()}-{digits}" if form.fixed else digits


# ---- the page


def _page(form: Form, paper: Paper, title: str, parts: Sequence[str]) -> str:
    style = _style(paper, form_number(form))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # Pictures of maths are set on the line by a style of their own, which no hash can name.
    policy = (
        f"default-src 'none'; img-src data:; style-src-elem 'sha256-{digest}'; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _style(paper: Paper, number: str) -> str:
    foot = "font: 8.5pt sans-serif;"
    sheet = (
        f"@page {{ size: {'A4' if paper == 'a4' else 'letter'}; margin: 18mm 18mm 20mm;\n"
        f'  @bottom-left {{ content: "Form {number}"; {foot} }}\n'
        f'  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); {foot} }} }}\n'
    )
    return sheet + _stylesheet()


@cache
def _stylesheet() -> str:
    return files("exam_bank").joinpath("forms", "paper.css").read_text("utf-8")


def _head(form: Form, *, key: bool = False) -> str:
    attempt = f", attempt {form.attempt}" if form.attempt > 1 else ""
    facts = f'<p class="form">Form {form_number(form)}{attempt}</p>'
    title = f"<h1>{escape(form.title)}</h1>"
    if key:
        learner = f"<p>Learner: {escape(form.learner)}</p>" if form.learner else ""
        return f"<header>{title}{facts}{learner}</header>"
    boxes = {"Name": "", "Learner ID": form.learner, "Signature": "", "Date": ""}
    fields = "".join(f"<div><dt>{name}</dt><dd>{escape(value) or '&nbsp;'}</dd></div>" for name, value in boxes.items())
    return f'<header>{title}{facts}<dl class="who">{fields}</dl></header>'


def _section(section: FormSection) -> str:
    title = f'<h2 id="section-{section.id}">{escape(section.title)}</h2>'
    told = section_opening(section).replace("from the moment you open it", "from the moment you are told to begin")
    questions = "".join(_question(question) for question in section.questions)
    return f'<section aria-labelledby="section-{section.id}">{title}<p>{escape(told)}</p>{questions}</section>'


def _question(question: Question) -> str:
    variant, number = question.variant, number_of(question)
    points = f'<span class="points">{points_text(variant.points)}</span>'
    text = maths.to_html(stem(variant)).replace(_LINE, '<span class="blank"></span>')
    parts = [f'<h3 id="{question.id}"><span>Question {number}</span>{points}</h3>', text, *_answer_space(variant)]
    kind = "question long" if sum(map(len, _texts(variant))) > _LONG else "question"
    return f'<article class="{kind}" aria-labelledby="{question.id}">{"".join(parts)}</article>'


def _texts(variant: Variant) -> list[str]:
    code = [variant.key.starter, variant.key.tests] if isinstance(variant.key, Code) else []
    return [variant.stem, *code]


# ---- places for answers


def _answer_space(variant: Variant) -> list[str]:
    match variant.key:
        case SingleChoice(options=options):
            parts = [_how("Mark one."), _options(options, "mark round")]
        case MultipleChoice(options=options, scoring=scoring):
            penalty = " A wrong choice takes back a right one." if scoring is Scoring.RIGHT_MINUS_WRONG else ""
            parts = [_how(f"Mark all that apply.{penalty}"), _options(options, "mark")]
        case Numeric(unit=unit):
            parts = [f'<p class="answer">Answer:<span class="number"></span>{escape(unit)}</p>']
        case FillIn(blanks=blanks):
            parts = [_how("Fill in the blank." if len(blanks) == 1 else f"Fill in the {len(blanks)} blanks.")]
        case ShortAnswer():
            parts = [_how("Answer in a few sentences."), _lines(_short_lines(variant.points))]
        case Matching(prompts=prompts, choices=choices):
            over = " Some letters are left over." if len(choices) > len(prompts) else ""
            asked = _how(f"Write into each box the letter that belongs to it.{over}")
            parts = [asked, _options(prompts, "box"), _options(choices, "")]
        case Ordering(steps=steps):
            boxes = '<span class="box"></span>' * len(steps)
            asked = _how("Write the letters into the boxes in the right order.")
            parts = [_options(steps, ""), asked, f'<p class="answer">{boxes}</p>']
        case Code(starter=starter, tests=tests):
            tested = [_how("Your code has to pass these tests:"), _pre(tests)] if tests.strip() else []
            parts = [
                _how("Complete this code:"),
                _pre(starter),
                *tested,
                f'<div class="code">{_lines(_CODE_LINES)}</div>',
            ]
    return parts


def _how(text: str) -> str:
    return f'<p class="how">{escape(text)}</p>'


def _pre(code: str) -> str:
    return f"<pre>{escape(code.strip())}</pre>"


def _lines(number: int) -> str:
    return '<div class="line"></div>' * number


def _short_lines(points: Decimal) -> int:
    return min(_MOST_LINES, max(_FEWEST_LINES, ceil(points * _LINES_A_POINT)))


def _options(shown: Sequence[Shown], mark: str) -> str:
    """What has a label, each with a place to mark (or none)."""
    place = f'<span class="{mark}"></span>' if mark else ""
    items = "".join(f"<li>{place}<b>{each.label}</b><div>{maths.to_html(each.text)}</div></li>" for each in shown)
    kind = {"": "options plain", "box": "options boxed"}.get(mark, "options")
    return f'<ul class="{kind}">{items}</ul>'


# ---- the key


def _key_row(question: Question) -> str:
    points = f"{question.variant.points.normalize():f}"
    worth = f"{points}, on trial: does not count" if question.pilot else points
    return f'<tr><th scope="row">{number_of(question)}</th><td>{_key(question.variant)}</td><td>{worth}</td></tr>'


def _key(variant: Variant) -> str:
    match variant.key:
        case SingleChoice() as key:
            text = escape(str(key_response(variant)))
            text += _chosen([option.text for option in key.options if option.correct])
        case MultipleChoice():
            text = f"{escape(', '.join(key_response(variant)))} ({_rule(variant.key.scoring)})"
        case Numeric() as key:
            room = margin(key.tolerance, key.answer)
            low, high = (_rounded(bound, room) for bound in (key.answer - room, key.answer + room))
            text = f"{escape(shown_answer(key))} (from {low} to {high})"
        case FillIn(blanks=blanks):
            forms = [f"({blank.label}) {' or '.join(blank.accept)}" for blank in blanks]
            text = f"{escape('; '.join(forms))} ({_rule(variant.key.scoring)})"
        case Matching(prompts=prompts):
            pairs = ", ".join(f"{prompt.label}: {prompt.key}" for prompt in prompts)
            text = f"{escape(pairs)} ({_rule(variant.key.scoring)})"
        case Ordering(key=order):
            text = f"{escape(', '.join(order))} ({_rule(variant.key.scoring)})"
        case ShortAnswer(rubric=rubric):
            told = "".join(f"<li>{maths.to_html(each.text)} {points_text(each.points)}</li>" for each in rubric)
            text = f"<ul>{told}</ul>"
        case Code(reference=reference):
            text = _pre(reference)
    return text


def _rounded(bound: Decimal, room: Decimal) -> str:
    """A bound of what is right, to a hundredth of the tolerance."""
    places = max(0, 2 - room.adjusted()) if room else 0
    exponent = bound.as_tuple().exponent
    return f"{round(bound, places):f}" if isinstance(exponent, int) and -exponent > places and room else f"{bound:f}"


def _chosen(texts: Sequence[str]) -> str:
    return "".join(maths.to_html(text) for text in texts)


def _rule(scoring: Scoring) -> str:
    return scoring.value.replace("-", " ")
