"""Choice questions from options that were read."""

from collections.abc import Iterable, Sequence

from exam_bank.interchange.exchanged import Refused
from exam_bank.item import MultipleChoice, Option, Question, SingleChoice


def multiple_choices(options: Sequence[Option], *, shuffle: bool) -> Iterable[Question]:
    """The same options with each rule that a multiple choice can have."""
    for scoring in ("all-or-nothing", "right-minus-wrong", "number-right"):
        yield MultipleChoice(options=tuple(options), scoring=scoring, shuffle=shuffle)


def single_choice(options: Sequence[Option], *, shuffle: bool) -> SingleChoice:
    """A single choice.

    Raises:
        Refused: not exactly one option is right.
    """
    right = sum(option.correct is True for option in options)
    if right != 1:
        raise Refused(f"{right} of its options are wholly right, and must be 1", "correct its key there")
    return SingleChoice(options=tuple(options), shuffle=shuffle)


def true_false(right: bool, feedback_true: str, feedback_false: str) -> SingleChoice:
    """True or false, as a single choice whose options keep their order."""
    return SingleChoice(
        options=(
            Option(id="true", text="True", correct=right, feedback=feedback_true),
            Option(id="false", text="False", correct=not right, feedback=feedback_false),
        ),
        shuffle=False,
    )
