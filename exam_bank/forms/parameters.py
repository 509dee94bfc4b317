"""What is known of items from earlier exams: how hard they are, and their IRT parameters, each with the item's version.

The file is JSON in the shape that a calibration prints, with the version of each item that was calibrated::

    {"model": "2pl", "items": [{"item": "topic/id", "version": "sha256:…", "difficulty": 0.62, "a": 1.1, "b": -0.4}]}

``difficulty`` is the mean share of the points that learners earned, 0 to 1. ``a``, ``b`` and ``c`` are those of the
logistic model without the factor 1.7. Other keys (standard errors, say) are left alone. Nothing is ever guessed: an
item whose figures are needed and not there, or were those of another version, is an error that names it.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from exam_bank.forms.blueprint import Blueprint
from exam_bank.item import Item

NAMED = 5  # items that an error names
MAX_BYTES = 64 * 1024 * 1024


class ParameterError(CoursewrightError):
    """A file of parameters cannot be read, or does not have what a blueprint needs.

    Attributes:
        items: the items that it is about.
    """

    def __init__(self, message: str, items: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.items = tuple(items)


class ItemParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one item.

    Attributes:
        item: its reference.
        version: the version that was calibrated.
        difficulty: mean share of the points that learners earned, 0 to 1.
        a: discrimination, more than 0.
        b: difficulty on the scale of ability.
        c: the chance of a right guess, 0 to less than 1.
    """

    item: str
    version: str = ""
    difficulty: float | None = None
    a: float | None = None
    b: float | None = None
    c: float | None = None


class _File(msgspec.Struct, frozen=True, kw_only=True):
    model: str = ""
    items: tuple[ItemParameters, ...]


@dataclass(frozen=True)
class Parameters:
    """The parameters of a course's items.

    Attributes:
        items: by reference.
        name: how errors call the file; "" if there is none.
        version: ``sha256:…`` of the content, or "" if there is none.
    """

    items: Mapping[str, ItemParameters] = field(default_factory=dict)
    name: str = ""
    version: str = ""


NO_PARAMETERS = Parameters()


def parameters_of(root: Path, blueprint: Blueprint) -> Parameters:
    """The parameters that a blueprint of the course in the folder ``root`` names; none if it names none.

    Raises:
        ParameterError: the file cannot be read, or says what cannot be.
    """
    return (
        read_parameters(root / blueprint.parameters, name=blueprint.parameters)
        if blueprint.parameters
        else NO_PARAMETERS
    )


def read_parameters(path: Path, *, name: str | None = None) -> Parameters:
    """The parameters in the file ``path``, called ``name`` (or its path) in errors.

    Raises:
        ParameterError: the file cannot be read, or says what cannot be.
    """
    name = name or str(path)
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ParameterError(f"{name}: the file is larger than 64 MiB; it is no file of parameters.")
        read = msgspec.json.decode(data, type=_File)
    except OSError as error:
        raise ParameterError(
            f"{name}: the file cannot be read ({error.strerror}); write it or correct its name."
        ) from error
    except msgspec.MsgspecError as error:
        raise ParameterError(
            f"{name}: this is no file of item parameters ({error}); see the page on blueprints."
        ) from error
    known: dict[str, ItemParameters] = {}
    for each in read.items:
        if each.item in known:
            raise ParameterError(f"{name}: {each.item} stands there twice; delete one of the two.", [each.item])
        if problem := _problem(each):
            raise ParameterError(f"{name}: {each.item}: {problem}.", [each.item])
        known[each.item] = _completed(each, read.model)
    encoded = msgspec.json.encode(sorted(known.values(), key=lambda each: each.item), order="sorted")
    return Parameters(items=known, name=name, version="sha256:" + hashlib.sha256(encoded).hexdigest())


def _problem(each: ItemParameters) -> str:
    if each.difficulty is not None and not 0 <= each.difficulty <= 1:
        return f"its difficulty is {each.difficulty:g} and must be between 0 and 1"
    if each.a is not None and not 0 < each.a < math.inf:
        return f"its a is {each.a:g} and must be more than 0"
    if each.b is not None and not math.isfinite(each.b):
        return "its b must be a finite number"
    if each.c is not None and not 0 <= each.c < 1:
        return f"its c is {each.c:g} and must be at least 0 and less than 1"
    return ""


def _completed(each: ItemParameters, model: str) -> ItemParameters:
    """What a model fixes need not be written: a is 1 in the Rasch model, c is 0 in all but the 3PL."""
    a = 1.0 if model == "rasch" and each.a is None else each.a
    c = 0.0 if model != "3pl" and each.c is None else each.c
    return msgspec.structs.replace(each, a=a, c=c)


def require_parameters(blueprint: Blueprint, items: Iterable[Item], parameters: Parameters) -> None:
    """That every item has what the blueprint's targets need.

    Raises:
        ParameterError: it names the items that have not, and why.
    """
    if not blueprint.difficulty and not blueprint.information:
        return
    missing: dict[str, str] = {}
    for item in items:
        if why := _missing(blueprint, item, parameters.items.get(item.ref)):
            missing[item.ref] = why
    if missing:
        shown = "; ".join(f"{ref} {why}" for ref, why in list(missing.items())[:NAMED])
        more = f"; and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise ParameterError(
            f"{parameters.name or blueprint.title}: the targets for difficulty and information need figures that are "
            f"not there: {shown}{more}; calibrate these items, set them to pilot, or leave out the targets.",
            missing,
        )


def _missing(blueprint: Blueprint, item: Item, known: ItemParameters | None) -> str:
    if known is None:
        return "has no parameters"
    if not known.version:
        return f"has no version (in the bank it is {item.version})"
    if known.version != item.version:
        return "was changed after its calibration"
    lacks = ["difficulty"] if blueprint.difficulty and known.difficulty is None else []
    if blueprint.information:
        lacks += [name for name in ("a", "b", "c") if getattr(known, name) is None]
    return f"lacks {' and '.join(lacks)}" if lacks else ""


def information(known: ItemParameters, theta: Decimal | float) -> float:
    """Fisher's information of an item at the ability ``theta``, in the 3PL model (and those within it).

    ``I = a^2 (Q / P) ((P - c) / (1 - c))^2`` with ``P = c + (1 - c) / (1 + exp(-a (theta - b)))``, ``Q = 1 - P``.
    Source: Birnbaum, in Lord and Novick, *Statistical Theories of Mental Test Scores*, 1968, section 20.4; Lord,
    *Applications of Item Response Theory*, 1980, equation 5-9, here without the factor D.

    Raises:
        ValueError: a parameter is not known.
    """
    if known.a is None or known.b is None or known.c is None:
        raise ValueError(f"the parameters of {known.item} are not known")
    share = 1 / (1 + math.exp(-max(-700.0, min(700.0, known.a * (float(theta) - known.b)))))
    right = known.c + (1 - known.c) * share
    return known.a**2 * (1 - right) / right * share**2 if right else 0.0
