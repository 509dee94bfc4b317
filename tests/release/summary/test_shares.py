import sqlite3
from datetime import timedelta

import pytest

from release.eligibility import GradesInHand
from release.summary.made import Made
from release.summary.shares import LONGEST, Shares, ShareState, new_token
from release.summary.work import SummaryError
from tests.release.conftest import NOW
from tests.release.summary.conftest import FAILED, GRADES, PASSED, recorded

pytestmark = pytest.mark.integration  # slow: each change waits for the disk

LEDGER = GradesInHand(GRADES)
MADE = Made("urn:uuid:1", b'{"of": "Ada Lovelace"}', b"%PDF of Ada Lovelace", (PASSED.leaf,))
SOON = NOW + timedelta(days=30)
TOKEN = new_token()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "registry" / "shares.db"


@pytest.fixture
def shares(file):
    with Shares(file, create=True) as shares:
        yield shares


def added(shares, token=TOKEN, learner="ada", ends=SOON, made=MADE):
    return shares.add(learner, token, made, recipient="Example Graduate School", at=NOW, ends=ends)


def opened(shares, token=TOKEN, at=NOW, ledger=LEDGER):
    return shares.opened(token, ledger, at=at)


def test_a_link_leads_to_the_summary(shares):
    added(shares)
    found = opened(shares)
    assert (found.state, found.record, found.pdf) == (ShareState.OPEN, MADE.record, MADE.pdf)


def test_a_withdrawn_link_leads_to_a_clear_answer_and_stays_so(shares):
    share = added(shares)
    assert shares.withdraw(share, at=NOW)
    assert not shares.withdraw(share, at=SOON)
    found = opened(shares)
    assert (found.state, found.record, found.pdf) == (ShareState.WITHDRAWN, b"", b"")
    assert "withdrawn" in found.message
    assert "ada" not in found.message.lower().split()


def test_a_link_ends_by_itself_at_its_time_and_not_before(shares):
    added(shares)
    assert opened(shares, at=SOON - timedelta(seconds=1)).state is ShareState.OPEN
    found = opened(shares, at=SOON)
    assert (found.state, found.record) == (ShareState.EXPIRED, b"")


def test_a_link_that_never_was_leads_nowhere(shares):
    share = added(shares)
    for guess in ("", share, TOKEN[:-1], TOKEN.swapcase(), "' OR 1=1 --", "\ud800"):
        assert opened(shares, guess).state is ShareState.UNKNOWN


def test_a_link_shows_nothing_that_is_not_in_force_any_more(shares):
    added(shares)
    amended = recorded(9, "mpc", "2026-spring", "0.61")
    assert opened(shares, ledger=GradesInHand((FAILED, amended))).state is ShareState.OUTDATED
    withdrawn = recorded(3, "mpc", "2026-spring", "0.8425", exams=PASSED.grade.exams, withdrawn="Copied.")
    assert withdrawn.leaf == PASSED.leaf
    assert opened(shares, ledger=GradesInHand((withdrawn,))).state is ShareState.OUTDATED


def test_a_link_of_a_learner_whom_the_ledger_forgot_is_closed(shares):
    added(shares)
    found = opened(shares, ledger=GradesInHand(()))
    assert (found.state, found.record) == (ShareState.WITHDRAWN, b"")


def test_forgetting_a_learner_leaves_neither_name_nor_document_on_the_disk(shares, file):
    added(shares)
    added(shares, new_token(), learner="bob")
    assert shares.forget("ada", at=NOW) == 1
    assert opened(shares).state is ShareState.WITHDRAWN
    assert shares.of("ada") == ()
    assert len(shares.of("bob")) == 1
    assert b"ada" not in file.read_bytes()


def test_withdrawing_deletes_the_documents_from_the_disk(shares, file):
    share = added(shares)
    assert b"Lovelace" in file.read_bytes()
    shares.withdraw(share, at=NOW)
    assert b"Lovelace" not in file.read_bytes()


def test_the_store_does_not_hold_what_opens_a_link(shares, file):
    added(shares)
    assert TOKEN.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_tokens_are_long_and_differ():
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(map(len, tokens)) >= 43


def test_what_happened_is_only_added_to(shares, file):
    shares.withdraw(added(shares), at=NOW)
    other = sqlite3.connect(file)
    for change in ("UPDATE events SET event = 'created'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            other.execute(change)
    assert [row[0] for row in other.execute("SELECT event FROM events ORDER BY number")] == ["created", "withdrawn"]
    other.close()


def test_a_learner_sees_all_links_and_only_their_own(shares):
    first = added(shares)
    added(shares, new_token(), learner="bob")
    second = added(shares, new_token(), ends=NOW + timedelta(days=1))
    shares.withdraw(first, at=NOW)
    listed = shares.of("ada")
    assert [each.share for each in listed] == [first, second]
    assert [each.state(NOW + timedelta(days=2)) for each in listed] == [ShareState.WITHDRAWN, ShareState.EXPIRED]
    assert {each.recipient for each in listed} == {"Example Graduate School"}


def test_a_link_is_kept_after_the_store_is_closed(shares, file):
    added(shares)
    with Shares(file) as again:
        assert opened(again).state is ShareState.OPEN


@pytest.mark.parametrize("ends", [NOW, NOW - timedelta(days=1), NOW + LONGEST + timedelta(seconds=1)])
def test_a_link_is_open_for_a_while_and_not_for_ever(shares, ends):
    with pytest.raises(SummaryError, match="a link is open for"):
        added(shares, ends=ends)


def test_withdrawing_what_never_was_is_said(shares):
    with pytest.raises(SummaryError, match="nothing was shared under this id"):
        shares.withdraw("nowhere", at=NOW)


def test_a_store_that_is_lost_is_not_taken_for_an_empty_one(file, tmp_path):
    with pytest.raises(SummaryError, match="nothing was shared from here yet"):
        Shares(file)
    (tmp_path / "other").write_text("something else, and long enough to be no database at all")
    with pytest.raises(SummaryError, match="no store of shared links"):
        Shares(tmp_path / "other")


def test_a_token_cannot_be_used_twice(shares):
    added(shares)
    with pytest.raises(SummaryError, match="the store of shared links says"):
        added(shares)
    assert len(shares.of("ada")) == 1
