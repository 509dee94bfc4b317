"""One QTI item (under the names of QTI 2.x) as a question.

What is asked and what is right is read from the body and the response declarations. Which rule of partial credit its
response processing amounts to is found by running it (:mod:`~exam_bank.interchange.fit`).
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from lxml import etree

from exam_bank.interchange.exchanged import Draft, Refused
from exam_bank.interchange.fit import fitted
from exam_bank.interchange.from_html import visible_text
from exam_bank.interchange.ids import slug
from exam_bank.interchange.options import multiple_choices
from exam_bank.interchange.qti_bodies import content, remove, unseen_rubrics
from exam_bank.interchange.qti_scoring import Container, Declared, as_points, declarations, max_score, score_of
from exam_bank.interchange.qti_texts import blanks_and_stem, numeric
from exam_bank.interchange.rubrics import rubric_from
from exam_bank.interchange.safe_xml import Element, below, child, children, local, text_of
from exam_bank.item import Distractor, Matching, Option, Ordering, Pair, Question, SingleChoice, Step

_SUFFIXES = (".left", ".right")


@dataclass(frozen=True)
class Asked:
    """An item with what its parts are for."""

    item: Element
    body: Element
    interaction: Element
    declared: dict[str, Declared]

    @property
    def response(self) -> Declared:
        """The interaction's response variable."""
        name = self.interaction.get("responseIdentifier", "")
        if name not in self.declared:
            raise Refused(f"its interaction answers {name[:60]!r}, which is not declared", "correct the item")
        return self.declared[name]

    def earned(self, value: Any) -> Fraction:
        """SCORE for a value of the response variable."""
        return score_of(self.item, self.declared, {self.response.name: value})

    @property
    def worth(self) -> Fraction:
        """What the item can earn: MAXSCORE, or what its key earns."""
        worth = max_score(self.item) or self.earned(self.response.correct)
        as_points(worth)  # it is above 0
        return worth


def draft_of(item: Element) -> Draft:
    """The item as a draft.

    Raises:
        Refused: it has no like among our types, or its scoring none among our rules.
    """
    _require_plain(item)
    body = child(item, "itemBody")
    if body is None:
        raise Refused("it has no body", "export it anew")
    interactions = [each for each in body.iter() if local(each).endswith("Interaction")]
    kinds = {local(each) for each in interactions}
    if not interactions:
        raise Refused("there is no interaction in it, so it asks nothing", "put the text into a lesson")
    if len(interactions) > 1 and kinds != {"textEntryInteraction"}:
        raise Refused(f"it has {len(interactions)} interactions, and a question here has one", "split it there")
    asked = Asked(item, body, interactions[0], declarations(item))
    solution, rubric = _rubrics(body)
    stem, question, points = _question(asked, interactions, rubric)
    title = visible_text(item.get("title", "")) or "Question"
    return Draft(
        name=item.get("identifier", "").rpartition(".")[2] or title,
        title=title,
        stem=stem,
        question=question,
        points=points,
        solution=solution,
        notes=tuple(_notes(item, question)),
    )


def _require_plain(item: Element) -> None:
    if item.get("adaptive", "false") == "true":
        raise Refused("it is adaptive, and here an answer is scored once", "write it anew")
    for name, said in (
        ("templateDeclaration", "its numbers are drawn by template processing"),
        ("templateProcessing", "its numbers are drawn by template processing"),
        ("assessmentStimulusRef", "it refers to a stimulus in another file"),
        ("include", "it includes another file"),
    ):
        if below(item, name):
            raise Refused(f"{said}, which is not read", "write it anew, with Python under ## Variant if it varies")


def _notes(item: Element, question: Question) -> Iterator[str]:
    used = {name for name, _ in _feedback(item)}
    shown = {each.get("identifier", "") for each in below(item, "feedbackInline", "feedbackBlock")}
    ours = {_id(option) for option in below(item, "simpleChoice")} | {"wrong"}
    if not (used | shown) <= ours:
        yield "its feedback that belongs to no option is left out"
    if not isinstance(question, SingleChoice) and below(item, "hint", "infoControl"):
        yield "its hints are left out"


