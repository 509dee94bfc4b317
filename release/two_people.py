"""The rule of two people: after the freeze, what one proposes changes nothing before somebody else approves it.

The rules, in the order in which they are checked. A proposal names who proposes and why, and expires after it was made.
It is approved or withdrawn once. An approval is of a proposal that is open and has not expired; it changes exactly what
was proposed; and who approves is not who proposed, however the name is spelt.
"""

import unicodedata
from datetime import datetime

from release.entry import AmendEntry, ProposeEntry, WithdrawEntry


def proposal_fault(proposal: ProposeEntry) -> str:
    """Why a proposal breaks a rule, or nothing."""
    if not (proposal.actor and proposal.reason):
        return "a proposal has no actor or no reason"
    return "" if proposal.expires > proposal.at else "a proposal has expired before it is made"


def approval_fault(proposal: ProposeEntry | None, amendment: AmendEntry) -> str:
    """Why an amendment is not the approval of that proposal (None: there is no open one), or nothing."""
    if proposal is None:
        return "an amendment approves what is no open proposal"
    if expired(proposal, amendment.at):
        return f"the proposal expired at {proposal.expires.isoformat()}"
    if _what(proposal) != _what(amendment):
        return "an amendment changes something else than was proposed"
    if not amendment.approver.strip():
        return "nobody is named who approves the proposal"
    if same_person(proposal.actor, amendment.approver):
        return f"{amendment.approver} proposed it, so somebody else has to approve it"
    return ""


def withdrawal_fault(proposal: ProposeEntry | None, withdrawal: WithdrawEntry) -> str:
    """Why a withdrawal is not that of the proposal (None: there is no open one), or nothing."""
    if proposal is None or proposal.subject != withdrawal.subject:
        return "what is withdrawn is no open proposal"
    return "" if withdrawal.actor and withdrawal.reason else "a withdrawal has no actor or no reason"


def expired(proposal: ProposeEntry, at: datetime) -> bool:
    """Whether it is too late to approve the proposal."""
    return at >= proposal.expires


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same but for capitals, blanks and the way in which letters are encoded."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _what(entry: ProposeEntry | AmendEntry) -> tuple[object, ...]:
    return entry.subject, entry.course, entry.run, entry.before, entry.after, entry.actor, entry.reason
