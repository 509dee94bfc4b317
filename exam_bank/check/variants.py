"""Whether every seed gives a sound question, and whether its answer is found again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from authoring.check.finding import Finding, Severity
from exam_bank.check.found import found, often
from exam_bank.item import Item
from exam_bank.scoring import key_response, score
from exam_bank.variant_code import Failure
from exam_bank.variant_maker import Proof, VariantError


def variant_findings(item: Item, errors: Sequence[VariantError], count: int) -> Iterator[Finding]:
    """One finding for each kind of failure, with how often and where first."""
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for error in errors:
        kinds[error.place, error.problem].append(error.seed)
    places: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for (place, problem), where in kinds.items():
        places[place].append((problem, where))
    for place, problems in places.items():
        total = sum(len(where) for _, where in problems)
        problem, where = problems[0]
        message = f"{place}: {problem} (seed {where[0]}; {total} of {count} seeds fail here)"
        yield found(item, "item-variants", message, "correct the item, or what its variant code draws")


def sameness_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """Variant code that changes nothing of what learners read."""
    if item.variant_code and len(made) > 1 and len({proof.variant.stem for proof in made}) == 1:
        message = f"all {len(made)} variants have the same stem"
        mend = "use what the code binds in the stem as {{ name }}, or delete ## Variant"
        yield found(item, "item-variants", message, mend, Severity.WARNING)


def key_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """The key itself must earn all points, for instance also when it is written out as a number."""
    for proof in made:
        response = key_response(proof.variant)
        if response is not None and score(proof.variant, response).points != item.points:
            message = f"the key {response!r} does not earn all points (seed {proof.variant.seed})"
            yield found(item, "item-variants", message, "correct the key")
            return


def recomputed_findings(item: Item, made: Sequence[Proof]) -> Iterator[Finding]:
    """The answer that the check code finds is given like a learner's, and must earn all points."""
    if not item.check_code or not made:
        return
    failed = [proof for proof in made if isinstance(proof.recomputed, Failure)]
    if failed:
        failure = failed[0].recomputed
        place = f"## Check, {failure.line}" if failure.line else "## Check"
        message = f"{place}: {failure.problem} ({often([proof.variant.seed for proof in failed], len(made))})"
        mend = "correct the code; it sees only the names that the question shows, as they are shown"
        yield found(item, "item-recomputed", message, mend)
    wrong = [proof for proof in made if not isinstance(proof.recomputed, Failure) and not _agrees(item, proof)]
    if wrong:
        proof, seeds = wrong[0], often([each.variant.seed for each in wrong], len(made))
        message = f"## Check finds {proof.recomputed!r}, and the key is {key_response(proof.variant)!r} ({seeds})"
        mend = "correct whichever is wrong, or compute the key from the numbers as they are shown"
        yield found(item, "item-recomputed", message, mend)


def _agrees(item: Item, proof: Proof) -> bool:
    return score(proof.variant, proof.recomputed).points == item.points
