"""``coursewright credential``: issued once, and a changed one is found out."""

import json
from pathlib import Path

import pytest

from tests.coursewright.test_ledger import PROGRAM, registry

pytestmark = pytest.mark.integration  # slow: it starts processes, signs or draws again and again

__all__ = ["registry"]


@pytest.fixture
def issued(registry, run) -> Path:
    """Ada's credential; Ben has not earned one."""
    done = run("credential", "issue", PROGRAM, "--json")
    assert done.status == 0
    (row,) = done.json["credentials"]
    assert row["learner"] == "ada"
    return Path(row["file"])


def test_everybody_who_has_earned_it_gets_it_and_nobody_else(issued):
    credential = json.loads(issued.read_bytes())
    assert credential["issuer"]["name"] == "Example University"
    assert [result["value"] for result in credential["credentialSubject"]["result"]] == ["72", "81"]


def test_issuing_again_gives_the_same_bytes(issued, run):
    before = issued.read_bytes()
    again = run("credential", "issue", PROGRAM, "--learner", "ada")
    assert again.out.endswith("1 credential of Process Control Certificate, 0 of them new.\n")
    assert issued.read_bytes() == before
    assert sorted(file.suffix for file in issued.parent.iterdir()) == [".json", ".jwt"]


def test_both_forms_verify(issued, run):
    for file in (issued, issued.with_suffix(".jwt")):
        assert run("credential", "verify", file).status == 0


def test_a_file_that_was_lost_is_made_again_and_one_with_a_name_on_it_is_left_alone(registry, run):
    run("credential", "issue", PROGRAM, "--learner", "ada", "--name", "Ada Lovelace")
    (file,) = Path("credentials").glob("*.json")
    before = file.read_bytes()
    done = run("credential", "issue", PROGRAM, "--json")
    assert [row["state"] for row in done.json["credentials"]] == ["issued earlier, not remade"]
    assert file.read_bytes() == before


def test_who_has_not_earned_it_is_told_what_is_missing(issued, run):
    refused = run("credential", "issue", PROGRAM, "--learner", "ben")
    assert refused.status == 1
    assert "ben has not earned process-control" in refused.err
    assert "Final exam" in refused.err


def test_a_name_belongs_to_one_learner(registry, run):
    refused = run("credential", "issue", PROGRAM, "--name", "Ada Lovelace")
    assert (refused.status, "say which with --learner" in refused.err) == (1, True)
    run("credential", "issue", PROGRAM, "--learner", "ada", "--name", "Ada Lovelace")
    (file,) = Path("credentials").glob("*.json")
    assert "Ada Lovelace" in file.read_text()


def test_anybody_can_verify_it_without_ledger_or_key(issued, run):
    (issued.parent.parent / "registry").rename(issued.parent.parent / "elsewhere")
    done = run("credential", "verify", issued, passphrase=None)
    assert done.status == 0
    assert done.out.startswith("Verified: Every statement in it is as did:key:z6Mk")
    assert "compare the DID" in done.out


def test_a_changed_credential_is_found_out(issued, run):
    issued.write_text(issued.read_text().replace('"72"', '"92"'))
    done = run("credential", "verify", issued)
    assert (done.status, done.out.startswith("NOT VERIFIED (changed)")) == (1, True)
    assert run("credential", "verify", issued, "--json").json["answer"] == "changed"


def test_a_credential_of_somebody_else_is_found_out(issued, run):
    did = json.loads(Path("registry/issuer.json").read_text())["id"]
    assert run("credential", "verify", issued, "--issuer", did).out.count("\n") == 1
    assert run("credential", "verify", issued, "--issuer", "did:key:z6MkSomebodyElse").status == 1


def test_a_page_shows_it_where_it_verifies_and_only_there(issued, run):
    done = run("credential", "page", issued)
    assert Path(done.out.strip()) == issued.with_suffix(".html")
    assert "Process Control Certificate" in issued.with_suffix(".html").read_text()
    issued.write_text(issued.read_text().replace('"72"', '"92"'))
    refused = run("credential", "page", issued, "--out", "other.html")
    assert (refused.status, Path("other.html").exists()) == (1, False)
