"""What a verification can come to, each with a stable code, and the exception that carries a refusal to the top."""

from enum import StrEnum


class Answer(StrEnum):
    """What a verification came to. The values are codes that other programs may rely on."""

    VERIFIED = "verified"
    MALFORMED = "malformed"  # not a credential that can be read
    UNKNOWN_PROOF = "unknown-proof"  # none, or of a kind that is not understood
    WRONG_ISSUER = "wrong-issuer"  # signed with another's key, or not by who is expected
    UNKNOWN_ISSUER = "unknown-issuer"  # its keys are published on the web, and that document was not given
    UNKNOWN_CONTEXT = "unknown-context"  # its terms cannot be known
    UNDEFINED_TERM = "undefined-term"  # it says something that the signature does not cover
    CHANGED = "changed"  # not what was signed
    RETIRED_KEY = "retired-key"  # signed after the issuer had put the key aside
    COMPROMISED_KEY = "compromised-key"  # signed when the key may have been in somebody else's hands
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNKNOWN_STATUS = "unknown-status"  # it may have been revoked: the list that would tell was not given
    FOREIGN_STATUS = "foreign-status"  # the list that was given is another issuer's
    BAD_STATUS = "bad-status"  # the list that was given is broken, changed, out of date or of another purpose


class RefusedError(Exception):
    """A credential is not to be relied on.

    Attributes:
        answer: which kind of refusal.
        message: why, in one sentence.
    """

    def __init__(self, answer: Answer, message: str) -> None:
        super().__init__(message)
        self.answer = answer
        self.message = message
