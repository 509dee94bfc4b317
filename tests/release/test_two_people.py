"""After the freeze, one proposes and another approves."""

from datetime import timedelta

import msgspec
import pytest

from release.amending import Change
from release.appending import Appending
from release.entry import AmendEntry, decided_once, from_bytes
from release.ledger import Ledger, LedgerError
from tests.release.conftest import NOW, D
from tests.release.ledgers import KEY, LATER, checked, tampered, verified

pytestmark = pytest.mark.integration


def frozen(ledger: Ledger) -> None:
    ledger.append_grade(verified("0.58"), at=NOW)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)


def proposed(ledger: Ledger, actor: str = "dean") -> int:
    change = Change("ada", "mpc", "2026-spring", verified("0.61"), actor, "question 7 was wrong")
    return ledger.propose(change, expires=LATER, at=NOW)


def in_force(ledger: Ledger) -> D:
    return ledger.grades_of("ada")[0].grade.grade


def test_before_the_freeze_one_person_amends_and_after_it_one_is_not_enough(ledger):
    settings = {"after": verified("0.61"), "actor": "dean", "at": NOW}
    ledger.append_grade(verified("0.58"), at=NOW)
    ledger.amend("ada", "mpc", "2026-spring", reason="a mistake", **settings)
    ledger.freeze("mpc", "2026-spring", actor="registrar", at=NOW)
    with pytest.raises(LedgerError, match="is frozen: propose the amendment, for somebody else to approve"):
        ledger.amend("ada", "mpc", "2026-spring", reason="another", **settings | {"after": verified("0.9")})
    assert (in_force(ledger), ledger.head().size) == (D("0.61"), 3)


def test_nothing_changes_before_somebody_else_approves(ledger):
    frozen(ledger)
    index = proposed(ledger)
    assert in_force(ledger) == D("0.58")
    assert list(ledger.proposals()) == [index]
    assert checked(ledger).ok
    ledger.approve(index, actor="registrar", at=NOW)
    assert in_force(ledger) == D("0.61")
    assert ledger.proposals() == {}
    assert checked(ledger).ok


@pytest.mark.parametrize("name", ["dean", " Dean ", "DEAN", "\uff44ean"])  # the last with a letter of double width
def test_nobody_approves_what_the_same_person_proposed(ledger, name):
    frozen(ledger)
    with pytest.raises(LedgerError, match="so somebody else has to approve it"):
        ledger.approve(proposed(ledger), actor=name, at=NOW)
    assert in_force(ledger) == D("0.58")


def test_a_proposal_expires(ledger):
    frozen(ledger)
    index = proposed(ledger)
    with pytest.raises(LedgerError, match="the proposal expired at 2026-06-02T12:00:00"):
        ledger.approve(index, actor="registrar", at=LATER)
    ledger.approve(index, actor="registrar", at=LATER - timedelta(seconds=1))
    change = Change("ada", "mpc", "2026-spring", None, "dean", "a mistake")
    with pytest.raises(LedgerError, match="expired before it is made"):
        ledger.propose(change, expires=NOW, at=NOW)


def test_what_was_withdrawn_cannot_be_approved_and_nothing_is_settled_twice(ledger):
    frozen(ledger)
    index = proposed(ledger)
    with pytest.raises(LedgerError, match="needs a reason"):
        ledger.withdraw(index, actor="dean", reason=" ", at=NOW)
    with pytest.raises(LedgerError, match="leave the learner's id out of it"):
        ledger.withdraw(index, actor="dean", reason="ada agreed", at=NOW)
    ledger.withdraw(index, actor="dean", reason="the key was right", at=NOW)
    for again in (
        lambda: ledger.approve(index, actor="registrar", at=NOW),
        lambda: ledger.withdraw(index, actor="dean", reason="again", at=NOW),
    ):
        with pytest.raises(LedgerError, match="settled already, by entry 3"):
            again()
    assert (in_force(ledger), ledger.proposals()) == (D("0.58"), {})
    assert checked(ledger).ok


@pytest.mark.parametrize("index", [0, 1, 99])
def test_what_is_no_proposal_cannot_be_approved(ledger, index):
    frozen(ledger)
    with pytest.raises(LedgerError, match=f"entry {index} is no proposal"):
        ledger.approve(index, actor="registrar", at=NOW)


def test_of_two_proposals_the_second_no_longer_starts_from_what_is_in_force(ledger):
    frozen(ledger)
    first, second = proposed(ledger), proposed(ledger, "provost")
    ledger.approve(first, actor="registrar", at=NOW)
    with pytest.raises(LedgerError, match="the grade was changed after this was proposed"):
        ledger.approve(second, actor="registrar", at=NOW)


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        ({"proposal": None}, "amended after the freeze by one person alone"),
        ({"approver": "Dean"}, "Dean proposed it, so somebody else has to approve it"),
        ({"approver": " "}, "nobody is named who approves"),
        ({"reason": "another"}, "changes something else than was proposed"),
        ({"after": None}, "changes something else than was proposed"),
        ({"at": LATER}, "the proposal expired"),
        ({"proposal": 1}, "approves what is no open proposal"),
    ],
)
def test_the_holder_of_the_key_alone_cannot_write_an_amendment_that_verifies(ledger, url, forged, fault):
    frozen(ledger)
    true = ledger.approve(proposed(ledger), actor="registrar", at=NOW)
    entry = from_bytes(ledger.prove(true).body.encode())
    assert isinstance(entry, AmendEntry)
    tampered(url, "DELETE FROM entries WHERE position = 3")
    tampered(url, "DELETE FROM heads WHERE size = 4")
    entry = msgspec.structs.replace(entry, **forged)
    with ledger.store.writing() as connection:
        appending = Appending(connection, KEY, NOW)
        once = None if entry.proposal is None else decided_once(entry.proposal)
        appending.add(entry, subject=entry.subject, once=once)
        appending.finish()
    answer = checked(ledger)
    assert (answer.ok, answer.entry) == (False, 3)
    assert fault in answer.message
