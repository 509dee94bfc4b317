"""The page in a browser: issuers on the web, tokens, and what became of a credential since it was issued."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from authoring.errors import CoursewrightError
from release import keys
from release.credential import to_bytes
from release.credentials import bits, png
from release.credentials.badge import badge
from release.credentials.did import PublishedKey, document_of, method_of
from release.credentials.proofs import read
from release.credentials.status import Purpose, status_list
from release.data_integrity import signed
from release.page import checker, page
from tests.a_browser import running_browser
from tests.release.conftest import NOW
from tests.release.credentials.conftest import BASE, DID, DOCUMENT, KEY

pytestmark = pytest.mark.integration  # a browser

HOME = "https://example.org/credentials/did.json"
MALLORY = keys.generate()


def listed(revoked=(), suspended=(), *, key=KEY, issuer=DID, at=None) -> dict[str, bytes]:
    now, places = at or datetime.now(UTC), {Purpose.REVOCATION: revoked, Purpose.SUSPENSION: suspended}
    lists = [status_list(issuer, f"{BASE}/{each}-1.json", each, places[each], at=now) for each in Purpose]
    return {each["id"]: to_bytes(signed(each, key, now, method=method_of(issuer, key.did))) for each in lists}


@pytest.fixture(scope="module")
def browser():
    with running_browser() as running:
        yield running


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page as a file while the issuer's website answers with what is given; the answer, and what was asked."""
    tab = browser.new_page(viewport={"width": 1366, "height": 900})

    def open_(text: str, website: dict[str, bytes], *, wait: bool = True):
        asked: list[str] = []

        def answer(route):
            asked.append(route.request.url)
            body = website.get(route.request.url)
            found = {"status": 404} if body is None else {"status": 200, "body": body}
            route.fulfill(headers={"Access-Control-Allow-Origin": "*"}, **found)

        tab.unroute_all()
        tab.route(re.compile("^https?://"), answer)
        (tmp_path / "page.html").write_text(text, "utf-8")
        tab.goto((tmp_path / "page.html").as_uri())
        if not wait:
            return tab
        tab.wait_for_selector("#status:not([data-state=checking])", timeout=20_000)
        return tab.get_attribute("#status", "data-state"), tab.inner_text("#status-message"), asked

    yield open_
    tab.close()


@pytest.fixture(params=["json", "jwt"])
def text(request, adas) -> str:
    return page(getattr(adas, request.param), at=NOW, documents=[DOCUMENT])


def test_a_credential_in_force_is_verified_and_only_its_issuer_is_asked(opened, text):
    website = {HOME: json.dumps(DOCUMENT).encode()} | listed()
    state, message, asked = opened(text, website)
    assert (state, "and it was not revoked" in message) == ("verified", True), message
    assert sorted(asked) == sorted(website)


