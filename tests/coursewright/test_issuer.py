"""``coursewright key`` and what becomes of issued credentials, as registrars and verifiers meet them."""

import functools
import http.server
import json
import threading
from pathlib import Path

import pytest

from coursewright.fetching import read_named
from tests.coursewright.test_ledger import PROGRAM, registry

pytestmark = pytest.mark.integration  # signs, draws and serves

__all__ = ["registry"]

OFFICE = ("--actor", "Registrar's office", "--reason", "Identity check was forged.")


@pytest.fixture
def on_the_web(registry, run) -> Path:
    """Ada's credential, by an issuer with a place on the web."""
    assert run("key", "web", "https://example.org/credentials").status == 0
    row = run("credential", "issue", PROGRAM, "--json").json["credentials"][0]
    return Path(row["file"])


@pytest.fixture
def verify(run):
    """Verifies with everything that the issuer has published in the folder ``site``."""

    def verify_with_site(file, *more):
        lists = [part for each in sorted(Path("site/status").glob("*.json")) for part in ("--status", each)]
        return run(
            "credential", "verify", file, "--did", "site/did.json", *lists, *more, "--json", passphrase=None
        ).json

    return verify_with_site


def code_of(file: Path) -> str:
    return file.stem.removeprefix("process-control-")


def test_a_credential_is_verified_suspended_reinstated_and_revoked(on_the_web, run, verify):
    answers = []
    for change in (None, "suspend", "reinstate", "revoke"):
        if change:
            assert run("credential", change, code_of(on_the_web), *OFFICE).status == 0
        assert run("credential", "publish", "site").status == 0
        answers += [verify(on_the_web)["answer"], verify(on_the_web.with_suffix(".jwt"))["answer"]]
    assert answers == ["verified"] * 2 + ["suspended"] * 2 + ["verified"] * 2 + ["revoked"] * 2
    again = run("credential", "reinstate", code_of(on_the_web), *OFFICE)
    assert (again.status, "is revoked cannot be changed so" in again.err) == (1, True)
    assert run("ledger", "verify").status == 0
    assert run("credential", "issue", PROGRAM, "--json").json["credentials"][0]["state"] == "issued earlier"


def test_the_status_tells_who_did_what_and_why(on_the_web, run):
    assert "1 credential issued, 0 not in force." in run("credential", "status", passphrase=None).out
    run("credential", "revoke", code_of(on_the_web), *OFFICE)
    shown = run("credential", "status", code_of(on_the_web), passphrase=None).out
    assert "revoke by Registrar's office: Identity check was forged." in shown
    (row,) = run("credential", "status", "--json", passphrase=None).json["credentials"]
    assert (row["state"], row["changes"][0]["actor"]) == ("revoked", "Registrar's office")


def test_a_change_needs_a_credential_an_actor_and_a_reason_that_names_nobody(on_the_web, run):
    code = code_of(on_the_web)
    for arguments, said in (
        (("0000-0000-0000-0000-0000", *OFFICE), "no credential of this id or code"),
        ((code, "--actor", " ", "--reason", "x"), "needs an actor"),
        ((code, "--actor", "x", "--reason", " "), "needs a reason"),
        ((code, "--actor", "x", "--reason", "Refund to ada."), "leave the learner's id out"),
    ):
        refused = run("credential", "revoke", *arguments)
        assert (refused.status, said in refused.err) == (1, True), refused.err
    assert run("credential", "reinstate", code, *OFFICE).status == 1


def test_what_verifying_needs_is_told_until_it_is_there(on_the_web, run, verify):
    told = run("credential", "verify", on_the_web, passphrase=None)
    assert "NOT VERIFIED (unknown-issuer)" in told.out
    assert "https://example.org/credentials/did.json" in told.out
    run("credential", "publish", "site")
    told = run("credential", "verify", on_the_web, "--did", "site/did.json", passphrase=None)
    assert "NOT VERIFIED (unknown-status)" in told.out
    assert "https://example.org/credentials/status/revocation-1.json" in told.out
    assert verify(on_the_web)["issuer"] == "did:web:example.org:credentials"
    wrong = run("credential", "verify", on_the_web, "--did", on_the_web, passphrase=None)
    assert (wrong.status, "give the did.json" in wrong.err) == (1, True)


def test_a_new_key_signs_and_what_the_old_one_signed_stays_valid(on_the_web, run, verify):
    before = [row["key"] for row in run("key", "list", "--json").json["keys"]]
    assert run("key", "rotate").status == 0
    run("credential", "publish", "site")
    assert verify(on_the_web)["answer"] == "verified"
    after = run("key", "list", "--json").json["keys"]
    assert [row["key"] for row in after][:1] == before
    assert [row["state"] for row in after] == ["vouches for what it signed", "signs"]
    assert run("credential", "revoke", code_of(on_the_web), *OFFICE).status == 0  # signed by the new key
    assert run("ledger", "verify", passphrase=None).status == 0
    assert {file.stat().st_mode & 0o777 for file in Path("registry").glob("*.key")} == {0o600}
    assert len(list(Path("registry").glob("*.key"))) == 2


