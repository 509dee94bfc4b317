"""Items as a QTI 3.0 package: a manifest, and a file for each item.

The score is set by response processing that is written out, not by a template, so that it is the item's points under
the item's own rule. :mod:`exam_bank.interchange.qti_rules_write` has the rules.
"""

from collections.abc import Sequence

from exam_bank.interchange import qti_rules_write as rules
from exam_bank.interchange.blanks import stem_html
from exam_bank.interchange.exchanged import Kept, LeftOut, Refused, plain, write_each
from exam_bank.interchange.numbers import interval, note_tolerance
from exam_bank.interchange.qti_rules_write import identifier, left, right
from exam_bank.interchange.rubrics import rubric_text
from exam_bank.interchange.safe_zip import zipped
from exam_bank.interchange.to_html import to_html, to_inline_html
from exam_bank.interchange.xml_text import xml
from exam_bank.item import (
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
    Spaces,
)

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_PACKAGE_SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def write(items: Sequence[Item]) -> tuple[bytes, list[Kept], list[LeftOut]]:
    """The package, what is in it, and what is not."""
    kept, stays = write_each(items, _item)
    members = {"imsmanifest.xml": _manifest([each.item for each in kept])}
    members |= {_path(each.item): each.text for each in kept}
    return zipped(members), kept, stays


def _path(item: Item) -> str:
    return f"items/{item.topic}/{item.id}.xml"


def _name(item: Item) -> str:
    return identifier(f"{item.topic}.{item.id}")


def _manifest(items: Sequence[Item]) -> str:
    resources = "".join(
        f'<resource identifier="{_name(item)}" type="imsqti_item_xmlv3p0" href="{_path(item)}">'
        f'<file href="{_path(item)}"/></resource>\n'
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{_PACKAGE}" xmlns:xsi="{_XSI}" xsi:schemaLocation="{_PACKAGE} {_PACKAGE_SCHEMA}" '
        'identifier="coursewright-items">\n'
        "<metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{resources}</resources>\n</manifest>\n"
    )


def _item(item: Item, notes: list[str]) -> str:
    question = item.question
    match question:
        case SingleChoice() | MultipleChoice():
            parts = _choice(item, question)
        case Numeric():
            parts = _numeric(item, question, notes)
        case FillIn():
            parts = _fill_in(item, question)
        case Matching():
            parts = _matching(item, question)
        case Ordering():
            parts = _ordering(item, question)
        case ShortAnswer():
            parts = _short_answer(item, question)
        case _:
            raise Refused("a program is graded by tests, which QTI has no interaction for", "use it with nbgrader")
    declarations, body, processing, feedback = parts
    solution = to_html(item.solution)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<qti-assessment-item xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}" xsi:schemaLocation="{NAMESPACE} {_SCHEMA}" '
        f'identifier="{_name(item)}" title="{xml(item.title)}" adaptive="false" time-dependent="false">\n'
        f"{declarations}{_outcomes(item, feedback)}{_counter(processing)}"
        f"<qti-item-body>\n{body}\n"
        f'<qti-rubric-block use="instructions" view="author scorer tutor" class="solution">'
        f"<qti-content-body>{solution}</qti-content-body></qti-rubric-block>\n"
        f"</qti-item-body>\n{processing}{_modal(feedback)}</qti-assessment-item>\n"
    )


_Parts = tuple[str, str, str, dict[tuple[str, str], str]]  # feedback: by its outcome and identifier


def _outcomes(item: Item, feedback: dict[tuple[str, str], str]) -> str:
    human = ' external-scored="human"' if isinstance(item.question, ShortAnswer) else ""
    text = (
        f'<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"{human}>'
        "<qti-default-value><qti-value>0</qti-value></qti-default-value></qti-outcome-declaration>\n"
        '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
        f"<qti-default-value><qti-value>{plain(item.points)}</qti-value></qti-default-value>"
        "</qti-outcome-declaration>\n"
    )
    several = "multiple" if isinstance(item.question, MultipleChoice) else "single"
    for outcome in dict.fromkeys(outcome for outcome, _ in feedback):
        text += f'<qti-outcome-declaration identifier="{outcome}" cardinality="{several}" base-type="identifier"/>\n'
    return text


