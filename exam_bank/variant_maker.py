"""An item and a seed become a variant: templates filled, options shuffled and labelled, the key found."""

import difflib
import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from string import ascii_lowercase
from typing import Any, TypeVar

import msgspec

from authoring.errors import CoursewrightError
from exam_bank import item as authored
from exam_bank.item import BLANK, Item, Tolerance
from exam_bank.variant import (
    Code,
    FillIn,
    Key,
    Matching,
    MultipleChoice,
    Numeric,
    Ordering,
    Prompt,
    ShortAnswer,
    Shown,
    ShownBlank,
    ShownOption,
    SingleChoice,
    Variant,
    margin,
)
from exam_bank.variant_code import Bindings, Failure, Job, Ran, run_jobs

PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?::([^{}]*))?\}\}")
_NUMBER = re.compile(r"([-+\u2212]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)(.*)", re.DOTALL)
_ZERO = re.compile(r"-0(\.0*)?%?")
T = TypeVar("T")


class VariantError(CoursewrightError):
    """A seed gives no sound question.

    Attributes:
        ref: the item.
        seed: the seed.
        problem: what is wrong.
    """

    def __init__(self, ref: str, seed: int, place: str, problem: str) -> None:
        super().__init__(f"items/{ref}.md: {place}: {problem} (seed {seed})")
        self.ref = ref
        self.seed = seed
        self.place = place
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A variant with what shows that it works.

    Attributes:
        responses: the sample answers as a learner would give them to it, in the item's order.
        bindings: what the variant code bound.
        recomputed: what the check code found, as a learner would answer it; a Failure if it found nothing; None if
            there is no check code, or it was not asked for.
    """

    variant: Variant
    responses: tuple[Any, ...]
    bindings: Bindings = field(default_factory=dict)
    recomputed: Any = None


def make_variant(item: Item, seed: int) -> Variant:
    """The variant of ``item`` that ``seed`` (an integer from 0) gives.

    Raises:
        VariantError: the variant code fails, or the result is no sound question.
    """
    return make_variants([(item, seed)])[0]


def make_variants(requests: Sequence[tuple[Item, int]]) -> list[Variant]:
    """The variants of items and seeds, in order; one process runs all their code.

    Raises:
        VariantError: as :func:`make_variant`, for the first that fails.
    """
    made = []
    for proof in try_proofs(requests):
        if isinstance(proof, VariantError):
            raise proof
        made.append(proof.variant)
    return made


def try_proofs(requests: Sequence[tuple[Item, int]], *, check: bool = False) -> list[Proof | VariantError]:
    """As :func:`make_variants`, with sample answers, and with the error in the place of each variant that fails.

    Args:
        requests: items and seeds.
        check: whether the check code of the items is run.
    """
    runs = [bool(item.variant_code or (check and item.check_code)) for item, _ in requests]
    wanted = (request for request, needed in zip(requests, runs, strict=True) if needed)
    ran = iter(run_jobs([_job(item, seed, check=check) for item, seed in wanted]))
    return [_proof(*request, next(ran) if needed else Ran({})) for request, needed in zip(requests, runs, strict=True)]


def _job(item: Item, seed: int, *, check: bool) -> Job:
    if not check or not item.check_code:
        return Job(item.variant_code, seed)
    return Job(item.variant_code, seed, item.check_code, shown_places(item))


@lru_cache(maxsize=256)
def _places(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for text in texts:
        for match in PLACE.finditer(text):
            found.setdefault(match[1], (match[2] or "").strip())
    return tuple(found.items())


def shown_places(item: Item) -> tuple[tuple[str, str], ...]:
    """The names that learners see in the question, each with its (first) format."""
    return _places((item.stem, *shown_texts(item.question)))


def shown_texts(question: authored.Question | Key) -> tuple[str, ...]:
    """The texts besides the stem that learners see in a question, as written or as filled."""
    found: tuple[str, ...] = ()
    match question:
        case authored.SingleChoice() | authored.MultipleChoice() | SingleChoice() | MultipleChoice():
            found = tuple(option.text for option in question.options)
        case authored.Matching():
            found = (*(pair.left for pair in question.pairs), *(pair.right for pair in question.pairs))
        case Matching():
            found = tuple(each.text for each in (*question.prompts, *question.choices))
        case authored.Ordering() | Ordering():
            found = tuple(step.text for step in question.steps)
    return found


def _proof(item: Item, seed: int, ran: Ran | Failure) -> Proof | VariantError:
    if isinstance(ran, Failure):
        place = f"## Variant, {ran.line}" if ran.line else "## Variant"
        return VariantError(item.ref, seed, place, ran.problem)
    maker = _Maker(item, seed, ran.bindings)
    try:
        maker.require_finite()
        variant = maker.variant()
        responses = tuple(maker.response(variant, sample.response) for sample in item.samples)
        again = ran.answer if isinstance(ran.answer, Failure | None) else maker.response(variant, ran.answer)
    except VariantError as error:
        return error
    return Proof(variant=variant, responses=responses, bindings=ran.bindings, recomputed=again)


@dataclass(frozen=True)
class _Maker:
    """Fills the templates of one item with the bindings of one seed, shuffles and labels."""

    item: Item
    seed: int
    bindings: Bindings

    def variant(self) -> Variant:
        question = self.item.question
        key = self._key(question)
        stem = self.fill("the stem", self.item.stem)
        if isinstance(key, FillIn):
            labels = {blank.source: blank.label for blank in key.blanks}
            stem = BLANK.sub(lambda match: f"[[{labels[match[1]]}]]", stem)
        if self.item.stimulus:
            stem = f"{self.item.stimulus}\n\n{stem}"
        return Variant(
            ref=self.item.ref,
            version=self.item.version,
            seed=self.seed,
            points=self.item.points,
            minutes=self.item.minutes,
            stem=stem,
            solution=self.fill("## Solution", self.item.solution),
            key=key,
        )

    def response(self, variant: Variant, response: Any) -> Any:
        """A sample answer with templates filled and ids replaced by labels; what is no known id stays as it is."""
        filled = self._filled(response)
        match variant.key:
            case SingleChoice(options=shown) | MultipleChoice(options=shown) | Ordering(steps=shown):
                return _relabelled(filled, _labels(shown), _labels(shown))
            case Matching(prompts=prompts, choices=choices):
                return _relabelled(filled, _labels(prompts), _labels(choices))
            case FillIn(blanks=blanks):
                return _relabelled(filled, {blank.source: blank.label for blank in blanks}, {})
        return filled

    def require_finite(self) -> None:
        """Also of names that no text uses: a NaN is a mistake wherever it comes up."""
        for name, value in self.bindings.items():
            for number in _numbers(value):
                if not math.isfinite(number):
                    raise self.error("## Variant", f"the value of {name!r} is {number}, and must be finite")

    def fill(self, place: str, text: str) -> str:
        """``text`` with every ``{{ name }}`` replaced by what the variant code bound."""
        return PLACE.sub(lambda match: self._value(place, match[1], match[2] or ""), text)

    def error(self, place: str, problem: str) -> VariantError:
        return VariantError(self.item.ref, self.seed, place, problem)

    def _value(self, place: str, name: str, spec: str) -> str:
        if name not in self.bindings:
            near = difflib.get_close_matches(name, list(self.bindings), n=1)
            mend = f"did you mean {near[0]!r}?" if near else "bind it there to a number, a text or a list"
            raise self.error(place, f"the name {name!r} is not bound under ## Variant; {mend}")
        return self._formatted(place, name, self.bindings[name], spec.strip())

    def _formatted(self, place: str, name: str, value: Any, spec: str) -> str:
        if isinstance(value, list):
            return ", ".join(self._formatted(place, name, each, spec) for each in value)
        try:
            text = format(value, spec)
        except ValueError as error:
            raise self.error(place, f"the format {spec!r} does not suit {name!r} ({error})") from error
        return text.removeprefix("-") if _ZERO.fullmatch(text) else text  # a rounded -0.00

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.fill("samples", value)
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if isinstance(value, dict):
            return {key: self._filled(each) for key, each in value.items()}
        return value

    def _key(self, question: authored.Question) -> Key:
        makers: dict[type, Callable[[Any], Key]] = {
            authored.SingleChoice: self._single_choice,
            authored.MultipleChoice: self._multiple_choice,
            authored.Numeric: self._numeric,
            authored.FillIn: self._fill_in,
            authored.ShortAnswer: lambda given: ShortAnswer(rubric=given.rubric, keywords=given.keywords),
            authored.Matching: self._matching,
            authored.Ordering: self._ordering,
            authored.Code: lambda given: Code(**msgspec.structs.asdict(given)),
        }
        return makers[type(question)](question)

    def _single_choice(self, question: authored.SingleChoice) -> SingleChoice:
        options = self._options(question.options, shuffle=question.shuffle)
        keys = sum(option.correct for option in options)
        if keys != 1:
            raise self.error("options", f"exactly one option must be correct, not {keys}")
        self._require_apart(options, question.tolerance)
        return SingleChoice(options=options)

    def _multiple_choice(self, question: authored.MultipleChoice) -> MultipleChoice:
        options = self._options(question.options, shuffle=question.shuffle)
        if not any(option.correct for option in options):
            raise self.error("options", "no option is correct")
        return MultipleChoice(options=options, scoring=authored.Scoring(question.scoring))

    def _options(self, options: Sequence[authored.Option], *, shuffle: bool) -> tuple[ShownOption, ...]:
        shown = self._shuffled(options, lambda option: option.id) if shuffle else list(options)
        made = tuple(
            ShownOption(
                label=label,
                source=option.id,
                text=self.fill(f"option {option.id}", option.text),
                correct=self._truth(option),
                feedback=self.fill(f"option {option.id}", option.feedback),
            )
            for label, option in zip(ascii_lowercase, shown, strict=False)
        )
        self._require_distinct("options", [option.text for option in made])
        return made

    def _truth(self, option: authored.Option) -> bool:
        if isinstance(option.correct, bool):
            return option.correct
        text = self.fill(f"option {option.id}", option.correct)
        if text not in {"True", "False"}:
            raise self.error(f"option {option.id}", f"`correct` must be true or false, not {text!r}")
        return text == "True"

    def _require_distinct(self, place: str, texts: Sequence[str]) -> None:
        seen = [" ".join(text.split()).casefold() for text in texts]
        for text in seen:
            if seen.count(text) > 1:
                raise self.error(place, f"two of them read the same: {text!r}")

    def _require_apart(self, options: Sequence[ShownOption], tolerance: Tolerance | None) -> None:
        """Options that are numbers must not agree with the key."""
        key = next(option for option in options if option.correct)
        right = leading_number(key.text)
        for option in options:
            other = leading_number(option.text)
            if option is key or right is None or other is None or other[1] != right[1]:
                continue  # different words or units after the numbers: not comparable
            if abs(other[0] - right[0]) <= (margin(tolerance, right[0]) if tolerance else 0):
                raise self.error(f"option {option.source}", f"{option.text!r} equals the key {key.text!r}")

    def _numeric(self, question: authored.Numeric) -> Numeric:
        text = self.fill("answer", question.answer) if isinstance(question.answer, str) else str(question.answer)
        try:
            answer = Decimal(text)
        except InvalidOperation as error:
            raise self.error("answer", f"{text!r} is not a number") from error
        if not answer.is_finite():
            raise self.error("answer", f"the answer is {text}, and must be finite")
        if answer == 0 and question.tolerance.absolute is None:
            raise self.error("tolerance", "the answer is 0, for which only an absolute tolerance has a meaning")
        return Numeric(
            answer=answer,
            tolerance=question.tolerance,
            unit=self.fill("unit", question.unit),
            accepted_units=question.accepted_units,
            feedback=self.fill("feedback", question.feedback),
        )

    def _fill_in(self, question: authored.FillIn) -> FillIn:
        blanks = tuple(
            ShownBlank(
                label=str(number),
                source=blank.id,
                accept=tuple(self.fill(f"blank {blank.id}", form) for form in blank.accept),
                case=blank.case,
                spaces=blank.spaces,
                feedback=self.fill(f"blank {blank.id}", blank.feedback),
            )
            for number, blank in enumerate(question.blanks, 1)
        )
        return FillIn(blanks=blanks, scoring=authored.Scoring(question.scoring))

    def _matching(self, question: authored.Matching) -> Matching:
        sides = [(pair.id, pair.right) for pair in question.pairs]
        sides += [(distractor.id, distractor.text) for distractor in question.distractors]
        choices = self._shown(self._shuffled(sides, lambda side: side[0]))
        labels = _labels(choices)
        prompts = tuple(
            Prompt(
                label=str(number),
                source=pair.id,
                text=self.fill(f"pair {pair.id}", pair.left),
                key=labels[pair.id],
                feedback=self.fill(f"pair {pair.id}", pair.feedback),
            )
            for number, pair in enumerate(question.pairs, 1)
        )
        self._require_distinct("pairs", [choice.text for choice in choices])
        return Matching(prompts=prompts, choices=choices, scoring=authored.Scoring(question.scoring))

    def _ordering(self, question: authored.Ordering) -> Ordering:
        written = [(step.id, step.text) for step in question.steps]
        order = self._shuffled(written, lambda step: step[0])
        if order == written:
            order = [*order[1:], order[0]]
        steps = self._shown(order)
        self._require_distinct("steps", [step.text for step in steps])
        labels = _labels(steps)
        return Ordering(
            steps=steps,
            key=tuple(labels[step.id] for step in question.steps),
            scoring=authored.Scoring(question.scoring),
            feedback=self.fill("feedback", question.feedback),
        )

    def _shown(self, sides: Sequence[tuple[str, str]]) -> tuple[Shown, ...]:
        labelled = zip(ascii_lowercase, sides, strict=False)
        return tuple(
            Shown(label=label, source=source, text=self.fill(source, text)) for label, (source, text) in labelled
        )

    def _shuffled(self, things: Sequence[T], name: Callable[[T], str]) -> list[T]:
        """In the order of a hash of seed and name: the same on every version of Python and NumPy."""
        return sorted(things, key=lambda each: hashlib.sha256(f"{self.seed}:{name(each)}".encode()).digest())


def leading_number(text: str) -> tuple[Decimal, str] | None:
    """The number that ``text`` begins with (maths dollars aside) and what follows it, or None."""
    match = _NUMBER.match(text.strip().strip("$"))
    return (Decimal(match[1].replace("\u2212", "-")), match[2].strip()) if match else None


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, float):
        yield value


def _labels(shown: Sequence[Shown]) -> dict[str, str]:
    return {each.source: each.label for each in shown}


def _relabelled(response: Any, keys: Mapping[str, str], values: Mapping[str, str]) -> Any:
    if isinstance(response, str):
        return values.get(response, response)
    if isinstance(response, list):
        return [_relabelled(each, keys, values) for each in response]
    if isinstance(response, dict):
        return {keys.get(key, key): _relabelled(each, {}, values) for key, each in response.items()}
    return response
