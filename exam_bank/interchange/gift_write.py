"""Items as GIFT, Moodle's text format."""

from collections.abc import Sequence

from exam_bank.interchange.blanks import GAP, is_all_or_nothing, require_collapse, stem_html
from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, plain, write_each
from exam_bank.interchange.moodle_write import FRACTIONS
from exam_bank.interchange.numbers import interval, note_tolerance, require_moodle_can_tell
from exam_bank.interchange.to_html import to_html, to_inline_html, to_plain
from exam_bank.item import (
    Case,
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Numeric,
    Option,
    ShortAnswer,
    SingleChoice,
)


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The file, what is in it, and what is not."""
    kept, left = write_each(items, _question)
    return "\n".join(each.text for each in kept).encode("utf-8"), kept, left


def _question(item: Item, notes: list[str]) -> str:
    question = item.question
    stem = stem_html(item, lambda _id: GAP) if isinstance(question, FillIn) else stem_html(item)
    match question:
        case SingleChoice():
            answers = _options(question.options, ["=" if option.correct else "~" for option in question.options])
        case MultipleChoice():
            answers = _multiple(question)
        case Numeric():
            answers = _numeric(question, notes)
        case FillIn(blanks=[_]):
            answers = _short(question)
        case Matching():
            answers = _matching(question, notes)
        case ShortAnswer():
            notes.append("its rubric is left out: GIFT has no place for it")
            answers = ""
        case FillIn():
            raise Refused("GIFT has one blank in a question at most", "use Moodle XML")
        case _:
            raise Refused(f"GIFT has no question like {item.type}", "use Moodle XML or QTI 3")
    if getattr(question, "shuffle", True) is False:
        notes.append("GIFT does not say that the options keep their order")
    if item.points != 1:
        notes.append("Moodle does not read points from GIFT; they stand in a comment that coursewright reads")
    solution = f"\t####{escaped(to_html(item.solution))}\n" if item.solution else ""
    head = f"// points: {plain(item.points)}\n// id: {item.ref}\n::{escaped(item.title)}::[html]{escaped(stem)}"
    return f"{head}{{{answers}{solution}}}\n"


def escaped(text: str) -> str:
    """The text with what means something to GIFT behind backslashes, in one line."""
    text = text.replace("\\", "\\\\")
    for special in "~=#{}:":
        text = text.replace(special, "\\" + special)
    return text.replace("\n", "\\n")


def _said(feedback: str) -> str:
    return f"#{escaped(to_inline_html(feedback))}" if feedback else ""


def _options(options: Sequence[Option], marks: Sequence[str]) -> str:
    lines = [
        f"\t{mark}{escaped(to_inline_html(option.text))}{_said(option.feedback)}\n"
        for option, mark in zip(options, marks, strict=True)
    ]
    return "\n" + "".join(lines)


def _multiple(question: MultipleChoice) -> str:
    right = sum(option.correct is True for option in question.options)
    if question.scoring != "right-minus-wrong" and not (question.scoring == "all-or-nothing" and right == 1):
        raise Refused(
            f"GIFT adds up what each ticked option is worth, which cannot be {question.scoring}",
            "score it right-minus-wrong, or use another format",
        )
    if right not in FRACTIONS:
        raise Refused(
            f"{right} right options would be worth 1/{right} each, and Moodle accepts only certain percentages",
            "use 1 to 10 or 20 right options",
        )
    share = FRACTIONS[right]
    return _options(question.options, [f"~%{share}%" if each.correct else f"~%-{share}%" for each in question.options])


def _numeric(question: Numeric, notes: list[str]) -> str:
    note_tolerance(question, notes)
    if question.unit:
        notes.append("its unit is left out: GIFT takes a number without one")
    answer, _, high = interval(question)
    require_moodle_can_tell(answer, high - answer)
    wrong = f"\t~{_said(question.feedback)}\n" if question.feedback else ""
    return f"#\n\t={plain(answer)}:{plain(high - answer)}\n{wrong}"


def _short(question: FillIn) -> str:
    require_collapse(question)
    blank = question.blanks[0]
    if blank.case is Case.EXACT:
        raise Refused("GIFT cannot say that capitals matter", "use Moodle XML")
    for form in blank.accept:
        if "->" in form or "*" in form or form.strip().upper() in {"T", "F", "TRUE", "FALSE"}:
            raise Refused(f"the form {form!r} means something else in GIFT", "use Moodle XML")
    forms = "".join(f"\t=%100%{escaped(form)}#\n" for form in blank.accept)
    return f"\n{forms}" + (f"\t=%0%*{_said(blank.feedback)}\n" if blank.feedback else "")


def _matching(question: Matching, notes: list[str]) -> str:
    if is_all_or_nothing(question):
        raise Refused("Moodle scores each pair by itself", "score it number-right, or use another format")
    if any(pair.feedback for pair in question.pairs):
        notes.append("the feedback of its pairs is left out: GIFT has no place for it")
    rows = [(to_inline_html(pair.left), to_plain(pair.right)) for pair in question.pairs]
    rows += [("", to_plain(each.text)) for each in question.distractors]
    if any("->" in text for row in rows for text in row):
        raise Refused("an arrow -> in its texts means something else in GIFT", "use Moodle XML")
    return "\n" + "".join(f"\t={escaped(left)} -> {escaped(right)}\n" for left, right in rows)
