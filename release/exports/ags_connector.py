"""PyLTI1p3's connection to a platform, made patient: retries, rate limits, tokens that expire.

The rules: what a platform answers with 408, 429 or 5xx, and what did not reach it, is tried again, after as long as
``Retry-After`` says or else twice as long each time; a token is fetched anew when it is about to expire and, once, when
the platform does not take it; nothing follows a redirect, and no token leaves for another place than the platform's.
Making a line item again is safe only after a 429: otherwise it may have been made, and whoever asked has to look.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pylti1p3.exception import LtiServiceException
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector, TServiceConnectorResponse

from authoring.errors import CoursewrightError
from release.exports.ags_platform import Platform
from release.exports.lti_key import LtiKey

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_NEXT = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel=\"?next\"?(?![\w-])", re.IGNORECASE)
_SECONDS = 30.0  # for a platform to answer
_EARLY = 30.0  # seconds before its end a token is fetched anew


class PlatformError(CoursewrightError):
    """The platform refused, or could not be reached.

    Attributes:
        status: of its answer; 0 if there was none.
    """

    def __init__(self, url: str, status: int, problem: str) -> None:
        super().__init__(f"{url}: {problem}")
        self.status = status


@dataclass(frozen=True)
class Patience:
    """How often and how long to try again. The clock and the waiting are passed in."""

    now: Callable[[], datetime]
    wait: Callable[[float], None]  # seconds
    attempts: int = 6
    first: float = 1.0  # seconds before the second attempt
    longest: float = 300.0  # seconds; a platform that asks for more is given up

    def pause(self, attempt: int, retry_after: str | None) -> float:
        """Seconds before the next attempt."""
        return self.first * 2.0 ** (attempt - 1) if retry_after is None else self._asked(retry_after)

    def _asked(self, retry_after: str) -> float:
        """Seconds, or a moment in HTTP's form; anything else asks for nothing."""
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        try:
            moment = parsedate_to_datetime(retry_after)
            return max((moment - self.now()).total_seconds(), 0.0)
        except (TypeError, ValueError):
            return self.first


class PatientConnector(ServiceConnector):
    """As PyLTI1p3's, with patience."""

    def __init__(self, platform: Platform, key: LtiKey, patience: Patience) -> None:
        registration = Registration().set_client_id(platform.client_id).set_auth_token_url(platform.token_url)
        registration.set_tool_private_key(key.private_pem).set_tool_public_key(key.public_pem)
        if platform.audience:
            registration.set_auth_audience(platform.audience)
        super().__init__(registration)
        self._platform = platform
        self._patience = patience
        self._until: dict[str, float] = {}  # token -> POSIX seconds
        session = self._requests_session
        session.max_redirects = 0
        session.request = functools.partial(session.request, timeout=_SECONDS)  # type: ignore[method-assign]
        session.hooks["response"].append(self._note_lifetime)

    def get_access_token(self, scopes: Sequence[str]) -> str:
        """A token that is good for a while yet."""
        token = super().get_access_token(scopes)
        if self._patience.now().timestamp() < self._until.get(token, float("inf")):
            return token
        self._access_tokens.clear()
        return super().get_access_token(scopes)

    def make_service_request(  # as PyLTI1p3 has it
        self,
        scopes: Sequence[str],
        url: str,
        is_post: bool = False,
        data: str | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        case_insensitive_headers: bool = False,
    ) -> TServiceConnectorResponse:
        """As PyLTI1p3's, tried again as the module says.

        Raises:
            PlatformError: the platform refused, or could not be reached.
        """
        if not self._platform.is_own(url):
            raise PlatformError(url, 0, "this is not at the platform's own place, so nothing is sent there.")
        request = functools.partial(
            super().make_service_request, scopes, url, is_post, data, content_type, accept, case_insensitive_headers
        )
        making, scoring = (is_post and content_type == kind for kind in (LINE_ITEM, SCORE))
        answer = self._patiently(request, url, once=making, accepted=scoring)
        answer["next_page_url"] = _next_page(answer["headers"])  # PyLTI1p3 makes it lower case, which is another place
        return answer

    def _patiently(
        self, request: Callable[[], TServiceConnectorResponse], url: str, *, once: bool, accepted: bool
    ) -> TServiceConnectorResponse:
        fresh_token = False
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return request()
            except LtiServiceException as error:
                answer = error.response
                own = not answer.url.startswith(self._platform.token_url)
                if answer.status_code == 401 and own and not fresh_token:
                    self._access_tokens.clear()
                    fresh_token = True
                    continue
                refused = PlatformError(url, answer.status_code, _said(answer))
                asked, status = answer.headers.get("Retry-After"), answer.status_code
            except (KeyError, ValueError) as error:  # before OSError, for requests' own is both
                if accepted and self._access_tokens:
                    return {"headers": {}, "body": None, "next_page_url": None}  # taken; what else it says is no matter
                raise PlatformError(url, 0, f"the platform's answer is not what LTI says ({error!r}).") from error
            except OSError as error:  # what requests raises when nothing arrived
                refused, asked, status = PlatformError(url, 0, f"the platform cannot be reached ({error})."), None, 0
            pause = self._patience.pause(attempt, asked)
            again = status == 429 if once else status in _AGAIN or not status
            if not again or attempt == self._patience.attempts or pause > self._patience.longest:
                raise refused
            self._patience.wait(pause)
        raise refused

    def _note_lifetime(self, response: Any, **_: object) -> None:
        """Remember until when a token is good, for PyLTI1p3 keeps it for ever."""
        if not response.ok or response.url != self._platform.token_url:
            return
        said = response.json()
        if isinstance(said, dict) and isinstance(seconds := said.get("expires_in"), int | float):
            self._until[str(said.get("access_token"))] = self._patience.now().timestamp() + seconds - _EARLY


def _next_page(headers: Mapping[str, str]) -> str | None:
    link = next((value for name, value in headers.items() if name.casefold() == "link"), "")
    found = _NEXT.search(link)
    return found[1] if found else None


def _said(answer: Any) -> str:
    """What the platform answered, as one short line that shows no secret."""
    text = " ".join(str(answer.text).split())[:200]
    return f"the platform answered {answer.status_code}{f' ({text})' if text else ''}."
