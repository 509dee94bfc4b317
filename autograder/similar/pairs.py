"""From fingerprints to pairs of learners, without comparing everybody with everybody.

What more than a quarter of the class has is no sign of anything and left out; of the rest a fingerprint weighs
log2(class / learners who have it) bits, so what only two people wrote weighs most.

Whom to compare is read off an index, from fingerprints and from three of them in a row to the learners who have them:
three in a row are rare even where everybody solves the same small problem with the same few statements.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

COMMON = 0.25  # of the class: what more have is common
ALWAYS_RARE = 3  # learners, however small the class
MIN_SHARED = 4  # fingerprints of an answer
MIN_SHARE = 0.3  # of the smaller answer's fingerprints
_ALL_PAIRS = 30  # learners in one place of the index; of more only neighbours are paired, which still links them all
_IN_A_ROW = 3
_COINCIDENCES = 2  # places of the index that two learners share before they are compared

Fingerprints = Mapping[str, tuple[int, ...]]
"""The fingerprints of an answer in their order, by learner."""


@dataclass(frozen=True)
class Likeness:
    """How much two answers to one question are alike."""

    shared: int  # fingerprints that both have and that are rare
    share: float  # of those of the answer that has fewer, from 0 to 1
    bits: float  # how rare it is what they share


@dataclass(frozen=True)
class Pair:
    """Two learners with answers that are alike."""

    learners: tuple[str, str]
    answers: Mapping[str, Likeness]  # by question

    @property
    def strength(self) -> float:
        """What pairs are put in order by: bits, times the share, over all answers that are alike."""
        return sum(likeness.bits * likeness.share for likeness in self.answers.values())


def similar_pairs(questions: Mapping[str, Fingerprints]) -> list[Pair]:
    """The pairs of learners with answers that are alike, the strongest first.

    Args:
        questions: the fingerprints of all answers, by question; those of the author's own text are taken out already.
    """
    found: defaultdict[tuple[str, str], dict[str, Likeness]] = defaultdict(dict)
    for question, answers in questions.items():
        for pair, likeness in _alike(answers):
            found[pair][question] = likeness
    pairs = [Pair(learners, answers) for learners, answers in found.items()]
    return sorted(pairs, key=lambda pair: (-pair.strength, pair.learners))


def _alike(answers: Fingerprints) -> Iterator[tuple[tuple[str, str], Likeness]]:
    own = {learner: frozenset(answers[learner]) for learner in sorted(answers)}
    most = max(ALWAYS_RARE, COMMON * len(answers))
    weights = {
        fingerprint: math.log2((len(answers) + 1) / number)
        for fingerprint, number in Counter(chain.from_iterable(own.values())).items()
        if number <= most
    }
    rare = {learner: fingerprints & weights.keys() for learner, fingerprints in own.items()}
    for first, second in _candidates(rare, answers):
        shared = rare[first] & rare[second]
        share = len(shared) / min(len(rare[first]), len(rare[second]))
        if len(shared) >= MIN_SHARED and share >= MIN_SHARE:
            bits = math.fsum(weights[fingerprint] for fingerprint in shared)
            yield (first, second), Likeness(len(shared), share, bits)


def _candidates(rare: Mapping[str, frozenset[int]], answers: Fingerprints) -> Iterator[tuple[str, str]]:
    """Pairs that are worth comparing."""
    index: defaultdict[int | tuple[int, ...], list[str]] = defaultdict(list)
    for learner, fingerprints in rare.items():
        kept = [fingerprint for fingerprint in answers[learner] if fingerprint in fingerprints]
        rows = zip(*(kept[start:] for start in range(_IN_A_ROW)), strict=False)
        entries: set[int | tuple[int, ...]] = {*fingerprints, *rows}
        for entry in entries:
            index[entry].append(learner)
    count: Counter[tuple[str, str]] = Counter()
    for learners in index.values():
        count.update(combinations(learners, 2) if len(learners) <= _ALL_PAIRS else pairwise(learners))
    return (pair for pair, number in count.items() if number >= _COINCIDENCES)
