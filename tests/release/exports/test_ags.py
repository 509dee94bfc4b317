"""Scores over LTI 1.3 to a real server on this machine: authorised, patient, and nothing twice."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from authoring.errors import CoursewrightError
from authoring.toml_file import TomlError
from release.exports import lti_key
from release.exports.ags import Message, Service, differences, messages, send
from release.exports.ags_connector import Patience, PlatformError
from release.exports.ags_journal import Journal, Noted, Progress
from release.exports.ags_platform import Platform as Described
from release.exports.ags_platform import read_platform
from release.exports.mapping import all_of, joined
from release.exports.table import Score, State
from release.key_file import KeyFileError
from tests.release.exports.a_platform import Platform, running
from tests.release.exports.a_run import D, people, put, run_table

pytestmark = pytest.mark.integration

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def key():
    return lti_key.generate()


@pytest.fixture
def platform(key):
    with running(Platform(jwks=dict(lti_key.jwks(key)))) as started:
        yield started


class Sender:
    """The tool's side, with a clock that only waiting moves."""

    def __init__(self, platform: Platform, key, tmp_path) -> None:
        self.platform, self.key, self.folder = platform, key, tmp_path
        self.now, self.waited = AT, []
        self.journal = tmp_path / "sent.jsonl"
        self.table = run_table()
        self.service = self.fresh()

    def fresh(self, **changes: str) -> Service:
        facts = {"token_url": f"{self.platform.url}/token", "line_items": self.platform.line_items}
        described = Described(schema=1, client_id=self.platform.client_id, **(facts | changes))
        return Service(described, self.key, Patience(lambda: self.now, self.wait))

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)

    def items(self):
        return {column.id: self.service.line_item(self.table, column) for column in self.table.columns}

    def scores(self):
        matched, _ = joined(self.table, people(self.folder), all_of("lti_user"))
        return messages(self.table, matched)

    def send(self, scores=None):
        scores = self.scores() if scores is None else scores
        return send(self.service, self.items(), scores, Journal(self.journal), at=self.now)


@pytest.fixture
def sender(platform, key, tmp_path):
    return Sender(platform, key, tmp_path)


def test_scores_arrive_with_what_is_known_of_each(sender, platform):
    came = sender.send()
    assert (came.sent, came.unchanged, came.refused) == (12, 0, [])
    assert [(item["resourceId"], item["tag"], item["scoreMaximum"]) for item in platform.items] == [
        ("mpc/2026-spring/week01-problem-set", "coursewright", 10.0),
        ("mpc/2026-spring/week02-problem-set", "coursewright", 10.0),
        ("mpc/2026-spring/final-exam", "coursewright", 40.0),
    ]
    by_user = {score["userId"]: score for score in platform.received[:4]}
    assert by_user["sub-ada"] == {
        "userId": "sub-ada",
        "scoreGiven": 8.125,
        "scoreMaximum": 10.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-05-01T12:00:00.000Z",
    }
    waits, nothing = by_user["sub-cyd"], by_user["sub-dee"]
    assert (waits["activityProgress"], waits["gradingProgress"]) == ("Submitted", "PendingManual")
    assert (nothing["activityProgress"], nothing["gradingProgress"]) == ("Initialized", "NotReady")
    assert "scoreGiven" not in waits
    assert "scoreGiven" not in nothing  # not attempted is not 0
    assert platform.received[5]["scoreGiven"] == 0.0  # and a real 0 is one
    assert differences(sender.service, sender.items(), sender.scores()) == []
    assert sender.waited == []


def test_sending_again_sends_nothing_and_a_changed_score_is_sent_with_a_later_time(sender, platform):
    sender.send()
    sender.service = sender.fresh()
    again = sender.send()
    assert (again.sent, again.unchanged, len(platform.received), len(platform.items)) == (0, 12, 12, 3)
    changed = Message("week01-problem-set", "sub-ada", "ada", Score(State.GRADED, D("9"), D(10)))
    sender.now = AT - timedelta(days=1)  # a clock that went back
    assert sender.send([changed]).sent == 1
    assert (platform.received[-1]["scoreGiven"], platform.received[-1]["timestamp"]) == (
        9.0,
        "2026-05-01T12:00:00.001Z",
    )


