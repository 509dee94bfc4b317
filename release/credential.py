"""Credentials: a program's achievement as a signed Open Badges 3.0 credential, issued once for each learner.

A credential is made from the ledger's entry alone (its id, time and scores), the program, the issuer and, if the
learner wants it there, a name. So it can be made again, byte for byte, and the name need not be kept anywhere.
"""

import json
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from authoring.errors import CoursewrightError
from authoring.program import Program
from release.credentials.did import method_of, thumbprint
from release.credentials.status import entries as status_entries
from release.data_integrity import signed, xsd_time
from release.eligibility import Counted, Eligibility, evaluate
from release.entry import CredentialEntry, CredentialResult
from release.pinned import CREDENTIALS_V2, OPEN_BADGES_3
from release.rounding import per_cent

if TYPE_CHECKING:
    from release.keys import SigningKey
    from release.ledger import Ledger, RecordedCredential

_LONGEST_NAME = 200
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class NotEligibleError(CoursewrightError):
    """The credential is not earned.

    Attributes:
        eligibility: what is met and what is missing.
    """

    def __init__(self, eligibility: Eligibility) -> None:
        missing = "; ".join(eligibility.missing)
        super().__init__(f"{eligibility.learner} has not earned {eligibility.program}: {missing}.")
        self.eligibility = eligibility


class AlreadyIssuedError(CoursewrightError):
    """The credential was issued before, and what was asked for now would be another one.

    Attributes:
        entry: the ledger entry of the issued one.
    """

    def __init__(self, program: str, learner: str, recorded: "RecordedCredential") -> None:
        super().__init__(
            f"{learner}: the credential {recorded.entry.credential} of {program} was issued at "
            f"{xsd_time(recorded.entry.at)} (ledger entry {recorded.index}) with another name, issuer, key or program: "
            "ask for it with the same."
        )
        self.entry = recorded.entry


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """Who issues, as readers of the credential see it."""

    name: str
    url: str = ""
    id: str = ""  # a did:web; without one, the did:key of the signing key
    lists: str = ""  # the address below which the status lists are published; without one, nothing can be revoked

    def did(self, key: "SigningKey") -> str:
        """The issuer's identifier."""
        return self.id or key.did


@dataclass(frozen=True)
class Issued:
    """A credential that was issued, now or before: the very same bytes each time."""

    credential: bytes
    id: str
    entry: int  # the ledger entry that records it
    at: datetime

    @property
    def code(self) -> str:
        """The identifying code."""
        return identifying_code(self.id)


def issue(
    program: Program,
    ledger: "Ledger",
    learner: str,
    *,
    issuer: Issuer,
    key: "SigningKey",
    at: datetime,
    name: str | None = None,
) -> Issued:
    """Issue the learner's credential, exactly once: asked again, the same bytes come back.

    Args:
        program: what was earned.
        ledger: holds the grades, and from now on the record of this credential.
        learner: who earned it.
        issuer: who issues it.
        key: signs the credential; unless the issuer has another, its ``did:key`` is the issuer's identifier.
        at: now.
        name: the learner's name as it is to be shown, if the learner chose so; it is not kept.

    Raises:
        NotEligibleError: the credential is not earned.
        AlreadyIssuedError: it was issued with another name, issuer, key or program text.
        CoursewrightError: the name cannot be shown safely.
    """
    make = Maker(program, issuer, key, None if name is None else checked_name(name))
    recorded = ledger.credential_of(program.id, learner)
    if recorded is None:
        eligibility = evaluate(program, ledger, learner)
        if not eligibility.met:
            raise NotEligibleError(eligibility)
        wanted = [(learner, results_of(eligibility))]
        [recorded] = ledger.record_credentials(program.id, wanted, make=make, at=at, listed=bool(issuer.lists))
    credential = make(recorded.entry)
    if not ledger.is_credential(recorded, learner, credential):
        raise AlreadyIssuedError(program.id, learner, recorded)
    return Issued(credential, recorded.entry.credential, recorded.index, recorded.entry.at)


class Maker:
    """Makes signed credentials of one program from their ledger entries; holds what they have in common."""

    def __init__(self, program: Program, issuer: Issuer, key: "SigningKey", name: str | None = None) -> None:
        from release.credentials.template import Templates

        self._program = program
        self._issuer = issuer
        self._key = key
        self._name = name
        self._templates = Templates()
        self._last: tuple[CredentialEntry, bytes] | None = None  # asked for again once it is recorded

    def __call__(self, entry: CredentialEntry) -> bytes:
        """The credential of an entry, the same bytes each time; the entry's own ``digest`` plays no part in it."""
        draft = msgspec.structs.replace(entry, digest="")
        if self._last is None or self._last[0] != draft:
            did = self._issuer.did(self._key)
            document = signed(
                unsigned(self._program, draft, self._issuer, did, self._name),
                self._key,
                draft.at,
                method=method_of(did, self._key.did),
                canonicalise=self._templates.statements,
            )
            self._last = (draft, to_bytes(document))
        return self._last[1]