def _question(asked: Asked, interactions: list[Element], rubric: str) -> tuple[str, Question, Decimal]:
    kind = local(asked.interaction)
    match kind:
        case "extendedTextInteraction":
            points = as_points(max_score(asked.item) or Fraction(1))
            return _stem(asked), rubric_from(rubric, points), points
        case "choiceInteraction":
            question = _choice(asked)
        case "matchInteraction":
            question = _matching(asked)
        case "orderInteraction":
            question = _ordering(asked)
        case "textEntryInteraction" if asked.response.base in {"float", "integer"} and len(interactions) == 1:
            said = dict(_feedback(asked.item)).get("wrong", "")
            unit = next(
                (text_of(each).strip() for each in below(asked.body, "span") if each.get("class") == "unit"), ""
            )
            question = numeric(asked.item, asked.response, asked.declared, feedback=said, unit=unit)
            return _stem(asked), question, as_points(asked.worth)
        case "textEntryInteraction":
            return _blanks(asked, interactions)
        case _:
            raise Refused(f"its {kind[:60]} has no like among our types", "write it anew")
    return _stem(asked), question, as_points(asked.worth)


def _blanks(asked: Asked, interactions: list[Element]) -> tuple[str, Question, Decimal]:
    said = {
        (each.get("outcomeIdentifier", ""), each.get("identifier", "")): content(each)
        for each in children(asked.item, "modalFeedback")
    }
    feedback = {outcome: text for (outcome, name), text in said.items() if name == "wrong"}
    stem, question, worth = blanks_and_stem(asked.item, asked.body, interactions, asked.declared, feedback)
    return stem, question, as_points(worth)


# ---- texts


def _stem(asked: Asked) -> str:
    """The body without its interaction, then the interaction's prompt."""
    body = copy.deepcopy(asked.body)
    for each in [each for each in body.iter() if local(each).endswith("Interaction")]:
        remove(each)
    for each in [each for each in body.iter("span") if each.get("class") == "unit"]:
        remove(each)
    prompt = child(asked.interaction, "prompt")
    parts = [content(body), content(prompt) if prompt is not None else ""]
    stem = "\n\n".join(part for part in parts if part)
    if not stem:
        raise Refused("it has no text that asks something", "write the question there")
    return stem


def _rubrics(body: Element) -> tuple[str, str]:
    """The worked solution as Markdown, and what graders are told as HTML."""
    solution, rubric = "", ""
    for each in unseen_rubrics(body):
        if "solution" in each.get("class", "").split():
            copied = copy.deepcopy(each)
            copied.tag, copied.tail = "div", None
            solution = content(copied)
        elif "scorer" in each.get("view", ""):
            copied = copy.deepcopy(each)
            copied.tail = None
            rubric += etree.tostring(copied, encoding="unicode", method="html")
    return solution, rubric


def _feedback(item: Element) -> list[tuple[str, str]]:
    """What is said after an answer, by its identifier."""
    return [(each.get("identifier", ""), content(each)) for each in children(item, "modalFeedback")]


def _id(element: Element) -> str:
    return element.get("identifier", "")


def _ids(elements: Iterable[Element], fallback: str) -> dict[str, str]:
    """Our id for each identifier."""
    made: dict[str, str] = {}
    for number, each in enumerate(elements, 1):
        name = _id(each)
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
        own = slug(name, f"{fallback}-{number}")
        made[_id(each)] = own if own not in made.values() else f"{fallback}-{number}"
    if len(set(made.values())) != len(made):
        raise Refused("two of its identifiers are the same", "correct the item")
    return made


# ---- interactions


def _key(asked: Asked) -> tuple[str, ...]:
    correct = asked.response.correct
    if correct is None:
        raise Refused("it does not say what is right", "add its correct response there")
    return correct.values if isinstance(correct, Container) else (correct,)


def _fraction(asked: Asked, value: Any) -> Fraction:
    return max(Fraction(0), asked.earned(value)) / asked.worth if asked.earned(value) > 0 else asked.earned(value)