@pytest.mark.parametrize("carried_out", [False, True])
def test_after_a_crash_between_two_scores_the_rest_is_sent_and_nothing_twice(sender, platform, carried_out):
    """The platform went away in the middle; the tool gave up, and starts again from its journal."""
    sender.items()
    platform.faults["score"] = [(200, {}, True)] * 4 + [(500, {}, carried_out)] + [(503, {}, False)] * 5
    with pytest.raises(PlatformError, match="answered 503"):
        sender.send()
    assert len(platform.received) == 4 + carried_out
    platform.faults.clear()
    sender.service = sender.fresh()
    again = sender.send()
    assert (again.sent, again.unchanged, again.refused) == (8, 4, [])
    assert len(platform.received) == 12
    places = [(place, user) for place, user in platform.scores]
    assert len(set(places)) == len(platform.received)
    assert differences(sender.service, sender.items(), sender.scores()) == []


def test_a_score_whose_answer_was_lost_is_not_counted_twice(sender, platform):
    sender.items()
    platform.faults["score"] = [(502, {}, True)]
    assert sender.send(sender.scores()[:1]).sent == 1
    assert len(platform.received) == 1
    assert sender.waited == [1.0]


def test_a_score_that_somebody_gave_later_in_the_platform_is_left_and_reported(sender, platform):
    item = sender.items()["week01-problem-set"]
    given = {"userId": "sub-ada", "scoreGiven": 1.0, "scoreMaximum": 10.0, "timestamp": "2027-01-01T00:00:00.000Z"}
    platform.scores[item.get_id(), "sub-ada"] = given
    came = sender.send()
    ((message, why),) = came.refused
    assert (message.learner, "answered 409" in why, came.sent) == ("ada", True, 11)
    assert platform.scores[item.get_id(), "sub-ada"] == given
    ((wrong, said),) = differences(sender.service, sender.items(), sender.scores())
    assert (wrong.learner, said) == ("ada", "the platform has 1.0 of 10.0")


def test_a_user_whom_the_platform_does_not_know_stops_nobody_else(sender, platform):
    platform.users = frozenset({"sub-ada", "sub-cyd", "sub-dee"})
    came = sender.send()
    assert (came.sent, {message.learner for message, _ in came.refused}) == (9, {"ben"})
    platform.users |= {"sub-ben"}
    assert sender.send().sent == 3


def test_rate_limits_are_kept_in_seconds_and_as_a_date(sender, platform):
    sender.items()
    when = format_datetime(AT + timedelta(seconds=47), usegmt=True)
    platform.faults["score"] = [(429, {"Retry-After": "7"}, False), (429, {"Retry-After": when}, False)]
    assert sender.send(sender.scores()[:1]).sent == 1
    assert sender.waited == [7.0, 40.0]


def test_without_being_told_how_long_it_waits_twice_as_long_each_time_and_then_gives_up(sender, platform):
    sender.items()
    platform.faults["score"] = [(503, {}, False)] * 6
    with pytest.raises(PlatformError, match="the platform answered 503"):
        sender.send()
    assert sender.waited == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_platform_that_asks_to_wait_for_hours_is_given_up_at_once(sender, platform):
    sender.items()
    platform.faults["score"] = [(429, {"Retry-After": "86400"}, False)]
    with pytest.raises(PlatformError, match="answered 429"):
        sender.send()
    assert sender.waited == []


@pytest.mark.parametrize("fault", [(500, {}, True), (500, {}, False), (429, {}, False)])
def test_a_line_item_is_made_once_whatever_becomes_of_the_answer(sender, platform, fault):
    platform.faults["item"] = [fault]
    sender.items()
    assert [item["resourceId"].rpartition("/")[2] for item in platform.items] == [
        "week01-problem-set",
        "week02-problem-set",
        "final-exam",
    ]


def test_the_same_resource_under_another_tag_is_not_ours_and_two_of_ours_are_a_mistake(sender, platform):
    sender.items()
    platform.items[0]["tag"] = "theirs"
    sender.service = sender.fresh()
    sender.items()
    assert len(platform.items) == 4
    platform.items[0]["tag"] = "coursewright"
    with pytest.raises(PlatformError, match="2 line items of this; delete all but one"):
        sender.items()


# Authorisation


