"""The Merkle tree of RFC 6962 (section 2.1): tree hash, inclusion proofs and consistency proofs, as pure functions.

Leaves are given as leaf hashes (:func:`leaf_hash`), 32 bytes each, in the order of the log. Proofs are tuples of node
hashes from the bottom up, as the RFC lists them; indices start at 0.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()

Frontier = tuple[tuple[int, bytes], ...]
"""The roots of the perfect subtrees that a tree is made of, largest first, each with its number of leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry: SHA-256 of a zero byte and the entry (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of a one byte and both children (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def extended(frontier: Frontier, leaf: bytes) -> Frontier:
    """The frontier of the tree with one more leaf; takes as many hashes as the tree is high at most."""
    size, node = 1, leaf
    while frontier and frontier[-1][0] == size:
        node = node_hash(frontier[-1][1], node)
        size *= 2
        frontier = frontier[:-1]
    return (*frontier, (size, node))


def frontier_root(frontier: Frontier) -> bytes:
    """The tree hash of the tree that has this frontier."""
    if not frontier:
        return EMPTY_ROOT
    *rest, (_, node) = frontier
    for _, left in reversed(rest):
        node = node_hash(left, node)
    return node


def root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of the leaf hashes."""
    frontier: Frontier = ()
    for leaf in leaves:
        frontier = extended(frontier, leaf)
    return frontier_root(frontier)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """PATH(index, D[n]) of RFC 6962, 2.1.1.

    Raises:
        IndexError: the tree has no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of a tree of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    k = _split(len(leaves))
    if index < k:
        return (*inclusion_proof(leaves[:k], index), root(leaves[k:]))
    return (*inclusion_proof(leaves[k:], index - k), root(leaves[:k]))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether the proof shows that ``leaf`` is number ``index`` of the tree with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == expected_root


def consistency_proof(leaves: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """PROOF(first, D[n]) of RFC 6962, 2.1.2: that the tree of the first ``first`` leaves is a beginning of this one.

    Raises:
        IndexError: ``first`` is not between 1 and the number of leaves.
    """
    if not 1 <= first <= len(leaves):
        raise IndexError(f"a tree of {first} within a tree of {len(leaves)}")
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> tuple[bytes, ...]:
    if first == len(leaves):
        return () if whole else (root(leaves),)
    k = _split(len(leaves))
    if first <= k:
        return (*_subproof(first, leaves[:k], whole=whole), root(leaves[k:]))
    return (*_subproof(first - k, leaves[k:], whole=False), root(leaves[:k]))


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of ``first`` leaves is a beginning of the other (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 1 <= first < second or not proof:
        return False
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, node)
        position, last = position >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1
