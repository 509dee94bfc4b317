"""An LTI 1.3 platform on this machine: tokens for signed assertions, line items, scores and results, as AGS 2.0 says.

It checks what a platform has to check (signature, audience, expiry, replayed assertions, scopes, content types,
timestamps), and can be told to fail: ``faults`` holds what it answers, instead, to the next requests of a kind.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
PAGE = 2  # entries on a page, so that pages are turned

Fault = tuple[int, dict[str, str], bool]  # status, headers, and whether the request is carried out all the same


@dataclass
class Platform:
    """What the platform knows, and what it was asked."""

    jwks: dict[str, Any]
    client_id: str = "10000000001"
    token_seconds: int = 3600
    users: frozenset[str] = frozenset({"sub-ada", "sub-ben", "sub-cyd", "sub-dee"})
    url: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # by item and user
    received: list[dict[str, Any]] = field(default_factory=list)  # every score, in order
    tokens: dict[str, set[str]] = field(default_factory=dict)  # token -> scopes
    assertions: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)  # "token", "item", "score", "results"

    @property
    def line_items(self) -> str:
        return f"{self.url}/Courses/7/LineItems"

    def results(self, item: str) -> list[dict[str, Any]]:
        of_item = [(user, score) for (of, user), score in self.scores.items() if of == item]
        return [
            {
                "id": f"{item}/results/{user}",
                "userId": user,
                "resultScore": score.get("scoreGiven"),
                "resultMaximum": score.get("scoreMaximum", 1),
                "scoreOf": item,
            }
            for user, score in of_item
        ]


class RefusalError(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer takes 40 ms
    platform: Platform

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

    def _answer(self, body: str) -> None:
        kind, handle = self._route()
        self.platform.asked.append(f"{self.command} {kind}")
        waiting = self.platform.faults.get(kind, [])
        fault = waiting.pop(0) if waiting else None
        try:
            if fault is not None and not fault[2]:
                return self._send(fault[0], {}, "later", fault[1])
            status, said, headers, media = handle(body)
        except RefusalError as refusal:
            return self._send(refusal.status, {}, str(refusal))
        if fault is not None:  # carried out, but nobody hears of it
            return self._send(fault[0], {}, "lost", fault[1])
        return self._send(status, said, "", headers | {"Content-Type": media})

    def _send(self, status: int, said: object, text: str, headers: dict[str, str] | None = None) -> None:
        data = text.encode() if text else json.dumps(said).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _route(self) -> tuple[str, Callable[[str], tuple[int, object, dict[str, str], str]]]:
        path = urlsplit(self.path).path
        if path == "/token":
            return "token", self._token
        if path.endswith("/scores"):
            return "score", self._score
        if path.endswith("/results"):
            return "results", self._results
        return ("item", self._make_item) if self.command == "POST" else ("items", self._list_items)

    # What it does

    def _token(self, body: str) -> tuple[int, object, dict[str, str], str]:
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        if asked["grant_type"] != "client_credentials" or not asked["client_assertion_type"].endswith(":jwt-bearer"):
            raise RefusalError(400, "unsupported_grant_type")
        assertion = asked["client_assertion"]
        kid = jwt.get_unverified_header(assertion)["kid"]
        key = next((key for key in self.platform.jwks["keys"] if key["kid"] == kid), None)
        if key is None:
            raise RefusalError(401, "invalid_client: unknown key")
        try:
            said = jwt.decode(
                assertion,
                jwt.PyJWK(key).key,
                algorithms=["RS256"],
                audience=f"{self.platform.url}/token",
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.InvalidTokenError as error:
            raise RefusalError(401, f"invalid_client: {error}") from error
        if {said["iss"], said["sub"]} != {self.platform.client_id} or said["jti"] in self.platform.assertions:
            raise RefusalError(401, "invalid_client")
        self.platform.assertions.add(said["jti"])
        token = f"token-{len(self.platform.assertions)}"
        self.platform.tokens[token] = set(asked["scope"].split())
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.platform.token_seconds}
        return 200, answer | {"scope": asked["scope"]}, {}, "application/json"

    def _check(self, scope: str, *, accept: str = "", content: str = "") -> None:
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        if token not in self.platform.tokens:
            raise RefusalError(401, "invalid_token")
        if f"{SCOPE}{scope}" not in self.platform.tokens[token]:
            raise RefusalError(403, "insufficient_scope")
        if (accept and self.headers["Accept"] != accept) or (content and self.headers["Content-Type"] != content):
            raise RefusalError(415, "media type")

    def _page(self, entries: list[dict[str, Any]], media: str) -> tuple[int, object, dict[str, str], str]:
        parts = urlsplit(self.path)
        start = int(parse_qs(parts.query).get("From", ["0"])[0])
        more = {}
        if start + PAGE < len(entries):
            more = {"Link": f'<{self.platform.url}{parts.path}?From={start + PAGE}>; rel="next"'}
        return 200, entries[start : start + PAGE], more, media

    def _list_items(self, _: str) -> tuple[int, object, dict[str, str], str]:
        self._check("lineitem", accept=CONTAINER)
        if urlsplit(self.path).path != "/Courses/7/LineItems":  # to the letter: paths have cases
            raise RefusalError(404, "no such place")
        return self._page(self.platform.items, CONTAINER)

    def _make_item(self, body: str) -> tuple[int, object, dict[str, str], str]:
        self._check("lineitem", accept=LINE_ITEM, content=LINE_ITEM)
        item = json.loads(body)
        if item["scoreMaximum"] <= 0 or not item["label"]:
            raise RefusalError(400, "bad line item")
        item["id"] = f"{self.platform.line_items}/{len(self.platform.items) + 1}"
        self.platform.items.append(item)
        return 201, item, {}, LINE_ITEM

    def _score(self, body: str) -> tuple[int, object, dict[str, str], str]:
        self._check("score", content=SCORE)
        score, item = json.loads(body), self.platform.url + self.path.removesuffix("/scores")
        if score["userId"] not in self.platform.users:
            raise RefusalError(404, "no such user")
        before = self.platform.scores.get((item, score["userId"]))
        if before is not None and score["timestamp"] <= before["timestamp"]:
            raise RefusalError(409, "not later than what is there")
        self.platform.scores[item, score["userId"]] = score
        self.platform.received.append(score)
        return 200, {}, {}, "application/json"

    def _results(self, _: str) -> tuple[int, object, dict[str, str], str]:
        self._check("result.readonly", accept=RESULTS)
        return self._page(
            self.platform.results(self.platform.url + urlsplit(self.path).path.removesuffix("/results")), RESULTS
        )

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(platform: Platform) -> Iterator[Platform]:
    """The platform, answering on a free port of the loopback interface."""
    handler = type("PlatformHandler", (Handler,), {"platform": platform})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    platform.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