def _choice(asked: Asked) -> Question:
    choices = below(asked.interaction, "simpleChoice")
    own, said = _ids(choices, "option"), dict(_feedback(asked.item))
    if asked.response.correct is None and asked.response.mapping is not None:
        raise Refused("it does not say what is right, only what answers are worth", "add its correct response there")
    key = set(_key(asked))
    shuffle = asked.interaction.get("shuffle", "false") == "true"
    options = [
        Option(
            id=own[_id(each)],
            text=content(each),
            correct=_id(each) in key,
            feedback=said.get(_id(each)) or _inline_feedback(each),
        )
        for each in choices
    ]
    theirs = {mine: name for name, mine in own.items()}
    if asked.response.cardinality == "single":
        single = [SingleChoice(options=tuple(options), shuffle=shuffle)]
        return fitted(single, lambda response: _fraction(asked, theirs[response]), stem="?")
    _require_free(asked, len(options))

    def earned(response: list[str]) -> Fraction:
        return _fraction(asked, Container(tuple(theirs[each] for each in response)))

    return fitted(multiple_choices(options, shuffle=shuffle), earned, stem="?")


def _require_free(asked: Asked, count: int) -> None:
    most = asked.interaction.get("maxChoices", "1")
    if most not in {"0", str(count)} and most.isdigit() and int(most) < count:
        raise Refused(f"at most {most} of its options may be ticked, and here any number may", "set maxChoices to 0")


def _inline_feedback(choice: Element) -> str:
    inline = [each for each in below(choice, "feedbackInline") if each.get("showHide", "show") == "show"]
    return " ".join(_inner(each) for each in inline)


def _inner(element: Element) -> str:
    copied = copy.deepcopy(element)
    copied.tag, copied.tail = "div", None
    return content(copied)


def _matching(asked: Asked) -> Question:
    sets = children(asked.interaction, "simpleMatchSet")
    if len(sets) != 2:
        raise Refused("it has not two sides to match", "export it anew")
    lefts, rights = (children(each, "simpleAssociableChoice") for each in sets)
    left_ids, right_ids = _ids(lefts, "left"), _ids(rights, "right")
    pairs = [tuple(str(each).split(" ")) for each in _key(asked)]
    key = {pair[0]: pair[-1] for pair in pairs}
    if len(key) != len(pairs) or len(set(key.values())) != len(pairs) or set(key) != set(left_ids):
        raise Refused("not each left side has exactly one right side of its own", "write it as several questions")
    if any(each.get("matchMax", "1") != "1" for each in lefts):
        raise Refused("a left side may get several right sides, and here it gets one", "set its matchMax to 1")
    texts = {_id(each): content(each) for each in (*lefts, *rights)}
    said = {each.get("outcomeIdentifier", ""): content(each) for each in children(asked.item, "modalFeedback")}
    made = tuple(
        Pair(id=left_ids[one], left=texts[one], right=texts[other], feedback=said.get(f"FEEDBACK_{left_ids[one]}", ""))
        for one, other in key.items()
    )
    taken = {pair.id for pair in made}
    others = [name for name in right_ids if name not in key.values()]
    names = {name: right_ids[name] if right_ids[name] not in taken else f"other-{right_ids[name]}" for name in others}
    distractors = tuple(Distractor(id=names[name], text=texts[name]) for name in others)
    back = {left_ids[one]: other for one, other in key.items()} | {mine: name for name, mine in names.items()}
    source = {mine: name for name, mine in left_ids.items()}

    def earned(response: dict[str, str]) -> Fraction:
        return _fraction(asked, Container(tuple(f"{source[one]} {back[other]}" for one, other in response.items())))

    some = Matching(pairs=made, distractors=distractors, scoring="number-right")
    return fitted([some, msgspec.structs.replace(some, scoring="all-or-nothing")], earned, stem="?")


def _ordering(asked: Asked) -> Question:
    choices = {_id(each): each for each in below(asked.interaction, "simpleChoice")}
    own, key = _ids(choices.values(), "step"), _key(asked)
    if set(key) != set(choices) or len(key) != len(choices):
        raise Refused("its key is no order of all its steps", "correct the item")
    steps = tuple(Step(id=own[name], text=content(choices[name])) for name in key)
    theirs = {mine: name for name, mine in own.items()}
    said = dict(_feedback(asked.item)).get("wrong", "")

    def earned(response: list[str]) -> Fraction:
        return _fraction(asked, Container(tuple(theirs[each] for each in response), ordered=True))

    whole = Ordering(steps=steps, scoring="all-or-nothing", feedback=said)
    others = [msgspec.structs.replace(whole, scoring=rule) for rule in ("absolute-position", "adjacent-pairs")]
    return fitted([whole, *others], earned, stem="?")
