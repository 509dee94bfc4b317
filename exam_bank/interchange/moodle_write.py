"""Items as Moodle XML, as Moodle 4 exports it."""

import re
from collections.abc import Sequence
from decimal import Decimal

from exam_bank.interchange.blanks import GAP, is_all_or_nothing, require_collapse, stem_html
from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, plain, write_each
from exam_bank.interchange.numbers import interval, note_tolerance, require_moodle_can_tell
from exam_bank.interchange.rubrics import rubric_text
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
    Ordering,
    ShortAnswer,
    SingleChoice,
)

# the shares of a point that Moodle's question bank accepts, by how many of them make a whole
FRACTIONS = {1: "100", 2: "50", 3: "33.33333", 4: "25", 5: "20", 6: "16.66667", 7: "14.28571", 8: "12.5"}
FRACTIONS |= {9: "11.11111", 10: "10", 20: "5"}
_GRADING = {
    "all-or-nothing": "ALL_OR_NOTHING",
    "absolute-position": "ABSOLUTE_POSITION",
    "adjacent-pairs": "RELATIVE_NEXT_EXCLUDE_LAST",
}


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The file, what is in it, and what is not."""
    kept, left = write_each(items, _question)
    parts, topic = [], ""
    for each in kept:
        if each.item.topic != topic:
            topic = each.item.topic
            parts.append(
                f'<question type="category"><category><text>$course$/top/{xml(topic)}</text></category></question>\n'
            )
        parts.append(each.text)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(parts)}</quiz>\n'
    return text.encode("utf-8"), kept, left


def _question(item: Item, notes: list[str]) -> str:
    question = item.question
    match question:
        case SingleChoice():
            kind, stem, rest = "multichoice", stem_html(item), _single(question)
        case MultipleChoice():
            kind, stem, rest = "multichoice", stem_html(item), _multiple(question)
        case Numeric():
            note_tolerance(question, notes)
            kind, stem, rest = "numerical", stem_html(item), _numeric(question)
        case FillIn(blanks=[blank]):
            require_collapse(question)
            kind, stem, rest = "shortanswer", stem_html(item, lambda _id: GAP), _short(blank)
        case FillIn():
            kind, stem, rest = "cloze", _cloze(item, question, notes), ""
        case Matching():
            kind, stem, rest = "matching", stem_html(item), _matching(question, notes)
        case Ordering():
            kind, stem, rest = "ordering", stem_html(item), _ordering(question)
        case ShortAnswer():
            kind, stem, rest = "essay", stem_html(item), _essay(question)
        case _:
            raise Refused("a program is graded by tests, which Moodle has no question for", "use it with nbgrader")
    return _wrapped(item, kind, stem, rest)


def _wrapped(item: Item, kind: str, stem: str, rest: str) -> str:
    return (
        f'<question type="{kind}">\n'
        f"<name><text>{xml(item.title)}</text></name>\n"
        f"{_html('questiontext', stem)}"
        f"{_html('generalfeedback', to_html(item.solution))}"
        f"<defaultgrade>{plain(item.points)}</defaultgrade>\n"
        "<penalty>0</penalty>\n<hidden>0</hidden>\n"
        f"<idnumber>{xml(item.ref)}</idnumber>\n{rest}</question>\n"
    )


def _html(name: str, html: str) -> str:
    return f'<{name} format="html"><text>{xml(html)}</text></{name}>\n'


def _answer(text: str, fraction: str, feedback: str = "", *, html: bool = False, more: str = "") -> str:
    form = "html" if html else "moodle_auto_format"
    said = (
        _html("feedback", to_inline_html(feedback)) if feedback else '<feedback format="html"><text></text></feedback>'
    )
    return f'<answer fraction="{fraction}" format="{form}"><text>{xml(text)}</text>{said}{more}</answer>\n'


def _choices(options: Sequence[Option], fractions: Sequence[str], *, single: bool, shuffle: bool) -> str:
    head = (
        f"<single>{str(single).lower()}</single>\n<shuffleanswers>{str(shuffle).lower()}</shuffleanswers>\n"
        "<answernumbering>abc</answernumbering>\n"
    )
    return head + "".join(
        _answer(to_inline_html(option.text), fraction, option.feedback, html=True)
        for option, fraction in zip(options, fractions, strict=True)
    )


def _single(question: SingleChoice) -> str:
    fractions = ["100" if option.correct else "0" for option in question.options]
    return _choices(question.options, fractions, single=True, shuffle=question.shuffle)


def _multiple(question: MultipleChoice) -> str:
    right = sum(option.correct is True for option in question.options)
    same_thing = question.scoring == "all-or-nothing" and right == 1
    if question.scoring != "right-minus-wrong" and not same_thing:
        raise Refused(
            f"Moodle adds up what each ticked option is worth, which cannot be {question.scoring}",
            "score it right-minus-wrong, or use another format",
        )
    if right not in FRACTIONS:
        raise Refused(
            f"{right} right options would be worth 1/{right} each, and Moodle accepts only certain percentages",
            "use 1 to 10 or 20 right options",
        )
    share = FRACTIONS[right]
    fractions = [share if option.correct else f"-{share}" for option in question.options]
    return _choices(question.options, fractions, single=False, shuffle=question.shuffle)


def _numeric(question: Numeric) -> str:
    answer, _, high = interval(question)
    require_moodle_can_tell(answer, high - answer)
    text = _answer(plain(answer), "100", more=f"<tolerance>{plain(high - answer)}</tolerance>")
    if question.feedback:
        text += _answer("*", "0", question.feedback, more="<tolerance>0</tolerance>")
    units = [unit for unit in (question.unit, *question.accepted_units) if unit]
    if units:
        listed = "".join(f"<unit><multiplier>1</multiplier><unit_name>{xml(unit)}</unit_name></unit>" for unit in units)
        text += f"<units>{listed}</units>\n<unitgradingtype>0</unitgradingtype>\n<unitpenalty>0</unitpenalty>\n"
        text += "<showunits>0</showunits>\n<unitsleft>0</unitsleft>\n"
    return text


def _short(blank: Blank) -> str:
    text = f"<usecase>{int(blank.case is Case.EXACT)}</usecase>\n"
    text += "".join(_answer(form.replace("*", r"\*"), "100") for form in blank.accept)
    return text + (_answer("*", "0", blank.feedback) if blank.feedback else "")


def _cloze(item: Item, question: FillIn, notes: list[str]) -> str:
    require_collapse(question)
    if is_all_or_nothing(question):
        raise Refused("Moodle scores each blank by itself", "score it number-right, or use another format")
    share = item.points / len(question.blanks)
    weight = share if share == share.to_integral_value() and share < 100 else Decimal(1)
    if weight != share:
        notes.append(f"Moodle gives it {len(question.blanks)} marks, one for each blank, in place of {item.points:f}")
    by_id = {blank.id: blank for blank in question.blanks}
    return stem_html(item, lambda name: _gap(by_id[name], weight))


def _gap(blank: Blank, weight: Decimal) -> str:
    for form in blank.accept:
        if "\\" in form or "*" in form:
            raise Refused(f"the form {form!r} of a blank has a character that Moodle's blanks cannot hold", "change it")
    forms = [f"={_cloze_escaped(form)}" for form in blank.accept]
    if blank.feedback:
        forms.append(f"*#{_cloze_escaped(to_plain(blank.feedback))}")
    kind = "SHORTANSWER_C" if blank.case is Case.EXACT else "SHORTANSWER"
    return f"{{{weight:f}:{kind}:{'~'.join(forms)}}}"


def _cloze_escaped(text: str) -> str:
    """``~``, ``}`` and ``#`` mean something to Moodle, except for the ``#`` inside ``&#39;``."""
    escaped = re.sub(r"&#\w+;|[~}#]", lambda found: found[0] if len(found[0]) > 1 else "\\" + found[0], xml(text))
    return escaped.replace("{", "&#123;")