def _counter(processing: str) -> str:
    """What response processing counts parts with, if it does."""
    if 'identifier="COUNT"' not in processing:
        return ""
    return (
        '<qti-outcome-declaration identifier="COUNT" cardinality="single" base-type="float">'
        "<qti-default-value><qti-value>0</qti-value></qti-default-value></qti-outcome-declaration>\n"
    )


def _modal(feedback: dict[tuple[str, str], str]) -> str:
    return "".join(
        f'<qti-modal-feedback outcome-identifier="{outcome}" identifier="{name}" show-hide="show">'
        f"<qti-content-body>{to_html(text)}</qti-content-body></qti-modal-feedback>\n"
        for (outcome, name), text in feedback.items()
    )


def _declared(name: str, cardinality: str, base: str, correct: Sequence[str], mapping: str = "") -> str:
    values = "".join(f"<qti-value>{xml(value)}</qti-value>" for value in correct)
    key = f"<qti-correct-response>{values}</qti-correct-response>" if correct else ""
    return (
        f'<qti-response-declaration identifier="{name}" cardinality="{cardinality}" base-type="{base}">'
        f"{key}{mapping}</qti-response-declaration>\n"
    )


def _mapping(entries: dict[str, int], *, bound: str = "", sensitive: bool = True) -> str:
    case = "" if sensitive else ' case-sensitive="false"'
    listed = "".join(
        f'<qti-map-entry map-key="{xml(key)}" mapped-value="{value}"{case}/>' for key, value in entries.items()
    )
    return f'<qti-mapping default-value="0"{bound}>{listed}</qti-mapping>'


def _choice(item: Item, question: SingleChoice | MultipleChoice) -> _Parts:
    single = isinstance(question, SingleChoice)
    right_ones = [identifier(option.id) for option in question.options if option.correct]
    worth = {identifier(option.id): 1 if option.correct else -1 for option in question.options}
    bound = ' lower-bound="0"' if getattr(question, "scoring", "") == "right-minus-wrong" else ""
    declaration = _declared(
        "RESPONSE",
        "single" if single else "multiple",
        "identifier",
        right_ones,
        "" if single else _mapping(worth, bound=bound),
    )
    choices = "".join(_simple_choice(option) for option in question.options)
    body = (
        f"{stem_html(item)}\n"
        f'<qti-choice-interaction response-identifier="RESPONSE" shuffle="{str(question.shuffle).lower()}" '
        f'max-choices="{1 if single else 0}">\n{choices}</qti-choice-interaction>'
    )
    feedback = {("FEEDBACK", identifier(each.id)): each.feedback for each in question.options if each.feedback}
    processing = rules.choice(question, item.points, copies_feedback=bool(feedback))
    return declaration, body, processing, feedback


def _simple_choice(option: Option) -> str:
    text = to_inline_html(option.text)
    return f'<qti-simple-choice identifier="{identifier(option.id)}">{text}</qti-simple-choice>\n'


def _numeric(item: Item, question: Numeric, notes: list[str]) -> _Parts:
    note_tolerance(question, notes)
    answer, low, high = interval(question)
    unit = ""
    if question.unit:
        notes.append("its unit stands behind the field: a QTI number is typed without one")
        unit = f' <span class="unit">{xml(question.unit)}</span>'
    field = '<qti-text-entry-interaction response-identifier="RESPONSE" expected-length="12"/>'
    body = f"{stem_html(item)}\n<p>{field}{unit}</p>"
    feedback = {("FEEDBACK", "wrong"): question.feedback} if question.feedback else {}
    processing = rules.numeric(low, high, item.points, tells=bool(feedback))
    return _declared("RESPONSE", "single", "float", [plain(answer)]), body, processing, feedback


