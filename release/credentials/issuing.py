"""Issuing to everybody who has earned it, as something that may be run again and again, by several at once, and killed.

A credential exists from the moment its entry is in the ledger; whether it is earned is asked within the transaction
that writes the entry, so that no withdrawn grade slips in between. The file is made from the entry, now or later.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from authoring.program import Program
from release.credential import Issuer, Maker, identifying_code, results_of
from release.eligibility import evaluate
from release.entry import CredentialEntry, CredentialResult

if TYPE_CHECKING:
    from release.keys import SigningKey
    from release.ledger import Ledger, RecordedCredential

_BATCH = 200  # credentials under one signed head; others who write wait for about half a second


@dataclass(frozen=True)
class Delivered:
    """A learner's credential: the one that was issued, now or earlier."""

    learner: str
    id: str
    entry: int  # the ledger's, that records it
    at: datetime
    new: bool  # issued just now
    credential: bytes | None  # None: issued earlier, with a name, key or issuer that was not given now

    @property
    def code(self) -> str:
        """The identifying code."""
        return identifying_code(self.id)


def issue_to_all(
    program: Program, ledger: "Ledger", learners: Iterable[str], *, issuer: Issuer, key: "SigningKey", at: datetime
) -> Iterator[Delivered]:
    """Issue the program's credential, without a name on it, to those of the learners who have earned it.

    Args:
        program: what was earned.
        ledger: holds the grades, and from now on the record of these credentials.
        learners: whom to look at; those who have not earned it are passed over.
        issuer: who issues.
        key: signs.
        at: now.

    Yields:
        The credential of each who has one, in the order of the learners; those issued earlier too.
    """
    make = Maker(program, issuer, key)
    waiting = iter(learners)
    while batch := list(islice(waiting, _BATCH)):
        yield from _issue_batch(program, ledger, batch, make, at, listed=bool(issuer.lists))


def _issue_batch(
    program: Program, ledger: "Ledger", learners: Sequence[str], make: Maker, at: datetime, *, listed: bool
) -> Iterator[Delivered]:
    earlier = ledger.credentials_of(program.id, learners)
    made: dict[str, bytes] = {}
    earned: list[str] = []

    def wanted() -> Iterator[tuple[str, Sequence[CredentialResult]]]:
        for learner in learners:
            if learner not in earlier and (eligibility := evaluate(program, ledger, learner)).met:
                earned.append(learner)
                yield learner, results_of(eligibility)

    def make_and_keep(entry: CredentialEntry) -> bytes:
        made[entry.credential] = make(entry)
        return made[entry.credential]

    recorded = ledger.record_credentials(program.id, wanted(), make=make_and_keep, at=at, listed=listed)
    issued = dict(zip(earned, recorded, strict=True))
    for learner in learners:
        if (new := issued.get(learner)) is not None and new.entry.credential in made:
            yield _delivered(learner, new, made[new.entry.credential], new=True)
        elif (known := new or earlier.get(learner)) is not None:
            again = make(known.entry)
            same = ledger.is_credential(known, learner, again)
            yield _delivered(learner, known, again if same else None, new=False)


def _delivered(learner: str, recorded: "RecordedCredential", credential: bytes | None, *, new: bool) -> Delivered:
    entry = recorded.entry
    return Delivered(learner, entry.credential, recorded.index, entry.at, new, credential)
