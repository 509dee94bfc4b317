"""Reviews by a signed web hook: what is believed, and what is not."""

import base64
import json
import random
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from authoring.errors import CoursewrightError
from exam_bank.sittings.events import Decision
from exam_bank.sittings.proctor import Became, take_in
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.store import SittingStore
from exam_bank.sittings.webhook import MAX_BODY_BYTES, STATUS, Secret, WebhookError, read_delivery
from tests.exam_bank.sittings.conftest import START, Clock, opened

SECRET = Secret.parse("whsec_" + base64.b64encode(bytes(range(32))).decode())
OLD = Secret.parse("whsec_" + base64.b64encode(bytes(range(1, 25))).decode())
SITTING = "mpc/final-exam/ada/1"


def body_of(decision: str = "verified", *, at: str = "2026-11-08T10:00:00Z", **more: Any) -> bytes:
    data = {"sitting": SITTING, "decision": decision, "reviewer": "proctor-9", **more}
    return json.dumps({"type": "review.decided", "timestamp": at, "data": data}).encode()


def signed(body: bytes, *, at: datetime = START, id_: str = "msg_1", secret: Secret = SECRET) -> list[tuple[str, str]]:
    seconds = int(at.timestamp())
    return [
        ("Content-Type", "application/json"),
        ("Webhook-Id", id_),
        ("Webhook-Timestamp", str(seconds)),
        ("Webhook-Signature", secret.signature(id_, seconds, body)),
    ]


def read(headers: list[tuple[str, str]], body: bytes, *, now: datetime = START, secrets: Any = (SECRET,)) -> Any:
    return read_delivery(headers, body, secrets=secrets, now=now).message


def refused(status: int, headers: list[tuple[str, str]], body: bytes, **more: Any) -> str:
    with pytest.raises(WebhookError) as caught:
        read(headers, body, **more)
    assert caught.value.status == status, caught.value
    return str(caught.value)


# ---- the signature


def test_the_signature_is_the_one_that_the_standards_own_libraries_test() -> None:
    """The vector of the test suites at standard-webhooks/standard-webhooks."""
    secret = Secret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = secret.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_is_that_of_another_implementation() -> None:
    chance = random.Random(7)
    for size in (0, 1, 63, 64, 65, 1000):
        key, body = chance.randbytes(24 + size % 41), chance.randbytes(size)
        other = HMAC(key, SHA256())
        other.update(b"msg_%d.1700000000." % size + body)
        expected = "v1," + base64.b64encode(other.finalize()).decode()
        assert Secret(key).signature(f"msg_{size}", 1_700_000_000, body) == expected


def test_what_the_proctor_signed_is_read() -> None:
    body = body_of("rejected", note="A second person spoke.")
    message = read(signed(body), body)
    assert (message.key, message.sitting, message.decision) == ("msg_1", SITTING, Decision.REJECTED)
    assert (message.by, message.note) == ("proctor-9", "A second person spoke.")
    assert message.said_at == datetime(2026, 11, 8, 10, tzinfo=UTC)


def test_anything_that_was_changed_is_refused() -> None:
    body = body_of("rejected", note="seen")
    headers = signed(body)
    assert "no secret that holds has signed it" in refused(401, headers, body.replace(b"rejected", b"verified"))
    for place, value in ((1, "msg_2"), (2, str(int(START.timestamp()) + 1))):
        changed = list(headers)
        changed[place] = (headers[place][0], value)
        refused(401, changed, body)
    for end in range(1, 47):
        changed = [*headers[:3], ("Webhook-Signature", headers[3][1][:-end])]
        refused(401, changed, body)


def test_an_id_cannot_take_a_part_of_the_body_into_itself() -> None:
    """The bytes that are signed would be the same."""
    body = body_of()
    seconds = int(START.timestamp())
    headers = signed(body)
    headers[1:3] = [("webhook-id", f"msg_1.{seconds}"), ("webhook-timestamp", str(seconds))]
    assert "webhook-id" in refused(401, headers, body)


@pytest.mark.parametrize("away", [timedelta(minutes=5), -timedelta(minutes=5), timedelta(0)])
def test_five_minutes_are_fresh(away: timedelta) -> None:
    body = body_of()
    assert read(signed(body, at=START + away), body)


