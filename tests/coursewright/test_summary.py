"""``coursewright summary``: what the learner chose, as files and under links; and ``credential certificate``."""

import json
from pathlib import Path

import pytest

from tests.coursewright.test_ledger import PROGRAM, registry

pytestmark = pytest.mark.integration  # slow: it signs and typesets

__all__ = ["registry"]
LINKS = "https://credentials.example.org/s/"


def share(run, *more):
    return run("summary", "share", "ada", "--for", "Example Graduate School", "--address", LINKS, *more, "--json")


def test_the_summary_holds_what_was_chosen(registry, run):
    done = run("summary", "write", "ada", "--course", "mpc", "--exams", "--program", PROGRAM)
    assert done.status == 0, done.err
    record, pdf = map(Path, done.out.split())
    (part,) = json.loads(record.read_bytes())["credentialSubject"]["verifiableCredential"]
    assert part["credentialSubject"]["achievement"]["name"].startswith("Manufacturing Process Control (")
    assert [result.get("value") for result in part["credentialSubject"]["result"]] == [None, None]
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert record.stat().st_mode & 0o077 == 0
    assert run("credential", "verify", record, passphrase=None).status == 0


def test_choices_come_from_a_file_or_from_the_command_and_never_from_nowhere(registry, run):
    Path("choices.toml").write_text('[[courses]]\ncourse = "mpc"\nscores = true\n')
    done = run("summary", "write", "ada", "--choices", "choices.toml")
    (part,) = json.loads(Path(done.out.split()[0]).read_bytes())["credentialSubject"]["verifiableCredential"]
    assert part["credentialSubject"]["result"][0]["value"] == "72"
    for wrong in ([], ["--choices", "choices.toml", "--scores"], ["--choices", "choices.toml", "--course", "mpc"]):
        refused = run("summary", "write", "ada", *wrong)
        assert (refused.status, "say what to show" in refused.err) == (1, True)


def test_nobody_has_a_summary_of_what_the_ledger_does_not_know(registry, run):
    refused = run("summary", "write", "eve", "--course", "mpc")
    assert (refused.status, "the ledger holds no grade of this learner" in refused.err) == (1, True)
    assert not Path("summaries").exists()


def test_a_link_leads_to_the_summary_until_it_is_withdrawn(registry, run):
    made = share(run, "--course", "mpc", "--scores").json
    assert made["link"].startswith(LINKS)
    opened = run("summary", "open", made["link"], "--out", "received")
    assert opened.status == 0, opened.err
    assert run("credential", "verify", "received/summary-of-work.json").status == 0
    listed = run("summary", "list", "ada", "--json").json["shares"]
    assert [(each["share"], each["for"], each["state"]) for each in listed] == [
        (made["share"], "Example Graduate School", "open")
    ]
    assert run("summary", "list", "ben", "--json").json["shares"] == []
    assert "is withdrawn" in run("summary", "withdraw", made["share"]).out
    closed = run("summary", "open", made["link"], "--out", "again")
    assert (closed.status, "withdrawn this link" in closed.out) == (1, True)
    assert not Path("again").exists()
    assert "withdrawn" in run("summary", "list", "ada").out


def test_an_unknown_link_has_its_own_answer(registry, run):
    share(run, "--course", "mpc")
    answer = run("summary", "open", f"{LINKS}nothing", "--json")
    assert (answer.status, answer.json["state"]) == (1, "unknown")


def test_a_certificate_is_written_beside_its_credential(registry, run):
    (row,) = run("credential", "issue", PROGRAM, "--json").json["credentials"]
    done = run("credential", "certificate", row["file"], "--address", "https://credentials.example.org/c/1")
    assert done.status == 0, done.err
    assert Path(row["file"]).with_suffix(".pdf").read_bytes().startswith(b"%PDF-")
    changed = Path("changed.json")
    changed.write_bytes(Path(row["file"]).read_bytes().replace(b'"72"', b'"92"'))
    refused = run("credential", "certificate", changed)
    assert (refused.status, "not in order" in refused.err) == (1, True)
