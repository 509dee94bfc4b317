"""What two texts have in common, piece by piece, so that a person can see it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.similar.tokens import Token
from autograder.similar.winnowing import run_hashes


@dataclass(frozen=True)
class Piece:
    """A part of a text; parts of two texts with the same number are alike, number 0 is like nothing."""

    text: str
    number: int


@dataclass(frozen=True)
class Text:
    """An answer, as it was written and as it is compared."""

    text: str
    tokens: tuple[Token, ...]


def side_by_side(
    first: Text, second: Text, k: int, known: Collection[int] = frozenset()
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts cut into pieces, those that are alike with the same number.

    Args:
        first: the one answer.
        second: the other.
        k: how many tokens a piece has at least.
        known: hashes of runs that are the author's; no piece begins with one of them.
    """
    places: defaultdict[int, list[int]] = defaultdict(list)
    for position, found in enumerate(run_hashes(second.tokens, k)):
        places[found].append(position)
    own = run_hashes(first.tokens, k)
    taken = [0] * len(second.tokens)
    marks = [0] * len(first.tokens)
    number = position = 0
    while position < len(own):
        starts = places.get(own[position], ()) if own[position] not in known else ()
        length, start = max(
            ((_common(first.tokens, position, second.tokens, start, taken), start) for start in starts), default=(0, 0)
        )
        if length < k:
            position += 1
            continue
        number += 1
        marks[position : position + length] = [number] * length
        taken[start : start + length] = [number] * length
        position += length
    return _pieces(first, marks), _pieces(second, taken)


def _common(first: Sequence[Token], i: int, second: Sequence[Token], j: int, taken: Sequence[int]) -> int:
    """How many tokens from two positions on are the same, and not part of another piece."""
    length = 0
    while (
        i + length < len(first)
        and j + length < len(second)
        and not taken[j + length]
        and first[i + length].value == second[j + length].value
    ):
        length += 1
    return length


def _pieces(text: Text, marks: Sequence[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    done = index = 0
    while index < len(marks):
        end = index
        while end < len(marks) and marks[end] == marks[index]:
            end += 1
        if marks[index]:
            start, stop = text.tokens[index].start, text.tokens[end - 1].end
            pieces += [Piece(text.text[done:start], 0), Piece(text.text[start:stop], marks[index])]
            done = stop
        index = end
    pieces.append(Piece(text.text[done:], 0))
    return tuple(piece for piece in pieces if piece.text)