def _matching(question: Matching, notes: list[str]) -> str:
    if is_all_or_nothing(question):
        raise Refused("Moodle scores each pair by itself", "score it number-right, or use another format")
    if any(pair.feedback for pair in question.pairs):
        notes.append("the feedback of its pairs is left out: Moodle has no place for it")
    rows = [(to_inline_html(pair.left), pair.right) for pair in question.pairs]
    rows += [("", each.text) for each in question.distractors]
    return "<shuffleanswers>true</shuffleanswers>\n" + "".join(
        f'<subquestion format="html"><text>{xml(left)}</text>'
        f"<answer><text>{xml(to_plain(right))}</text></answer></subquestion>\n"
        for left, right in rows
    )


def _ordering(question: Ordering) -> str:
    head = (
        "<layouttype>VERTICAL</layouttype>\n<selecttype>ALL</selecttype>\n<selectcount>0</selectcount>\n"
        f"<gradingtype>{_GRADING[question.scoring]}</gradingtype>\n<showgrading>SHOW</showgrading>\n"
        "<numberingstyle>none</numberingstyle>\n"
    )
    if question.feedback:
        head += _html("incorrectfeedback", to_inline_html(question.feedback))
    return head + "".join(
        _answer(to_inline_html(step.text), f"{number}.0000000", html=True)
        for number, step in enumerate(question.steps, 1)
    )


def _essay(question: ShortAnswer) -> str:
    return (
        "<responseformat>editor</responseformat>\n<responserequired>1</responserequired>\n"
        "<responsefieldlines>10</responsefieldlines>\n<attachments>0</attachments>\n"
        f"{_html('graderinfo', rubric_text(question))}"
    )
