"""Reviews by a signed web hook: from a request's headers and body to a message, or a refusal.

The signature is that of the Standard Webhooks specification 1.0.0 (https://www.standardwebhooks.com), symmetric scheme
``v1``: HMAC-SHA256 over ``id.timestamp.body``, in the headers ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature``. Several secrets may hold at once, so that one can be replaced without losing a message. A request
whose timestamp is more than five minutes from the server's clock is refused; one that is repeated sooner has an id that
is known.

The body is JSON, and nothing but what is shown is in it::

    {"type": "review.decided", "timestamp": "2026-11-09T10:00:00Z",
     "data": {"sitting": "mpc/final-exam/ada/1", "decision": "verified", "reviewer": "proctor-9", "note": ""}}
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

import msgspec

from authoring.errors import CoursewrightError
from exam_bank.sittings.events import Decision
from exam_bank.sittings.proctor import KEY, SITTING, Became, ReviewMessage

MAX_BODY_BYTES = 64 * 1024
TOLERANCE = timedelta(minutes=5)
_MAX_SIGNATURES = 20
# What to answer when a message was read. It is kept whatever became of it, so that sending it again helps nobody.
STATUS = {Became.TAKEN: 200, Became.KNOWN: 200, Became.WAITING: 202, Became.REFUSED: 409}
_PREFIX, _LEAST, _MOST = "whsec_", 24, 64
_WANTED = ("webhook-id", "webhook-timestamp", "webhook-signature")
_SECONDS = re.compile(r"[0-9]{1,12}\Z", re.ASCII)


class WebhookError(CoursewrightError):
    """A request that is refused.

    Attributes:
        status: what to answer, as an HTTP status.
    """

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"web hook: {problem}")
        self.status = status


@dataclass(frozen=True, repr=False)
class Secret:
    """What the proctor signs with: 24 to 64 bytes."""

    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """The secret as it is handed over, ``whsec_`` and base64.

        Raises:
            CoursewrightError: it is none.
        """
        try:
            key = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _LEAST <= len(key) <= _MOST:
            raise CoursewrightError(
                f"the web hook's secret is not {_PREFIX} and 24 to 64 bytes in base64; copy it again."
            )
        return cls(key)

    def signature(self, id_: str, timestamp: int, body: bytes) -> str:
        """The entry of ``webhook-signature``."""
        signed = hmac.new(self.key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256)
        return "v1," + base64.b64encode(signed.digest()).decode()


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    sitting: str
    decision: Literal["verified", "rejected", "second-review"]
    reviewer: str
    note: str = ""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    type: Literal["review.decided"]
    timestamp: datetime
    data: _Data


@dataclass(frozen=True)
class Delivery:
    """One request as an adapter: the message in it."""

    message: ReviewMessage
    source: str = "webhook"

    def __iter__(self) -> Iterator[ReviewMessage]:
        """The one message."""
        yield self.message


def read_delivery(
    headers: Iterable[tuple[str, str]], body: bytes, *, secrets: Sequence[Secret], now: datetime
) -> Delivery:
    """The message of a request that the proctor signed.

    Args:
        headers: as they came, in any case.
        body: the bytes as they came; never what a parser made of them.
        secrets: those that hold now.
        now: the server's time.

    Raises:
        WebhookError: it is too large (413), not signed by a secret or not fresh (401), or says nothing that is
            understood (400).
    """
    if len(body) > MAX_BODY_BYTES:
        raise WebhookError(413, "the body is larger than 64 KiB")
    id_ = _verified(_own(headers), body, secrets, now)
    said = _parsed(body)
    if said.timestamp.tzinfo is None:
        raise WebhookError(400, "`timestamp` has no offset; write it as 2026-11-09T10:00:00Z")
    data = said.data
    if not SITTING.match(data.sitting):
        raise WebhookError(400, "`data.sitting` is not an attempt such as mpc/final-exam/ada/1")
    return Delivery(
        ReviewMessage(
            key=id_,
            sitting=data.sitting,
            decision=Decision(data.decision.replace("-", "_")),
            by=data.reviewer,
            said_at=said.timestamp.astimezone(UTC),
            note=data.note,
        )
    )


def _own(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The three headers, each of which came once."""
    found: dict[str, str] = {}
    for name, value in headers:
        if (wanted := name.lower()) in _WANTED:
            if wanted in found:
                raise WebhookError(401, f"the header {wanted} came twice")
            found[wanted] = value.strip()
    for wanted in _WANTED:
        if not found.get(wanted):
            raise WebhookError(401, f"the header {wanted} is missing")
    return found


def _verified(headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret], now: datetime) -> str:
    """The message's id, if one of the secrets signed it a moment ago."""
    id_, seconds = headers["webhook-id"], headers["webhook-timestamp"]
    # A dot in the id would let two different requests have the same signed bytes.
    if not KEY.match(id_) or "." in id_:
        raise WebhookError(401, "the header webhook-id is no id of letters, digits, _, : and -")
    if not _SECONDS.match(seconds):
        raise WebhookError(401, "the header webhook-timestamp is no number of seconds")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise WebhookError(401, "it was sent more than 5 minutes before or after now; see to both clocks")
    given = headers["webhook-signature"].split(" ")
    if len(given) > _MAX_SIGNATURES:
        raise WebhookError(401, f"there are more than {_MAX_SIGNATURES} signatures")
    expected = [secret.signature(id_, int(seconds), body).encode() for secret in secrets]
    matches = [hmac.compare_digest(each.encode(), wanted) for each in given for wanted in expected]
    if not any(matches):
        raise WebhookError(401, "no secret that holds has signed it")
    return id_


def _parsed(body: bytes) -> _Body:
    try:
        data = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        return msgspec.convert(data, _Body)
    except (ValueError, RecursionError) as error:
        raise WebhookError(400, f"the body is not a review: {str(error)[:200]}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
