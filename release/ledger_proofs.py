"""Proofs from a ledger, for people who do not have it: read from JSON and checked with nothing but the keys they trust.

An inclusion proof shows that an entry is under a signed head. A consistency proof shows that the log of a later head
begins with that of an earlier one, so that nothing was rewritten in between.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from authoring.errors import CoursewrightError
from release import merkle
from release.tree_head import SignedHead


class EntryProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That an entry is in the log under a signed head (RFC 6962, 2.1.1)."""

    index: int
    body: str
    path: tuple[str, ...]  # hex, from the bottom up
    head: SignedHead

    @property
    def holds(self) -> bool:
        """Whether the path leads from the entry to the head's root, and the head's signature is sound."""
        nodes = _nodes((*self.path, self.head.root))
        if nodes is None or not self.head.sound:
            return False
        leaf = merkle.leaf_hash(self.body.encode())
        return merkle.verify_inclusion(leaf, self.index, self.head.size, nodes[:-1], nodes[-1])


class GrowthProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That the log of the later head begins with that of the earlier one (RFC 6962, 2.1.2)."""

    earlier: SignedHead
    head: SignedHead
    path: tuple[str, ...]  # hex

    @property
    def holds(self) -> bool:
        """Whether the path joins both roots, and both signatures are sound."""
        nodes = _nodes((*self.path, self.earlier.root, self.head.root))
        if nodes is None or not (self.earlier.sound and self.head.sound):
            return False
        return merkle.verify_consistency(self.earlier.size, self.head.size, nodes[-2], nodes[-1], nodes[:-2])


def fault(proof: EntryProof | GrowthProof, *, keys: Collection[str], kept: SignedHead | None = None) -> str:
    """Why a proof shows nothing to whom has it, or nothing.

    Args:
        proof: what the ledger's holder gave.
        keys: the ``did:key`` of everybody who may have signed.
        kept: the head that was kept earlier; a proof of growth has to start from it, an entry's has to be under it.
    """
    heads = (proof.earlier, proof.head) if isinstance(proof, GrowthProof) else (proof.head,)
    if stranger := next((head.key for head in heads if head.key not in keys), None):
        return f"it rests on a head that {stranger} signed, which is not trusted"
    if kept is not None and heads[0] != kept:
        return "it does not start from the head that was kept"
    return "" if proof.holds else "its hashes or its signatures do not hold"


def read_proof(file: Path) -> EntryProof | GrowthProof:
    """The proof in a file, as ``ledger prove --json`` prints it.

    Raises:
        CoursewrightError: there is none.
    """
    data = _bytes(file)
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(data, type=EntryProof)
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(data, type=GrowthProof)
    raise CoursewrightError(f"{file}: this is no proof; make one with ledger prove --json.")


def read_head(file: Path) -> SignedHead:
    """The signed head in a file, as ``ledger head`` prints it.

    Raises:
        CoursewrightError: there is none.
    """
    try:
        return msgspec.json.decode(_bytes(file), type=SignedHead)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CoursewrightError(f"{file}: this is not a signed head ({error}); make one with ledger head.") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CoursewrightError(f"{file}: this cannot be read ({error.strerror}).") from error


def _nodes(texts: Sequence[str]) -> list[bytes] | None:
    """The hashes that these texts are, or None if one is none."""
    try:
        return [bytes.fromhex(text) for text in texts]
    except ValueError:
        return None