def test_one_token_serves_until_it_ends_and_one_that_is_not_taken_is_replaced_once(sender, platform):
    sender.send()
    assert platform.asked.count("POST token") == 1
    sender.now += timedelta(hours=1)
    sender.items()
    assert platform.asked.count("POST token") == 2
    platform.tokens.clear()  # withdrawn
    sender.items()
    assert platform.asked.count("POST token") == 3


def test_an_assertion_of_another_key_gets_no_token_and_is_not_tried_again(sender, platform):
    sender.key = lti_key.generate()
    sender.service = sender.fresh()
    with pytest.raises(PlatformError, match="answered 401"):
        sender.items()
    assert platform.asked == ["POST token"]
    assert sender.waited == []


def test_a_token_for_too_little_is_refused_and_said(sender, platform):
    sender.items()
    for scopes in platform.tokens.values():
        scopes.discard("https://purl.imsglobal.org/spec/lti-ags/scope/score")
    with pytest.raises(PlatformError, match="answered 403"):
        sender.send()
    assert Journal(sender.journal).last(platform.items[0]["id"], "sub-ada").progress is Progress.SENDING


def test_the_token_endpoint_may_be_busy_too(sender, platform):
    platform.faults["token"] = [(503, {"Retry-After": "3"}, False)]
    sender.items()
    assert sender.waited == [3.0]


def test_no_token_goes_to_another_place_and_no_redirect_is_followed(sender, platform):
    with running(Platform(jwks=platform.jwks)) as other:
        sender.items()
        platform.items[0]["id"] = f"{other.url}/Courses/7/LineItems/1"
        with pytest.raises(PlatformError, match="not at the platform's own place"):
            sender.send()
        platform.faults["items"] = [(307, {"Location": f"{other.url}/x"}, False)] * 6
        with pytest.raises(PlatformError, match="cannot be reached"):
            sender.items()
        assert other.asked == []


def test_a_platform_that_is_not_there_is_said_to_be_so(sender):
    sender.service = sender.fresh(token_url="http://127.0.0.1:9/token", line_items="http://127.0.0.1:9/items")
    with pytest.raises(PlatformError, match="cannot be reached"):
        sender.items()


# What lies on disk


def test_a_torn_last_line_of_the_journal_is_passed_over_and_a_changed_one_is_not(tmp_path):
    path = tmp_path / "sent.jsonl"
    noted = Noted(item="i", user="u", digest="d", timestamp=AT, progress=Progress.SENT)
    Journal(path).note(noted)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    journal = Journal(path)
    assert journal.last("i", "u") == noted
    journal.note(noted)
    assert path.read_bytes() == whole * 2
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"x" + whole * 2)
    with pytest.raises(CoursewrightError, match="line 1 was changed"):
        Journal(path)


def test_the_key_is_encrypted_its_owner_s_alone_and_never_replaced(key, tmp_path):
    path = tmp_path / "registry" / "lti.key"
    lti_key.save(key, path, "correct horse")
    assert b"ENCRYPTED PRIVATE" in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert lti_key.load(path, "correct horse").public_pem == key.public_pem
    assert "PRIVATE" not in repr(key)
    assert set(lti_key.jwks(key)["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}
    for problem, call in [
        ("there is a key already", lambda: lti_key.save(key, path, "correct horse")),
        ("shorter than 8", lambda: lti_key.save(key, tmp_path / "k", "short")),
        ("passphrase is wrong", lambda: lti_key.load(path, "wrong horse")),
        ("cannot be read", lambda: lti_key.load(tmp_path / "none", "correct horse")),
    ]:
        with pytest.raises(KeyFileError, match=problem):
            call()


def test_a_platform_s_addresses_are_encrypted_ones(tmp_path):
    text = 'schema = 1\nclient_id = "1"\ntoken_url = "https://p.example/token"\nline_items = "{}"\n'
    good = put(tmp_path, "good.toml", text.format("https://p.example/items").encode())
    assert read_platform(good).is_own("https://p.example/items/1")
    assert not read_platform(good).is_own("https://p.example.evil.example/items/1")
    bad = put(tmp_path, "bad.toml", text.format("http://p.example/items").encode())
    with pytest.raises(TomlError, match=r"line_items.*https://"):
        read_platform(bad)