@pytest.mark.parametrize("away", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_what_is_older_or_from_the_future_is_refused(away: timedelta) -> None:
    body = body_of()
    assert "more than 5 minutes before or after now" in refused(401, signed(body, at=START + away), body)


def test_a_secret_is_replaced_without_losing_a_message() -> None:
    body = body_of()
    old, new = signed(body, secret=OLD), signed(body)
    both = [*old[:3], ("Webhook-Signature", f"{old[3][1]} {new[3][1]}")]
    for headers, secrets in ((old, (SECRET, OLD)), (new, (SECRET, OLD)), (both, (SECRET,)), (both, (OLD,))):
        assert read(headers, body, secrets=secrets)
    refused(401, old, body, secrets=(SECRET,))
    refused(401, new, body, secrets=())


def test_other_kinds_of_signatures_are_left_aside() -> None:
    body = body_of()
    own = signed(body)
    mixed = [*own[:3], ("Webhook-Signature", f"v1a,AAAA v2,{own[3][1][3:]} v1,é {own[3][1]}")]
    assert read(mixed, body)
    refused(401, [*own[:3], ("Webhook-Signature", "v2," + own[3][1][3:])], body)
    refused(401, [*own[:3], ("Webhook-Signature", " ".join(["v1,AAAA"] * 20 + [own[3][1]]))], body)


@pytest.mark.parametrize("left_out", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_there_once(left_out: str) -> None:
    body = body_of()
    headers = signed(body)
    without = [each for each in headers if each[0].lower() != left_out]
    assert f"the header {left_out} is missing" in refused(401, without, body)
    assert f"the header {left_out} came twice" in refused(401, [*headers, (left_out.upper(), "x")], body)


@pytest.mark.parametrize("wrong", ["soon", "-5", "1.5", "1e9", "٣", "9" * 13, " "])
def test_a_timestamp_is_whole_seconds(wrong: str) -> None:
    body = body_of()
    headers = signed(body)
    headers[2] = ("Webhook-Timestamp", wrong)
    assert "imestamp" in refused(401, headers, body)


@pytest.mark.parametrize("wrong", ["", "whsec_", "whsec_AAAA", "whsec_!!!!", "whsec_" + "A" * 100, "é"])
def test_a_secret_that_is_none_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(CoursewrightError) as caught:
        Secret.parse(wrong)
    assert "24 to 64 bytes" in str(caught.value)
    assert "A" * 50 not in str(caught.value)


def test_a_secret_is_not_shown() -> None:
    assert "0102" not in repr(SECRET)
    assert str(bytes(range(4)))[2:-1] not in repr(SECRET)


# ---- the body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b'{"type": NaN}',
        b"[" * 5_000,
        body_of().replace(b'"decision": "verified"', b'"decision": "rejected", "decision": "verified"'),
        body_of().replace(b"review.decided", b"invoice.paid"),
        body_of("passed"),
        body_of("second_review"),
        body_of(at="2026-11-08T10:00:00"),
        body_of(at="yesterday"),
        body_of(sitting="mpc/final-exam/ada"),
        body_of(sitting="mpc/final-exam/a\x00a/1"),
        body_of(sitting="../../etc/passwd/1"),
        body_of(reviewer=7),
    ],
)
def test_a_body_that_is_not_a_review_is_refused_though_it_is_signed(body: bytes) -> None:
    assert "web hook:" in refused(400, signed(body), body)


def test_a_body_without_end_is_not_read() -> None:
    body = body_of(note="x" * MAX_BODY_BYTES)
    assert f"larger than {MAX_BODY_BYTES // 1024} KiB" in refused(413, signed(body), body)


@pytest.mark.parametrize("more", [{"passed": True}, {"score": 40}, {"exam_date": "2026-11-08"}])
def test_a_message_may_not_say_who_passed_when(more: dict[str, Any]) -> None:
    """An exam import once took "passed" from the file, and today as the exam's date."""
    body = body_of(**more)
    assert "unknown field" in refused(400, signed(body), body)


# ---- and over HTTP


@contextmanager
def listening(store: SittingStore) -> Iterator[HTTPConnection]:
    """A server on this machine that answers as the course's own will."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers["Content-Length"]), MAX_BODY_BYTES + 1))
            try:
                delivery = read_delivery(self.headers.items(), body, secrets=[SECRET], now=store.now())
            except WebhookError as error:
                status = error.status
            else:
                (taken,) = take_in(store, delivery)
                status = STATUS[taken.became]
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with closing(HTTPConnection("127.0.0.1", server.server_port)) as connection:
            yield connection
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.integration
def test_a_request_over_http_ends_as_a_review_once(tmp_path: Path) -> None:
    clock = Clock()
    with closing(SittingStore(f"sqlite:///{tmp_path / 'hook.db'}", clock=clock)) as store, listening(store) as proctor:

        def post(body: bytes, headers: list[tuple[str, str]]) -> int:
            proctor.request("POST", "/reviews", body, dict(headers))
            answer = proctor.getresponse()
            answer.read()
            return answer.status

        early = body_of("second-review", at="2026-11-06T12:00:00Z")
        assert post(early, signed(early, id_="msg_0")) == 202  # the attempt is not known yet, and the message waits
        name = opened(store)
        store.submit(name)
        body = body_of()
        assert post(body, signed(body)[:3]) == 401
        assert post(body, signed(body)) == 200
        clock.forward(minutes=4)
        assert post(body, signed(body)) == 200  # replayed
        assert post(body, signed(body, at=clock.now)) == 200  # sent again by the proctor
        other = body_of("rejected", note="seen")
        assert post(other, signed(other, at=clock.now)) == 409  # one key, two meanings
        assert post(early, signed(early, id_="msg_0", at=clock.now)) == 409  # overtaken
        sitting = store.sitting(name)
        assert sitting.state is SittingState.VERIFIED
        assert [each.key for each in sitting.reviews] == ["msg_1"]
        assert sitting.reviewed_at == START  # the server's clock, not the message's time
        assert Became.TAKEN in STATUS