def test_an_old_key_is_retired_or_compromised_with_a_date(on_the_web, run, verify):
    (old,) = [row["key"] for row in run("key", "list", "--json").json["keys"]]
    refused = run("key", "retire", old)
    assert (refused.status, "key rotate first" in refused.err) == (1, True)
    run("key", "rotate")
    for command, answer in (
        (("retire", old, "--at", "2999-01-01T00:00Z"), "verified"),
        (("retire", old, "--at", "2020-01-01T00:00Z"), "retired-key"),
        (("compromised", old, "--since", "2020-01-01T00:00Z"), "compromised-key"),
    ):
        assert run("key", *command).status == 0
        assert run("credential", "publish", "site").status == 0  # the new key vouches for the ledger
        assert verify(on_the_web)["answer"] == answer
        assert run("ledger", "verify", passphrase=None).status == 0
    for wrong in ("soon", "2026-01-01T00:00"):
        assert "not a time with an offset" in run("key", "compromised", old, "--since", wrong).err
    assert "no such key" in run("key", "compromised", "did:key:z6MkOther", "--since", "2026-01-01T00:00Z").err


def test_a_key_that_is_not_the_issuers_signs_nothing(on_the_web, run):
    issuer = Path("registry/issuer.json")
    described = json.loads(issuer.read_text())
    described["keys"][0]["did"] = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    issuer.write_text(json.dumps(described))
    refused = run("credential", "issue", PROGRAM)
    assert (refused.status, "is not the key that" in refused.err) == (1, True)


def test_badges_hold_their_credential_and_are_drawn_of_sound_ones_alone(on_the_web, run, verify):
    run("credential", "publish", "site")
    files = (on_the_web, on_the_web.with_suffix(".jwt"))
    draw = ("credential", "badge", *files, "--did", "site/did.json", "--out", "badges")
    assert run(*draw, passphrase=None).status == 0
    assert [verify(badge)["answer"] for badge in Path("badges").iterdir()] == ["verified"] * 2
    on_the_web.write_text(on_the_web.read_text().replace('"72"', '"92"'))
    refused = run(*draw, passphrase=None)
    assert (refused.status, "no badge is drawn of it (changed)" in refused.err) == (1, True)


def test_the_page_of_an_issuer_on_the_web_needs_its_document(on_the_web, run):
    assert run("credential", "page", on_the_web).status == 1
    run("credential", "publish", "site")
    assert run("credential", "page", on_the_web, "--did", "site/did.json").status == 0
    assert "connect-src https://example.org/credentials/did.json" in on_the_web.with_suffix(".html").read_text()


def test_without_a_place_on_the_web_each_key_has_a_document_of_its_own(registry, run):
    done = run("credential", "publish", "site", "--json")
    assert [Path(file).name.startswith("z6Mk") for file in done.json["files"]] == [True]
    assert "no web address" in run("credential", "publish", "site").out
    for address in ("http://example.org", "example.org"):
        assert run("key", "web", address).status == 1


def test_the_passphrase_may_stand_in_a_file(registry, run, monkeypatch):
    Path("words").write_text("correct horse\n")
    monkeypatch.setenv("COURSEWRIGHT_PASSPHRASE_FILE", "words")
    assert run("credential", "issue", PROGRAM, passphrase=None).status == 0
    monkeypatch.setenv("COURSEWRIGHT_PASSPHRASE_FILE", "nowhere")
    assert "cannot be read from here" in run("credential", "issue", PROGRAM, passphrase=None).err


# Addresses


class Website(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/file.txt")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def website(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Website, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_credential_and_what_it_needs_may_be_addresses(on_the_web, run, website):
    run("credential", "publish", "site")
    lists = [f"{website}/site/status/{purpose}-1.json" for purpose in ("revocation", "suspension")]
    done = run(
        *("credential", "verify", f"{website}/{on_the_web}", "--did", f"{website}/site/did.json"),
        *("--status", lists[0], "--status", lists[1]),
    )
    assert (done.status, done.out.startswith("Verified")) == (0, True), done.out + done.err


@pytest.mark.parametrize("name", ["moved", "nothing", "big"])
def test_an_address_that_does_not_answer_itself_is_refused(website, tmp_path, name):
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "big").write_bytes(bytes((1 << 24) + 1))
    assert read_named(f"{website}/file.txt") == b"x"
    with pytest.raises(Exception, match=r"cannot be fetched|larger than"):
        read_named(f"{website}/{name}")


@pytest.mark.parametrize("name", ["http://example.org/c.json", "file:///etc/passwd", "ftp://example.org/c"])
def test_other_kinds_of_addresses_are_refused(name):
    with pytest.raises(Exception, match="only https"):
        read_named(name)
