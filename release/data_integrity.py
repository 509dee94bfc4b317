"""Data Integrity proofs of the cryptosuite ``eddsa-rdfc-2022`` (W3C, *Data Integrity EdDSA Cryptosuites v1.0*, 3.2)."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from release import multibase
from release.linked_data import Document, statements

if TYPE_CHECKING:
    from release.keys import SigningKey

CRYPTOSUITE = "eddsa-rdfc-2022"
PROOF_TYPE = "DataIntegrityProof"


def signed(
    document: Document,
    key: "SigningKey",
    created: datetime,
    *,
    method: str = "",
    canonicalise: Callable[[Document], bytes] = statements,
) -> dict[str, Any]:
    """The document with a proof by the key.

    Args:
        document: what to sign, without a proof.
        key: signs it.
        created: when.
        method: the key's name, as its issuer publishes it; by default that of its ``did:key``.
        canonicalise: makes the statements; another way than :func:`statements` has to come to the same.

    Raises:
        LinkedDataError: the document's statements would not be all that it says.
    """
    from release.keys import verification_method

    proof = {
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": xsd_time(created),
        "verificationMethod": method or verification_method(key.did),
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(signed_bytes(document, proof, canonicalise))
    return {**document, "proof": {**proof, "proofValue": multibase.encode(signature)}}


def signed_bytes(
    document: Document, proof: Mapping[str, Any], canonicalise: Callable[[Document], bytes] = statements
) -> bytes:
    """What the signature is over: the hash of the proof's options, then that of the document, 64 bytes.

    Args:
        document: the document; a proof in it is left aside.
        proof: the proof; its value is left aside.
        canonicalise: as in :func:`signed`.

    Raises:
        LinkedDataError: the statements would not be all that is said.
    """
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    options["@context"] = document.get("@context")
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    return b"".join(hashlib.sha256(canonicalise(part)).digest() for part in (options, unsecured))


def xsd_time(moment: datetime) -> str:
    """The moment in UTC, to the second, as ``2026-06-01T12:00:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
