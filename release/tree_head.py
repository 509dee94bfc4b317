"""Signed tree heads: who vouches for the ledger at which size."""

from datetime import UTC, datetime

import msgspec

from release.canonical import canonical
from release.keys import SigningKey, signed_by

_CONTEXT = b"coursewright ledger head 2\n"  # so that the signature means nothing elsewhere


class SignedHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The root of the log at one size, signed. Keep one elsewhere, and the log cannot be rewritten unseen."""

    size: int
    root: str  # hex
    at: datetime
    previous: int = 0  # the size of the head before, so that none can be taken out; 0 for the first
    key: str  # did:key
    signature: str  # hex

    @property
    def sound(self) -> bool:
        """Whether the signature is that of the key over size, root and time."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        return signed_by(self.key, _message(self.size, self.root, self.at, self.previous), signature)


def signed_head(size: int, root: bytes, at: datetime, key: SigningKey, *, previous: int = 0) -> SignedHead:
    """The head of that size and root, which follows the head of the size ``previous``, signed."""
    at = at.astimezone(UTC)
    signature = key.sign(_message(size, root.hex(), at, previous))
    return SignedHead(size=size, root=root.hex(), at=at, previous=previous, key=key.did, signature=signature.hex())


def _message(size: int, root: str, at: datetime, previous: int) -> bytes:
    return _CONTEXT + canonical({"at": at, "previous": previous, "root": root, "size": size})