def token_of(credential: bytes, key: "SigningKey") -> str:
    """The same credential (or status list) as a signed token (``vc+jwt``), by the key that signed it."""
    from release.credentials.token import signed_token

    document = json.loads(credential)
    proof = document.pop("proof")
    did = document["issuer"] if isinstance(document["issuer"], str) else document["issuer"]["id"]
    method = f"{did}#{thumbprint(key.did)}" if did.startswith("did:web:") else method_of(did, key.did)
    return signed_token(document, key, datetime.fromisoformat(proof["created"]), method=method)


def results_of(eligibility: Eligibility) -> list[CredentialResult]:
    """The scores that a credential shows: those that met its program's requirements."""
    return [_result(counted) for counted in eligibility.counted]


def unsigned(program: Program, entry: CredentialEntry, issuer: Issuer, did: str, name: str | None) -> dict[str, Any]:
    """The credential without its proof (1EdTech, *Open Badges 3.0*, AchievementCredential)."""
    achievement = uuid.uuid5(uuid.NAMESPACE_URL, f"{did}#{program.id}").urn
    profile = {"id": did, "type": ["Profile"], "name": issuer.name} | ({"url": issuer.url} if issuer.url else {})
    described = [_result_description(achievement, result) for result in entry.results]
    place = entry.status if issuer.lists else None
    status = {} if place is None else {"credentialStatus": status_entries(issuer.lists, place.number, place.place)}
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_3],
        "id": entry.credential,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": program.title,
        "description": program.description,
        "issuer": profile,
        "validFrom": xsd_time(entry.at),
        "awardedDate": xsd_time(entry.at),
        **status,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": list(_identifiers(entry, name)),
            "achievement": {
                "id": achievement,
                "type": ["Achievement"],
                "name": program.title,
                "description": program.description,
                "achievementType": program.achievement_type.value,
                "criteria": {"narrative": program.criteria},
                "resultDescription": described,
            },
            "result": [
                {"type": ["Result"], "resultDescription": description["id"], "value": percentage(result.score)}
                for description, result in zip(described, entry.results, strict=True)
            ],
        },
        "evidence": [_evidence(result) for result in _one_per_entry(entry)],
    }


def to_bytes(credential: dict[str, Any]) -> bytes:
    """The credential as JSON for people to read and files to keep."""
    return (json.dumps(credential, ensure_ascii=False, indent=2) + "\n").encode()


def identifying_code(credential_id: str) -> str:
    """The code on a certificate, from its id: the twenty hexadecimal digits at the id's end, in groups of four."""
    digits = uuid.UUID(credential_id).hex[-20:].upper()
    return "-".join(digits[start : start + 4] for start in range(0, 20, 4))


def percentage(score: Decimal) -> str:
    """A fraction as the text of a per cent value, cut off after two places: 0.84257 is ``84.25``."""
    return per_cent(score).removesuffix(" %")


def _result(counted: Counted) -> CredentialResult:
    return CredentialResult(
        title=counted.title if counted.exam else f"Course grade: {counted.title}",
        score=counted.score,
        run=counted.run,
        entry=counted.entry,
        leaf=counted.leaf,
    )


def _result_description(achievement: str, result: CredentialResult) -> dict[str, Any]:
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, f"{achievement}#{result.title}").urn,
        "type": ["ResultDescription"],
        "name": result.title,
        "resultType": "Percent",
        "valueMin": "0",
        "valueMax": "100",
    }


def _identifiers(entry: CredentialEntry, name: str | None) -> Iterator[dict[str, Any]]:
    """The name if the learner wants it there, and always what stands for the learner in the ledger."""
    if name is not None:
        yield {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
    yield {"type": "IdentityObject", "hashed": False, "identityHash": entry.subject, "identityType": "systemId"}


def _one_per_entry(entry: CredentialEntry) -> list[CredentialResult]:
    return list({result.entry: result for result in entry.results}.values())


def _evidence(result: CredentialResult) -> dict[str, Any]:
    return {
        "type": ["Evidence"],
        "name": f"Entry {result.entry} of the issuer's ledger of verified grades, run {result.run}",
        "narrative": f"RFC 6962 leaf hash {result.leaf}",
    }


def checked_name(name: str) -> str:
    """The name as it is shown.

    Raises:
        CoursewrightError: it cannot be shown safely.
    """
    cleaned = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(cleaned) <= _LONGEST_NAME or not all(map(_showable, cleaned)):
        raise CoursewrightError(
            f"the name {name[:80]!r} cannot be shown: give 1 to {_LONGEST_NAME} characters without control characters."
        )
    return cleaned


def _showable(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _DIRECTION_CONTROLS
