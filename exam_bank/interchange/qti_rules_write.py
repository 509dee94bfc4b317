"""Our rules of partial credit as QTI 3.0 response processing.

With ``p`` points, each rule sets ``SCORE``; the formulas are those of :mod:`exam_bank.scoring`. A response that is
missing altogether gets 0.
"""

import re
from decimal import Decimal
from itertools import pairwise

from exam_bank.interchange.exchanged import plain
from exam_bank.interchange.xml_text import xml
from exam_bank.item import FillIn, Matching, MultipleChoice, Ordering, SingleChoice


def identifier(text: str) -> str:
    """A QTI identifier: it begins with a letter or ``_``."""
    return text if re.match(r"[A-Za-z_]", text) else f"_{text}"


def left(pair: str) -> str:
    """The identifier of a pair's left side."""
    return identifier(f"{pair}.left")


def right(pair: str) -> str:
    """The identifier of a pair's (or distractor's) right side."""
    return identifier(f"{pair}.right")


def response_of(blank: str) -> str:
    """The response variable of a blank."""
    return f"RESPONSE_{blank}"


def feedback_of(part: str) -> str:
    """The outcome that shows the feedback of a blank or pair."""
    return f"FEEDBACK_{part}"


def choice(question: SingleChoice | MultipleChoice, points: Decimal, *, copies_feedback: bool) -> str:
    """All-or-nothing by ``match``; the other rules by a mapping of 1 and -1."""
    scoring = getattr(question, "scoring", "all-or-nothing")
    count = len(question.options)
    correct = sum(option.correct is True for option in question.options)
    mapped = '<qti-map-response identifier="RESPONSE"/>'
    if scoring == "right-minus-wrong":
        rule = _otherwise_none(_set("SCORE", _share(points, mapped, correct)))
    elif scoring == "number-right":  # the wrong ones that are not ticked are right: count - correct of them at first
        total = f"<qti-sum>{_number(count - correct)}{mapped}</qti-sum>"
        rule = _otherwise_none(_set("SCORE", _share(points, total, count)))
    else:
        rule = _if(_matches_key(), _set("SCORE", _number(points)))
    feedback = _set("FEEDBACK", _variable("RESPONSE")) if copies_feedback else ""
    return _processing(rule, feedback)


def numeric(low: Decimal, high: Decimal, points: Decimal, *, tells: bool) -> str:
    """Right in the closed interval."""
    given = _variable("RESPONSE")
    within = f"<qti-gte>{given}{_number(low)}</qti-gte><qti-lte>{given}{_number(high)}</qti-lte>"
    rule = _otherwise_none(_if(f"<qti-and>{within}</qti-and>", _set("SCORE", _number(points))))
    return _processing(rule, _tell_below(points) if tells else "")


def fill_in(question: FillIn, points: Decimal) -> str:
    """Each blank is mapped to 1 or 0."""
    mapped = [f'<qti-map-response identifier="{response_of(blank.id)}"/>' for blank in question.blanks]
    counted = [
        _if(f"<qti-not><qti-is-null>{_variable(response_of(blank.id))}</qti-is-null></qti-not>", _add(each))
        for blank, each in zip(question.blanks, mapped, strict=True)
    ]
    tells = [
        _if(_missed(response_of(blank.id), each), _set(feedback_of(blank.id), _name("wrong")))
        for blank, each in zip(question.blanks, mapped, strict=True)
        if blank.feedback
    ]
    return _processing(
        *counted, _from_count(len(mapped), points, all_needed=question.scoring == "all-or-nothing"), *tells
    )


def matching(question: Matching, points: Decimal) -> str:
    """The number of right pairs, or all of them."""
    if question.scoring == "all-or-nothing":
        rule = _if(_matches_key(), _set("SCORE", _number(points)))
    else:
        mapped = '<qti-map-response identifier="RESPONSE"/>'
        rule = _otherwise_none(_set("SCORE", _share(points, mapped, len(question.pairs))))
    tells = [
        _if(
            f'<qti-not><qti-member><qti-base-value base-type="directedPair">{left(pair.id)} {right(pair.id)}'
            f"</qti-base-value>{_variable('RESPONSE')}</qti-member></qti-not>",
            _set(feedback_of(pair.id), _name("wrong")),
        )
        for pair in question.pairs
        if pair.feedback
    ]
    return _processing(rule, *tells)


