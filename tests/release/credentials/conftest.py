"""A university with a place on the web, a ledger of three who have earned a credential, and the credential of one."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from authoring.program_file import read_program
from release import keys
from release.credential import Issuer, issue, to_bytes, token_of
from release.credentials.did import PublishedKey, document_of, method_of
from release.credentials.register import registered, status_lists
from release.data_integrity import signed
from release.ledger import Ledger
from tests.release.conftest import NOW
from tests.release.test_ledger import verified

PROGRAM = read_program(Path(__file__).parents[3] / "courses" / "programs" / "process-control.toml")
DID = "did:web:example.org:credentials"
BASE = "https://example.org/credentials/status"
KEY = keys.generate()
ISSUER = Issuer(name="Example Institute", url="https://example.org/", id=DID, lists=BASE)
DOCUMENT = document_of(DID, [PublishedKey(did=KEY.did)])
LATER = NOW + timedelta(days=3)


def new_ledger(folder: Path, learners=("ada", "bob", "eve"), key=KEY) -> Ledger:
    ledger = Ledger(f"sqlite:///{folder / 'ledger.db'}", key)
    ledger.append_grades([verified("0.8425", learner=learner) for learner in learners], at=NOW)
    return ledger


def published_lists(ledger, *, at=LATER, key=KEY, issuer=DID) -> list[bytes]:
    """The status lists as the issuer publishes them."""
    known = list(registered(ledger.store).values())
    method = method_of(issuer, key.did)
    return [to_bytes(signed(each, key, at, method=method)) for each in status_lists(known, issuer, BASE, at)]


@pytest.fixture
def ledger(tmp_path):
    with new_ledger(tmp_path) as ledger:
        yield ledger


@pytest.fixture(scope="session")
def adas(tmp_path_factory):
    """Ada's credential in both forms, and the lists of the day, for tests that only read them."""
    with new_ledger(tmp_path_factory.mktemp("adas")) as ledger:
        issued = issue(PROGRAM, ledger, "ada", issuer=ISSUER, key=KEY, at=NOW, name="Ada Lovelace")
        entry = ledger.credential_of("process-control", "ada").entry
        return SimpleNamespace(
            json=issued.credential,
            jwt=token_of(issued.credential, KEY).encode(),
            lists=published_lists(ledger),
            id=issued.id,
            code=issued.code,
            entry=entry,
        )
