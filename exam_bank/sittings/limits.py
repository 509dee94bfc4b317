"""How much a client may send: enough for every honest one, and not so much that one learner fills the disk.

A client saves what changed every ten seconds. Handing in is never refused for these limits, but for a single response
that is too large.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from exam_bank.sittings.events import SittingError

MAX_RESPONSE_BYTES = 64 * 1024
MAX_SAVE_BYTES = 1024 * 1024  # all responses of one save
MAX_SITTING_BYTES = 64 * 1024 * 1024  # all saves of an attempt
MAX_SESSIONS = 200
MAX_SEQ = 2**53 - 1  # a whole number in any client
SAVES, IN = 20, timedelta(seconds=10)


class TooOftenError(SittingError):
    """The client saves too often. Nothing was kept: it shall send the same save again.

    Attributes:
        after: when it may.
    """

    def __init__(self, sitting: str, after: timedelta) -> None:
        super().__init__(sitting, f"more than {SAVES} saves in {IN.seconds} s; send it again in {after.seconds + 1} s")
        self.after = after


def plain(sitting: str, responses: Mapping[str, Any]) -> dict[str, Any]:
    """The responses as they will be read from the log: texts, numbers, lists and mappings, by question.

    Raises:
        SittingError: one is too large, or is not made of those.
    """
    return {question: _plain(sitting, question, response)[0] for question, response in responses.items()}


def _plain(sitting: str, question: str, response: Any) -> tuple[Any, int]:
    try:
        text = json.dumps(response, allow_nan=False, ensure_ascii=False).encode()
        found = msgspec.json.decode(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise SittingError(
            sitting, f"the response to {question} is not plain JSON in Unicode; send texts, numbers, lists or objects"
        ) from error
    if len(text) > MAX_RESPONSE_BYTES:
        raise SittingError(sitting, f"the response to {question} is larger than 64 KiB; shorten it")
    return found, len(text)


def checked_save(sitting: str, seq: int, responses: Mapping[str, Any], before: int) -> dict[str, Any]:
    """The responses of a save as :func:`plain`; ``before`` is the bytes of all saves until now.

    Raises:
        SittingError: one is not plain, or something is too large.
    """
    if not 1 <= seq <= MAX_SEQ:
        raise SittingError(sitting, f"a save has a number from 1 to {MAX_SEQ}, not {seq}; count the saves")
    found = {question: _plain(sitting, question, response) for question, response in responses.items()}
    size = sum(size for _, size in found.values())
    if size > MAX_SAVE_BYTES:
        raise SittingError(sitting, "the save is larger than 1 MiB; send what changed")
    if before + size > MAX_SITTING_BYTES:
        raise SittingError(sitting, "all its saves together are larger than 64 MiB; hand in")
    return {question: response for question, (response, _) in found.items()}


def check_rate(sitting: str, saves: Sequence[tuple[datetime, int]], now: datetime) -> None:
    """Refuse one more save at ``now`` if too many of ``saves`` were a moment ago.

    Raises:
        TooOftenError: wait.
    """
    recent = [at for at, _ in saves if now - at < IN]
    if len(recent) >= SAVES:
        raise TooOftenError(sitting, recent[-SAVES] + IN - now)