def test_a_revoked_and_a_suspended_credential_are_refused(opened, text, adas):
    place = adas.entry.status.place
    for lists, said in (
        (listed(revoked=[place]), "It was revoked by its issuer."),
        (listed(suspended=[place]), "It is suspended by its issuer for now."),
        (listed(revoked=[place], suspended=[place]), "It was revoked by its issuer."),
    ):
        assert opened(text, lists)[:2] == ("refused", said)
    others = [place - 1, place + 1, place // 8, place * 8 % bits.SIZE]
    assert opened(text, listed(revoked=others, suspended=others))[0] == "verified"


def test_without_its_lists_a_credential_is_not_fully_checked(opened, text):
    lists = listed()
    state, message, _ = opened(text, {})
    assert (state, "could not be asked at example.org" in message) == ("unknown", True)
    assert opened(text, dict([next(iter(lists.items()))]))[0] == "unknown"


def test_lists_that_are_not_to_be_believed_decide_nothing(opened, adas):
    text = page(adas.json, at=NOW, documents=[DOCUMENT])
    changed = listed()
    first = json.loads(changed[f"{BASE}/revocation-1.json"])
    first["credentialSubject"]["encodedList"] = bits.encoded([1])
    swapped = listed()
    swapped[f"{BASE}/revocation-1.json"] = swapped[f"{BASE}/suspension-1.json"]
    for lists in (
        changed | {f"{BASE}/revocation-1.json": to_bytes(first)},
        listed(key=MALLORY),
        listed(key=MALLORY, issuer=MALLORY.did),
        listed(at=datetime.now(UTC) - timedelta(days=31)),
        swapped,
    ):
        state, message, _ = opened(text, lists)
        assert state == "refused", message
        assert message.startswith("Whether it was revoked cannot be told: its status list is not to be believed")


def test_a_key_that_was_compromised_since_the_page_was_made_is_refused(opened, text):
    ended = document_of(DID, [PublishedKey(did=KEY.did, ends=NOW, compromised=True)])
    state, message, _ = opened(text, {HOME: json.dumps(ended).encode()} | listed())
    assert (state, "or when others may have had it" in message) == ("refused", True)


def test_a_changed_byte_of_a_token_is_refused(opened, adas):
    import base64

    text = page(adas.jwt, at=NOW, documents=[DOCUMENT])
    for at in (5, 300, len(adas.jwt) - 4):
        other = bytearray(adas.jwt)
        other[at] = ord("B") if other[at] != ord("B") else ord("C")
        old, new = (base64.b64encode(each).decode() for each in (adas.jwt, bytes(other)))
        assert old in text
        assert opened(text.replace(old, new), listed())[0] == "refused"


def test_a_page_of_an_unknown_issuer_is_not_made(adas):
    with pytest.raises(CoursewrightError, match="publishes its keys at"):
        page(adas.json, at=NOW)


def test_the_policy_names_the_very_addresses_that_may_be_asked(text):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert f"connect-src {HOME} {BASE}/revocation-1.json {BASE}/suspension-1.json;" in policy


def test_a_page_that_is_not_fully_checked_fits_a_phone(opened, browser, text):
    opened(text, {})
    tab = browser.contexts[-1].pages[-1]
    tab.set_viewport_size({"width": 400, "height": 800})
    assert tab.inner_text("#status-title") == "Not fully checked"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 400


# An issuer's page for checking


@pytest.fixture
def chosen(opened, browser, tmp_path):
    """Gives a file to the issuer's page; the answer, and what the page then shows."""

    def choose(data: bytes, lists):
        opened_page = checker(DID, "Example Institute", DOCUMENT, BASE)
        tab = opened(opened_page, {HOME: json.dumps(DOCUMENT).encode()} | lists, wait=False)
        (tmp_path / "given").write_bytes(data)
        tab.set_input_files("#file", str(tmp_path / "given"))
        tab.wait_for_selector("#status:not([data-state=checking]):not([data-state=waiting])", timeout=20_000)
        return tab.get_attribute("#status", "data-state"), tab.inner_text("#status-message"), tab.inner_text("#facts")

    return choose


def test_every_form_of_a_credential_is_checked(chosen, adas):
    forms = [adas.json, adas.jwt]
    forms += [badge(read(each), each, form) for each in (adas.json, adas.jwt) for form in ("png", "svg")]
    for each in forms:
        state, message, shown = chosen(each, listed())
        assert state == "verified", message
        assert all(fact in shown for fact in ("Ada Lovelace", "84.25 %", "75 %", adas.code, "1 June 2026"))


def test_what_is_not_to_be_relied_on_is_refused_whatever_it_came_in(chosen, adas):
    place = adas.entry.status.place
    image = badge(read(adas.json), adas.json, "png")
    foreign = json.loads(adas.json)
    del foreign["proof"]
    foreign["issuer"]["id"] = MALLORY.did
    foreign = to_bytes(signed(foreign, MALLORY, NOW))
    doubled = adas.json.replace(b'"value": "84.25"', b'"value": "99", "value": "84.25"')
    for data, lists, said in (
        (image, listed(revoked=[place]), "It was revoked"),
        (image.replace(b"84.25", b"99.99"), listed(), "It is not what was signed"),
        (doubled, listed(), "not as it was issued"),
        (foreign, listed(), "not issued by whom this page is of"),
        (png.SIGNATURE + bytes(20), listed(), "cut off"),
        (image.replace(b"openbadgecredential", b"openbadgecredentiaX"), listed(), "holds no credential"),
        (b"<!DOCTYPE svg><svg/>", listed(), "document type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", listed(), "holds no credential"),
        (b"hello", listed(), "not a credential"),
        (b"\xff\xfe", listed(), "not a credential"),
    ):
        state, message, _ = chosen(data, lists)
        assert (state, said in message) == ("refused", True), (said, message)
    assert chosen(image, {})[0] == "unknown"
