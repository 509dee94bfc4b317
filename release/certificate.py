"""A credential as a certificate: one PDF, for people who want paper, with the signed credential attached to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from authoring.errors import CoursewrightError
from release.credentials.proofs import read
from release.page import facts
from release.typesetting import breakable, direction, qr_code, typeset
from release.verify import Answer, verify


class CertificateError(CoursewrightError):
    """No certificate can be made of a credential."""


def certificate(
    credential: bytes,
    *,
    at: datetime,
    address: str = "",
    documents: Iterable[Mapping[str, Any]] = (),
    fonts: Sequence[Path] = (),
) -> bytes:
    """The certificate, as PDF: the same bytes whenever it is made.

    Args:
        credential: a credential that was issued with :func:`release.credential.issue`, as JSON or as a token.
        at: now; a certificate is only made of a credential that verifies. Paper cannot say
            that it was not revoked since.
        address: where the credential's page is published (https), which is then what the QR code leads to; without it
            the QR code holds the credential's id.
        documents: the DID document of an issuer that has a place on the web.
        fonts: folders with fonts for names in scripts that the certificate's own fonts lack.

    Raises:
        CertificateError: the credential does not verify, or the address is not one.
        PageError: it shows no results.
        TypesettingError: no font has a letter of the name.
    """
    found = verify(credential, at=at, documents=documents)
    if found.answer not in (Answer.VERIFIED, Answer.UNKNOWN_STATUS):
        raise CertificateError(f"no certificate is made of a credential that is not in order: {found.message}")
    if address and not address.startswith("https://"):
        raise CertificateError(f"{address[:80]}: the address of the credential's page has to begin with https://.")
    secured = read(credential.strip())
    said = facts(secured.document)
    leads_to = address or str(said["id"])
    more = {
        "address": address,
        "leads_to": leads_to,
        "shown": breakable(said["name"]),
        "direction": direction(said["name"]),
        "credential": credential.decode(),
        "attachment": "credential.json" if secured.proof else "credential.jwt",
        "media": "application/vc" if secured.proof else "application/vc+jwt",
    }
    awarded = datetime.fromisoformat(secured.document["awardedDate"])
    return typeset("certificate.typ", said | more, at=awarded, pictures={"code": qr_code(leads_to)}, fonts=fonts)