def _fill_in(item: Item, question: FillIn) -> _Parts:
    declarations = ""
    fields = {}
    for blank in question.blanks:
        if blank.spaces is Spaces.REMOVE:
            raise Refused(
                f"its blank {blank.id!r} has the rule spaces: remove, which QTI does not know", "list the forms"
            )
        name = rules.response_of(blank.id)
        mapping = _mapping(dict.fromkeys(blank.accept, 1), sensitive=blank.case is Case.EXACT)
        declarations += _declared(name, "single", "string", blank.accept[:1], mapping)
        kind = ' class="spaces-exact"' if blank.spaces is Spaces.EXACT else ""
        length = max(map(len, blank.accept)) + 4
        fields[blank.id] = (
            f'<qti-text-entry-interaction response-identifier="{name}" expected-length="{length}"{kind}/>'
        )
    feedback = {(rules.feedback_of(blank.id), "wrong"): blank.feedback for blank in question.blanks if blank.feedback}
    return declarations, stem_html(item, fields.__getitem__), rules.fill_in(question, item.points), feedback


def _matching(item: Item, question: Matching) -> _Parts:
    keys = [f"{left(pair.id)} {right(pair.id)}" for pair in question.pairs]
    declaration = _declared("RESPONSE", "multiple", "directedPair", keys, _mapping(dict.fromkeys(keys, 1)))
    lefts = "".join(
        f'<qti-simple-associable-choice identifier="{left(pair.id)}" match-max="1">{to_inline_html(pair.left)}'
        "</qti-simple-associable-choice>\n"
        for pair in question.pairs
    )
    texts = [(pair.id, pair.right) for pair in question.pairs] + [(each.id, each.text) for each in question.distractors]
    rights = "".join(
        f'<qti-simple-associable-choice identifier="{right(name)}" match-max="{len(keys)}">{to_inline_html(text)}'
        "</qti-simple-associable-choice>\n"
        for name, text in texts
    )
    body = (
        f"{stem_html(item)}\n"
        f'<qti-match-interaction response-identifier="RESPONSE" shuffle="true" max-associations="{len(keys)}">\n'
        f"<qti-simple-match-set>\n{lefts}</qti-simple-match-set>\n"
        f"<qti-simple-match-set>\n{rights}</qti-simple-match-set>\n</qti-match-interaction>"
    )
    feedback = {(rules.feedback_of(pair.id), "wrong"): pair.feedback for pair in question.pairs if pair.feedback}
    return declaration, body, rules.matching(question, item.points), feedback


def _ordering(item: Item, question: Ordering) -> _Parts:
    names = [identifier(step.id) for step in question.steps]
    steps = "".join(
        f'<qti-simple-choice identifier="{identifier(step.id)}">{to_inline_html(step.text)}</qti-simple-choice>\n'
        for step in sorted(question.steps, key=lambda step: step.id)  # not in the order of the key
    )
    body = (
        f'{stem_html(item)}\n<qti-order-interaction response-identifier="RESPONSE" shuffle="true">\n{steps}'
        "</qti-order-interaction>"
    )
    feedback = {("FEEDBACK", "wrong"): question.feedback} if question.feedback else {}
    processing = rules.ordering(question, item.points, tells=bool(feedback))
    return _declared("RESPONSE", "ordered", "identifier", names), body, processing, feedback


def _short_answer(item: Item, question: ShortAnswer) -> _Parts:
    body = (
        f'{stem_html(item)}\n<qti-extended-text-interaction response-identifier="RESPONSE" expected-lines="8"/>\n'
        '<qti-rubric-block use="scoring" view="scorer" class="rubric">'
        f"<qti-content-body>{rubric_text(question)}</qti-content-body></qti-rubric-block>"
    )
    return _declared("RESPONSE", "single", "string", []), body, "", {}
