"""A variant becomes what a learner sees: Markdown, and the metadata of a notebook cell.

What may be shown depends on the :class:`~exam_bank.item.Role`. A concept check carries key, feedback and solution, and
answers at once in any notebook, by mouse or keyboard, because its options are HTML ``<details>``. A graded cell carries
no key. An exam cell carries nothing but the question: it is built from the public fields one by one, so that a new
field of a variant stays secret until it is named here.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from exam_bank.item import Role, Scoring
from exam_bank.variant import (
    Code,
    FillIn,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    ShortAnswer,
    Shown,
    ShownOption,
    SingleChoice,
    Variant,
    margin,
)

_BLANK = re.compile(r"\[\[([0-9]+)\]\]")
_LINE = "\\_" * 8


def markdown(variant: Variant, role: Role, *, heading: str = "") -> str:
    """The whole question as Markdown.

    Args:
        variant: the question.
        role: a concept check also holds the answers, folded away.
        heading: for example ``Question 3``; the points are added, except to a concept check.
    """
    if role is Role.CONCEPT_CHECK:
        parts = [f"**{heading or 'Concept check'}**", stem(variant), *_folded(variant)]
    else:
        parts = [f"**{heading or 'Question'}** ({points_text(variant.points)})", stem(variant), *_open(variant)]
    return "\n\n".join(part for part in parts if part)


def stem(variant: Variant) -> str:
    """The stem with blanks as numbered lines."""
    if not isinstance(variant.key, FillIn):
        return variant.stem
    return _BLANK.sub(lambda match: f"**({match[1]})** {_LINE}", variant.stem)


def points_text(points: Decimal) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{points.normalize():f} point{'' if points == 1 else 's'}"


# ---- metadata


def public_data(variant: Variant) -> dict[str, Any]:
    """The question as JSON data for a form control: no key, no feedback, no solution, not which item it is."""
    data: dict[str, Any] = {
        "type": variant.type,
        "points": float(variant.points),
        "minutes": variant.minutes,
        "stem": variant.stem,
    }
    return data | _public_parts(variant)


def key_data(variant: Variant) -> dict[str, Any]:
    """What a concept check needs to answer by itself: the key, feedback by label, and the solution."""
    return {**_key_parts(variant), "solution": variant.solution}


def item_metadata(variant: Variant, role: Role) -> dict[str, Any]:
    """``metadata.coursewright.item`` of a cell in a lesson or problem set, keys sorted as Jupyter saves them.

    Raises:
        ValueError: the role is ``exam``; see :func:`exam_metadata`.
    """
    if role is Role.EXAM:
        raise ValueError("an exam's cell must not name its item")
    data = {"ref": variant.ref, "role": role.value, "seed": variant.seed, "version": variant.version}
    data |= public_data(variant)
    if role is Role.CONCEPT_CHECK:
        data |= key_data(variant)
    return _sorted(data)


def exam_metadata(variant: Variant, *, question: str, form: str) -> dict[str, Any]:
    """``metadata.coursewright.item`` of a cell in an exam.

    Args:
        variant: the question.
        question: its id in the form, such as ``q03``.
        form: ``sha256:…`` of the form.
    """
    return _sorted({"id": question, "role": Role.EXAM.value, "form": form} | public_data(variant))


def _public_parts(variant: Variant) -> dict[str, Any]:
    parts: dict[str, Any]
    match variant.key:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            parts = {"options": _named(options)}
        case Numeric(unit=unit):
            parts = {"unit": unit}
        case FillIn(blanks=blanks):
            parts = {"blanks": [{"label": blank.label} for blank in blanks]}
        case Matching(prompts=prompts, choices=choices):
            parts = {"prompts": _named(prompts), "choices": _named(choices)}
        case Ordering(steps=steps):
            parts = {"steps": _named(steps)}
        case Code(starter=starter, tests=tests):
            parts = {"starter": starter, "tests": tests}
        case _:
            parts = {}
    return parts


def _key_parts(variant: Variant) -> dict[str, Any]:
    parts: dict[str, Any]
    match variant.key:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            feedback = {option.label: option.feedback for option in options}
            parts = {"key": [option.label for option in options if option.correct], "feedback": feedback}
        case Numeric() as key:
            room = margin(key.tolerance, key.answer)
            interval: dict[str, Any] = {"low": f"{key.answer - room:f}", "high": f"{key.answer + room:f}"}
            units = [unit for unit in (key.unit, *key.accepted_units) if unit]
            given = key.accepted_units
            factors = {name: f"{factor:f}" for name, factor in given.items()} if isinstance(given, dict) else {}
            interval |= {"factors": factors} if factors else {}
            parts = {"key": interval | {"shown": shown_answer(key), "units": units}, "feedback": key.feedback}
        case FillIn(blanks=blanks):
            rules = {
                blank.label: {"accept": list(blank.accept), "case": blank.case.value, "spaces": blank.spaces.value}
                for blank in blanks
            }
            parts = {"key": rules, "feedback": {blank.label: blank.feedback for blank in blanks}}
        case Matching(prompts=prompts):
            feedback = {prompt.label: prompt.feedback for prompt in prompts}
            parts = {"key": {prompt.label: prompt.key for prompt in prompts}, "feedback": feedback}
        case Ordering(key=order, feedback=text):
            parts = {"key": list(order), "feedback": text}
        case _:
            parts = {}
    return parts


def shown_answer(key: Numeric) -> str:
    """The answer with its unit, rounded as far as the tolerance makes no difference."""
    room, exponent = margin(key.tolerance, key.answer), key.answer.as_tuple().exponent
    answer = key.answer
    if room and isinstance(exponent, int) and -exponent > 1 - room.adjusted():
        answer = round(answer, max(0, 1 - room.adjusted()))
    return f"{answer:f} {key.unit}".strip()


def _named(shown: Sequence[Shown]) -> list[dict[str, str]]:
    return [{"label": each.label, "text": each.text} for each in shown]


def _sorted(data: dict[str, Any]) -> dict[str, Any]:
    return {key: _sorted_inside(data[key]) for key in sorted(data)}


def _sorted_inside(value: Any) -> Any:
    if isinstance(value, dict):
        return _sorted(value)
    return [_sorted_inside(each) for each in value] if isinstance(value, list) else value


# ---- without answers


def _open(variant: Variant) -> list[str]:
    match variant.key:
        case SingleChoice(options=options):
            parts = ["*Choose one.*", _list(options)]
        case MultipleChoice(options=options, scoring=scoring):
            penalty = " A wrong choice takes back a right one." if scoring is Scoring.RIGHT_MINUS_WRONG else ""
            parts = [f"*Choose all that apply.{penalty}*", _list(options)]
        case Numeric(unit=unit):
            parts = [f"*Answer with a number in {unit}.*" if unit else "*Answer with a number.*"]
        case FillIn(blanks=blanks):
            parts = ["*Fill in the blank.*" if len(blanks) == 1 else f"*Fill in the {len(blanks)} blanks.*"]
        case ShortAnswer():
            parts = ["*Answer in a few sentences.*"]
        case Matching(prompts=prompts, choices=choices):
            over = " Some letters are left over." if len(choices) > len(prompts) else ""
            parts = [_list(prompts), f"*Give each number the letter that belongs to it.{over}*", _list(choices)]
        case Ordering(steps=steps):
            parts = ["*Put the letters in the right order.*", _list(steps)]
        case Code():
            parts = ["*Complete the code in the next cell.*"]
    return parts


def _list(shown: Sequence[Shown]) -> str:
    return "\n".join(f"- **{each.label}** {_indented(each.text)}" for each in shown)


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n  ")


# ---- with answers folded away


def _folded(variant: Variant) -> list[str]:
    solution = details("Worked solution", variant.solution)
    match variant.key:
        case SingleChoice(options=options):
            return ["*Choose one: open it to see whether it is right.*", *map(_option, options), solution]
        case MultipleChoice(options=options):
            intro = "*Decide for each whether it applies, then open it.*"
            return [intro, *map(_option, options), solution]
        case _:
            return [*_open(variant), details("Answer", f"{_answer(variant)}\n\n{variant.solution}")]


def _option(option: ShownOption) -> str:
    verdict = "✓ **Right.**" if option.correct else "✗ **Not right.**"
    return details(option.text, f"{verdict} {option.feedback}", label=option.label)


def _answer(variant: Variant) -> str:
    match variant.key:
        case Numeric() as key:
            text = f"**{shown_answer(key)}**"
        case FillIn(blanks=blanks):
            text = "\n".join(f"- **({blank.label})** {' or '.join(blank.accept)}" for blank in blanks)
        case Matching(prompts=prompts):
            text = ", ".join(f"**{prompt.label}: {prompt.key}**" for prompt in prompts)
        case Ordering(key=order):
            text = f"**{', '.join(order)}**"
        case ShortAnswer(rubric=rubric):
            text = "\n".join(f"- {_indented(each.text)} ({points_text(each.points)})" for each in rubric)
        case Code(reference=reference):
            text = f"```python\n{reference}\n```"
        case _:
            text = ""
    return text


def details(summary: str, body: str, *, label: str = "") -> str:
    """A ``<details>`` that Markdown renderers leave alone outside and render inside."""
    shown = f"<b>{label}</b> {inline_html(summary)}" if label else inline_html(summary)
    return f"<details>\n<summary>{shown}</summary>\n\n{body.strip()}\n\n</details>"


def inline_html(text: str) -> str:
    """One line of Markdown as HTML with maths left between dollars, for where Markdown is not rendered."""
    return _inline_renderer()(" ".join(text.split())).strip()


def _inline_renderer() -> Callable[[str], str]:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, double_inline=True)
    # \lt for <: a notebook's HTML must not take "$a<b$" for a tag.
    parser.add_render_rule("math_inline", lambda _self, tokens, index, *_rest: f"${_safe(tokens[index].content)}$")
    parser.add_render_rule(
        "math_inline_double", lambda _self, tokens, index, *_rest: f"$${_safe(tokens[index].content)}$$"
    )
    return parser.renderInline


def _safe(maths: str) -> str:
    return maths.replace("<", r"\lt ").replace(">", r"\gt ").replace("&", "&amp;")