def ordering(question: Ordering, points: Decimal, *, tells: bool) -> str:
    """Places by ``index``; neighbours by trying every place for each pair of the key."""
    names = [identifier(step.id) for step in question.steps]
    count = len(names)
    if question.scoring == "all-or-nothing":
        rules = [_if(_matches_key(), _set("SCORE", _number(points)))]
    elif question.scoring == "absolute-position":
        rules = [_if(_at(place, name), _add(_number(1))) for place, name in enumerate(names, 1)]
        rules.append(_from_count(count, points))
    else:
        rules = [_if(_neighbours(one, other, count), _add(_number(1))) for one, other in pairwise(names)]
        rules.append(_from_count(count - 1, points))
    return _processing(*rules, _tell_below(points) if tells else "")


# ---- the words of QTI


def _processing(*rules: str) -> str:
    text = "\n".join(rule for rule in rules if rule)
    return f"<qti-response-processing>\n{text}\n</qti-response-processing>\n"


def _if(condition: str, rule: str, otherwise: str = "") -> str:
    last = f"<qti-response-else>{otherwise}</qti-response-else>" if otherwise else ""
    return (
        f"<qti-response-condition><qti-response-if>{condition}{rule}</qti-response-if>{last}</qti-response-condition>"
    )


def _otherwise_none(rule: str) -> str:
    return _if(f"<qti-is-null>{_variable('RESPONSE')}</qti-is-null>", _set("SCORE", _number(0)), rule)


def _matches_key() -> str:
    return f'<qti-match>{_variable("RESPONSE")}<qti-correct identifier="RESPONSE"/></qti-match>'


def _set(outcome: str, value: str) -> str:
    return f'<qti-set-outcome-value identifier="{outcome}">{value}</qti-set-outcome-value>'


def _add(value: str) -> str:
    return _set("COUNT", f"<qti-sum>{_variable('COUNT')}{value}</qti-sum>")


def _from_count(count: int, points: Decimal, *, all_needed: bool = False) -> str:
    counted = _variable("COUNT")
    if all_needed:
        return _if(f"<qti-gte>{counted}{_number(count)}</qti-gte>", _set("SCORE", _number(points)))
    return _set("SCORE", _share(points, counted, count))


def _share(points: Decimal, part: str, whole: int) -> str:
    return f"<qti-divide><qti-product>{_number(points)}{part}</qti-product>{_number(whole)}</qti-divide>"


def _at(place: int, name: str) -> str:
    return f'<qti-match><qti-index n="{place}">{_variable("RESPONSE")}</qti-index>{_name(name)}</qti-match>'


def _neighbours(one: str, other: str, count: int) -> str:
    places = (f"<qti-and>{_at(place, one)}{_at(place + 1, other)}</qti-and>" for place in range(1, count))
    return f"<qti-or>{''.join(places)}</qti-or>"


def _missed(response: str, mapped: str) -> str:
    return f"<qti-or><qti-is-null>{_variable(response)}</qti-is-null><qti-lt>{mapped}{_number(1)}</qti-lt></qti-or>"


def _tell_below(points: Decimal) -> str:
    return _if(f"<qti-lt>{_variable('SCORE')}{_number(points)}</qti-lt>", _set("FEEDBACK", _name("wrong")))


def _variable(name: str) -> str:
    return f'<qti-variable identifier="{name}"/>'


def _name(value: str) -> str:
    return f'<qti-base-value base-type="identifier">{xml(value)}</qti-base-value>'


def _number(value: Decimal | int) -> str:
    return f'<qti-base-value base-type="float">{plain(Decimal(value))}</qti-base-value>'
