"""Items as Open edX problems (OLX): a content library that Studio imports."""

from collections.abc import Sequence

from exam_bank.interchange.blanks import is_all_or_nothing, require_collapse, stem_html
from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, plain, write_each
from exam_bank.interchange.numbers import interval, note_tolerance
from exam_bank.interchange.safe_tar import tarred
from exam_bank.interchange.to_html import to_html, to_inline_html, to_plain
from exam_bank.interchange.xml_text import xml
from exam_bank.item import (
    Blank,
    Case,
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Numeric,
    Option,
    SingleChoice,
)


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The library as tar.gz, what is in it, and what is not."""
    kept, left = write_each(items, _problem)
    names = [f"{each.item.topic}.{each.item.id}" for each in kept]
    listed = "".join(f'<problem url_name="{name}"/>\n' for name in names)
    members = {
        "library/library.xml": '<library xblock-family="xblock.v1" display_name="coursewright items" '
        f'org="coursewright" library="items">\n{listed}</library>\n',
        "library/policies/assets.json": "{}\n",
    }
    members |= {f"library/problem/{name}.xml": each.text for name, each in zip(names, kept, strict=True)}
    return tarred(members), kept, left


def _problem(item: Item, notes: list[str]) -> str:
    question = item.question
    stem = "" if isinstance(question, FillIn) else stem_html(item)
    match question:
        case SingleChoice():
            body = _single(stem, question)
        case MultipleChoice():
            body = _multiple(stem, question, notes)
        case Numeric():
            body = _numeric(stem, question, notes)
        case FillIn():
            body = _fill_in(item, question, notes)
        case Matching():
            body = stem + _matching(question, notes)
        case _:
            raise Refused(f"an Open edX problem has no {item.type}", "use QTI 3, or an Open edX block of another kind")
    solution = f'<solution><div class="detailed-solution">{to_html(item.solution)}</div></solution>\n'
    return (
        f'<problem display_name="{xml(item.title)}" weight="{plain(item.points)}" max_attempts="1">\n'
        f"{body}{solution if item.solution else ''}</problem>\n"
    )


def _choices(options: Sequence[Option], *, selected: str = "") -> str:
    return "".join(
        f'<choice correct="{str(bool(option.correct)).lower()}">{to_inline_html(option.text)}'
        + (f"<choicehint{selected}>{to_inline_html(option.feedback)}</choicehint>" if option.feedback else "")
        + "</choice>\n"
        for option in options
    )


def _single(stem: str, question: SingleChoice) -> str:
    shuffle = ' shuffle="true"' if question.shuffle else ""
    return (
        f'<multiplechoiceresponse>\n{stem}\n<choicegroup type="MultipleChoice"{shuffle}>\n'
        f"{_choices(question.options)}</choicegroup>\n</multiplechoiceresponse>\n"
    )


def _multiple(stem: str, question: MultipleChoice, notes: list[str]) -> str:
    right = sum(option.correct is True for option in question.options)
    if question.scoring == "right-minus-wrong" and right != 1:
        raise Refused(
            "Open edX has no scoring that takes wrong ticks from right ones",
            "score it all-or-nothing or number-right, or use another format",
        )
    credit = ""
    if question.scoring == "number-right":
        credit = ' partial_credit="EDC"'
        notes.append("Open edX rounds the share of right decisions to two decimals")
    if question.shuffle:
        notes.append("Open edX does not shuffle check boxes")
    choices = _choices(question.options, selected=' selected="true"')
    return f"<choiceresponse{credit}>\n{stem}\n<checkboxgroup>\n{choices}</checkboxgroup>\n</choiceresponse>\n"


def _numeric(stem: str, question: Numeric, notes: list[str]) -> str:
    note_tolerance(question, notes)
    if question.unit:
        notes.append("its unit is left out: a number is typed without one in Open edX")
    if question.feedback:
        notes.append("its feedback is left out: Open edX has no place for it")
    answer, _, high = interval(question)
    return (
        f'<numericalresponse answer="{plain(answer)}">\n{stem}\n'
        f'<responseparam type="tolerance" default="{plain(high - answer)}"/>\n<formulaequationinput/>\n'
        "</numericalresponse>\n"
    )


def _fill_in(item: Item, question: FillIn, notes: list[str]) -> str:
    require_collapse(question)
    if is_all_or_nothing(question):
        raise Refused("Open edX scores each blank by itself", "score it number-right, or use another format")
    if any(blank.feedback for blank in question.blanks):
        notes.append("the feedback of its blanks is left out: Open edX has no place for it")
    by_id = {blank.id: blank for blank in question.blanks}
    return f"<div>{stem_html(item, lambda name: _text(by_id[name]))}</div>\n"


def _text(blank: Blank) -> str:
    first, *others = blank.accept
    kind = ' type="ci"' if blank.case is Case.IGNORE else ""
    more = "".join(f'<additional_answer answer="{xml(form)}"/>' for form in others)
    size = max(map(len, blank.accept)) + 4
    return (
        f'<stringresponse answer="{xml(first)}"{kind} inline="true">{more}'
        f'<textline size="{size}" inline="true"/></stringresponse>'
    )


def _matching(question: Matching, notes: list[str]) -> str:
    if is_all_or_nothing(question):
        raise Refused("Open edX scores each pair by itself", "score it number-right, or use another format")
    if any(pair.feedback for pair in question.pairs):
        notes.append("the feedback of its pairs is left out: a menu has no place for it")
    rights = sorted(
        [(pair.id, to_plain(pair.right)) for pair in question.pairs]
        + [(each.id, to_plain(each.text)) for each in question.distractors],
        key=lambda right: right[1],
    )
    if any(r"\(" in text for _, text in rights):
        notes.append("the maths of its right sides is shown as LaTeX: a menu shows text only")
    parts = []
    for pair in question.pairs:
        options = "".join(f'<option correct="{name == pair.id}">{xml(text)}</option>\n' for name, text in rights)
        parts.append(
            f"<optionresponse>\n<label>{to_inline_html(pair.left)}</label>\n<optioninput>\n{options}</optioninput>\n"
            "</optionresponse>\n"
        )
    return "".join(parts)
