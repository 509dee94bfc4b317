"""Items as a QTI 1.2 zip, as Canvas exports its classic quizzes."""

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

from exam_bank.interchange.blanks import is_all_or_nothing, require_collapse, stem_html
from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, plain, write_each
from exam_bank.interchange.numbers import interval, note_tolerance
from exam_bank.interchange.safe_zip import zipped
from exam_bank.interchange.to_html import to_html, to_inline_html, to_plain
from exam_bank.interchange.xml_text import xml
from exam_bank.item import (
    Case,
    FillIn,
    Item,
    Matching,
    MultipleChoice,
    Numeric,
    ShortAnswer,
    SingleChoice,
)

_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_QTI_SCHEMA = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd"
_CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The zip, what is in it, and what is not."""
    kept, left = write_each(items, _item)
    name = _name("quiz", *(each.item.ref for each in kept))
    title = f"Items {', '.join(dict.fromkeys(each.item.topic for each in kept))}"[:200]
    quiz = (
        f'{_XML}<questestinterop xmlns="{_QTI}" {_XSI} xsi:schemaLocation="{_QTI} {_QTI_SCHEMA}">\n'
        f'<assessment ident="{name}" title="{xml(title)}">\n'
        f"<qtimetadata>{_field('cc_maxattempts', '1')}</qtimetadata>\n"
        f'<section ident="root_section">\n{"".join(each.text for each in kept)}</section>\n</assessment>\n'
        "</questestinterop>\n"
    )
    points = sum((each.item.points for each in kept), Decimal(0))
    members = {
        "imsmanifest.xml": _manifest(name),
        f"{name}/{name}.xml": quiz,
        f"{name}/assessment_meta.xml": _meta(name, title, points),
    }
    return zipped(members), kept, left


def _name(*parts: str) -> str:
    """An identifier as Canvas makes them: a letter and 32 hexadecimal digits; the same for the same parts."""
    return "i" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _manifest(name: str) -> str:
    return (
        f'{_XML}<manifest identifier="{_name(name, "manifest")}" xmlns="{_PACKAGE}" {_XSI} '
        f'xsi:schemaLocation="{_PACKAGE} http://www.imsglobal.org/xsd/imscp_v1p1.xsd">\n'
        "<metadata><schema>IMS Content</schema><schemaversion>1.1.3</schemaversion></metadata>\n<organizations/>\n"
        f'<resources>\n<resource identifier="{name}" type="imsqti_xmlv1p2">\n<file href="{name}/{name}.xml"/>\n'
        f'<dependency identifierref="{_name(name, "meta")}"/>\n</resource>\n'
        f'<resource identifier="{_name(name, "meta")}" '
        f'type="associatedcontent/imscc_xmlv1p1/learning-application-resource" href="{name}/assessment_meta.xml">\n'
        f'<file href="{name}/assessment_meta.xml"/>\n</resource>\n</resources>\n</manifest>\n'
    )


def _meta(name: str, title: str, points: Decimal) -> str:
    return (
        f'{_XML}<quiz identifier="{name}" xmlns="{_CANVAS}" {_XSI} '
        f'xsi:schemaLocation="{_CANVAS} https://canvas.instructure.com/xsd/cccv1p0.xsd">\n'
        f"<title>{xml(title)}</title>\n<description></description>\n<shuffle_answers>true</shuffle_answers>\n"
        "<scoring_policy>keep_highest</scoring_policy>\n<hide_results></hide_results>\n"
        f"<quiz_type>practice_quiz</quiz_type>\n<points_possible>{plain(points)}</points_possible>\n"
        "<allowed_attempts>1</allowed_attempts>\n<one_question_at_a_time>false</one_question_at_a_time>\n"
        "<cant_go_back>false</cant_go_back>\n<available>false</available>\n</quiz>\n"
    )


def _field(label: str, entry: str) -> str:
    return f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{xml(entry)}</fieldentry></qtimetadatafield>"


def _item(item: Item, notes: list[str]) -> str:
    question = item.question
    match question:
        case SingleChoice():
            kind, responses, rules = "multiple_choice_question", *_choice(question)
        case MultipleChoice():
            kind, responses, rules = "multiple_answers_question", *_multiple(question)
        case Numeric():
            kind, responses, rules = "numerical_question", *_numeric(question, notes)
        case FillIn(blanks=[_]):
            kind, responses, rules = "short_answer_question", *_short(question)
        case FillIn():
            kind, responses, rules = "fill_in_multiple_blanks_question", *_blanks(question)
        case Matching():
            kind, responses, rules = "matching_question", *_matching(question)
        case ShortAnswer():
            notes.append("its rubric is left out: Canvas keeps rubrics elsewhere")
            kind, responses, rules = "essay_question", _text_response(""), _rule("<other/>", "")
        case _:
            raise Refused(f"a classic quiz of Canvas has no question like {item.type}", "use QTI 3 or Moodle XML")
    if getattr(question, "shuffle", True) is False:
        notes.append("Canvas shuffles the options of all questions of a quiz or of none")
    said = _feedback(item, notes)
    return (
        f'<item ident="{_name(item.ref)}" title="{xml(item.title)}">\n<itemmetadata><qtimetadata>'
        f"{_field('question_type', kind)}{_field('points_possible', plain(item.points))}"
        f"{_field('assessment_question_identifierref', _name(item.ref, 'question'))}</qtimetadata></itemmetadata>\n"
        f"<presentation>\n{_material(_stem(item))}{responses}</presentation>\n"
        "<resprocessing>\n"
        '<outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>\n'
        f"{''.join(rule for rule, _ in said)}{rules}</resprocessing>\n{''.join(text for _, text in said)}</item>\n"
    )


def _stem(item: Item) -> str:
    if not isinstance(item.question, FillIn):
        return stem_html(item)
    if len(item.question.blanks) == 1:
        return stem_html(item, lambda _id: "_____")
    if re.search(r"\[[^\[\]]*\]", re.sub(r"\\\(.*?\\\)|\\\[.*?\\\]", "", stem_html(item, lambda _id: ""))):
        raise Refused("it has brackets in its text, which Canvas takes for blanks", "write them otherwise")
    return stem_html(item, lambda name: f"[{name}]")


def _material(text: str, kind: str = "text/html") -> str:
    return f'<material><mattext texttype="{kind}">{xml(text)}</mattext></material>\n'


def _rule(condition: str, score: str, *, action: str = "Set") -> str:
    set_score = f'<setvar action="{action}" varname="SCORE">{score}</setvar>' if score else ""
    go_on = "No" if action == "Set" else "Yes"
    return f'<respcondition continue="{go_on}"><conditionvar>{condition}</conditionvar>{set_score}</respcondition>\n'


def _feedback(item: Item, notes: list[str]) -> list[tuple[str, str]]:
    """For each text: the rule that shows it, and the text itself."""
    texts = [("<other/>", "general_fb", item.solution)]
    for option in getattr(item.question, "options", ()):
        chosen = f'<varequal respident="response1">{option.id}</varequal>'
        texts.append((chosen, f"{option.id}_fb", option.feedback))
    if isinstance(item.question, Numeric) and item.question.feedback:
        texts.append(("<other/>", "general_incorrect_fb", item.question.feedback))
    parts = (*getattr(item.question, "blanks", ()), *getattr(item.question, "pairs", ()))
    if any(part.feedback for part in parts):
        notes.append("the feedback of its parts is left out: Canvas has no place for it")
    return [(_shows(condition, name), _said(name, text)) for condition, name, text in texts if text]


def _shows(condition: str, name: str) -> str:
    shown = f'<displayfeedback feedbacktype="Response" linkrefid="{name}"/>'
    return f'<respcondition continue="Yes"><conditionvar>{condition}</conditionvar>{shown}</respcondition>\n'


def _said(name: str, text: str) -> str:
    return f'<itemfeedback ident="{name}"><flow_mat>{_material(to_html(text))}</flow_mat></itemfeedback>\n'


def _labels(choices: Sequence[tuple[str, str]], kind: str) -> str:
    return "".join(
        f'<response_label ident="{name}">{_material(text, kind)}</response_label>\n' for name, text in choices
    )


def _choice(question: SingleChoice) -> tuple[str, str]:
    labels = _labels([(option.id, to_inline_html(option.text)) for option in question.options], "text/html")
    right = next(option.id for option in question.options if option.correct)
    rule = _rule(f'<varequal respident="response1">{right}</varequal>', "100")
    return _labelled(labels, "Single"), rule


def _labelled(labels: str, cardinality: str) -> str:
    return (
        f'<response_lid ident="response1" rcardinality="{cardinality}"><render_choice>\n{labels}</render_choice>'
        "</response_lid>\n"
    )


def _multiple(question: MultipleChoice) -> tuple[str, str]:
    right = sum(option.correct is True for option in question.options)
    if question.scoring != "right-minus-wrong" and not (question.scoring == "all-or-nothing" and right == 1):
        raise Refused(
            f"Canvas takes wrong ticks from right ones, which is not {question.scoring}",
            "score it right-minus-wrong, or use another format",
        )
    labels = _labels([(option.id, to_inline_html(option.text)) for option in question.options], "text/html")
    equal = [f'<varequal respident="response1">{option.id}</varequal>' for option in question.options]
    parts = [
        each if option.correct else f"<not>{each}</not>" for option, each in zip(question.options, equal, strict=True)
    ]
    return _labelled(labels, "Multiple"), _rule(f"<and>{''.join(parts)}</and>", "100")


def _text_response(kind: str) -> str:
    return (
        f'<response_str ident="response1" rcardinality="Single"><render_fib{kind}>'
        '<response_label ident="answer1" rshuffle="No"/></render_fib></response_str>\n'
    )


def _numeric(question: Numeric, notes: list[str]) -> tuple[str, str]:
    note_tolerance(question, notes)
    if question.unit:
        notes.append("its unit is left out: a number is typed without one in Canvas")
    answer, low, high = interval(question)
    within = f'<vargte respident="response1">{plain(low)}</vargte><varlte respident="response1">{plain(high)}</varlte>'
    condition = f'<or><varequal respident="response1">{plain(answer)}</varequal><and>{within}</and></or>'
    return _text_response(' fibtype="Decimal"'), _rule(condition, "100")


def _require_ignoring_case(question: FillIn) -> None:
    require_collapse(question)
    if any(blank.case is Case.EXACT for blank in question.blanks):
        raise Refused("Canvas never minds capitals, and one of its blanks does", "use case: ignore, or Moodle XML")


def _short(question: FillIn) -> tuple[str, str]:
    _require_ignoring_case(question)
    forms = question.blanks[0].accept
    return _text_response(""), _rule(
        "".join(f'<varequal respident="response1">{xml(form)}</varequal>' for form in forms), "100"
    )


def _shares(count: int) -> list[str]:
    """Percentages with two decimals, as Canvas writes them, that add up to 100."""
    share = (Decimal(100) / count).quantize(Decimal("0.01"))
    return [f"{share}"] * (count - 1) + [f"{100 - share * (count - 1)}"]


def _blanks(question: FillIn) -> tuple[str, str]:
    _require_ignoring_case(question)
    if is_all_or_nothing(question):
        raise Refused("Canvas scores each blank by itself", "score it number-right, or use another format")
    responses, rules = "", ""
    for blank, share in zip(question.blanks, _shares(len(question.blanks)), strict=True):
        labels = _labels([(f"{blank.id}_{n}", form) for n, form in enumerate(blank.accept, 1)], "text/plain")
        responses += (
            f'<response_lid ident="response_{blank.id}"><material><mattext>{blank.id}</mattext></material>'
            f"<render_choice>\n{labels}</render_choice></response_lid>\n"
        )
        rules += _rule(f'<varequal respident="response_{blank.id}">{blank.id}_1</varequal>', share, action="Add")
    return responses, rules


def _matching(question: Matching) -> tuple[str, str]:
    if is_all_or_nothing(question):
        raise Refused("Canvas scores each pair by itself", "score it number-right, or use another format")
    rights = [(f"right_{pair.id}", to_plain(pair.right)) for pair in question.pairs]
    rights += [(f"right_{each.id}", to_plain(each.text)) for each in question.distractors]
    responses, rules = "", ""
    for pair, share in zip(question.pairs, _shares(len(question.pairs)), strict=True):
        responses += (
            f'<response_lid ident="response_{pair.id}">{_material(to_plain(pair.left), "text/plain")}'
            f"<render_choice>\n{_labels(rights, 'text/plain')}</render_choice></response_lid>\n"
        )
        rules += _rule(f'<varequal respident="response_{pair.id}">right_{pair.id}</varequal>', share, action="Add")
    return responses, rules
