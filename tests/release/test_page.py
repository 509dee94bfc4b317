import base64
import functools
import hashlib
import http.server
import io
import json
import re
import threading
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pypdf
import pytest

from authoring.errors import CoursewrightError
from release import keys
from release.credential import identifying_code, to_bytes
from release.credentials.profile_link import profile_link
from release.data_integrity import signed
from release.ledger import Ledger
from release.page import page, write_page
from tests.a_browser import running_browser
from tests.release.conftest import NOW
from tests.release.ledgers import verified
from tests.release.test_credential import KEY, issued

pytestmark = pytest.mark.integration  # it takes long

HOSTILE = '</script><img src=x onerror="document.title=\'hacked\'"><!-- & "Ω" \'\u2028'
ADDRESS = "https://credentials.example.org/c/1"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    with Ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}", KEY) as ledger:
        for learner in ("ada", "bob", "eve"):
            ledger.append_grade(verified("0.8425", learner=learner), at=NOW)
        yield ledger


@pytest.fixture(scope="module")
def credential(ledger) -> bytes:
    return issued(ledger).credential


@pytest.fixture(scope="module")
def hostile(ledger) -> bytes:
    return issued(ledger, learner="eve", name=HOSTILE).credential


class Elements(HTMLParser):
    """The tags of a page and the text of its scripts, as a browser's parser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def embedded(text: str) -> bytes:
    return base64.b64decode(re.search(r'id="credential">([^<]*)<', text)[1])


def with_credential(text: str, credential: bytes) -> str:
    old = re.search(r'id="credential">([^<]*)<', text)[1]
    return text.replace(old, base64.b64encode(credential).decode())


# The page as a file


def test_the_page_holds_the_very_bytes_that_were_issued(credential):
    assert embedded(page(credential, at=NOW)) == credential


def test_the_page_shows_name_program_scores_date_and_code(credential):
    text = page(credential, at=NOW)
    for shown in ("Ada Lovelace", "Process Control Certificate", "84.25 %", "75 %", "1 June 2026", "Example Institute"):
        assert shown in text
    assert re.search(r'data-fact="code">[0-9A-F]{4}(-[0-9A-F]{4}){4}<', text)


def test_the_page_needs_nothing_from_anywhere(credential):
    for tag, attributes in Elements(page(credential, at=NOW, address=ADDRESS)).tags:
        for name in ("src", "action", "data", "poster", *(() if tag == "a" else ("href",))):
            assert (attributes.get(name) or "data:").startswith("data:"), tag


def links(text: str) -> list[str]:
    return [attributes["href"] or "" for tag, attributes in Elements(text).tags if tag == "a"]


def test_a_page_with_an_address_can_be_shared_and_added_to_a_profile(credential):
    save, share, profile = sorted(links(page(credential, at=NOW, address=ADDRESS + "?a=b&c=%20d")))
    assert save.startswith("data:application/vc;")
    assert share == ADDRESS + "?a=b&c=%20d"
    asked = urlsplit(profile)
    assert (asked.scheme, asked.netloc, asked.path) == ("https", "www.linkedin.com", "/profile/add")
    assert parse_qs(asked.query, strict_parsing=True) == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": ["Process Control Certificate"],
        "organizationName": ["Example Institute"],
        "issueYear": ["2026"],
        "issueMonth": ["6"],
        "certId": [identifying_code(json.loads(credential)["id"])],
        "certUrl": [share],
    }


def test_a_page_without_an_address_has_nothing_to_share(credential):
    assert [link[:4] for link in links(page(credential, at=NOW))] == ["data"]


def test_what_goes_into_a_profile_is_encoded_whatever_it_holds():
    names = ("A & B = C? #1/2", "Université «Ω» 大学", "https://x.example/c?d=é&e=f+g", '"><script>')
    for name in names:
        asked = profile_link(name, name, "4F1C", name, datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=5))))
        fields = parse_qs(urlsplit(asked).query, strict_parsing=True)
        assert fields["name"] == fields["organizationName"] == fields["certUrl"] == [name]
        assert (fields["issueYear"], fields["issueMonth"]) == (["2025"], ["12"])
        assert re.fullmatch(r"[A-Za-z0-9%&=?:/._~-]+", asked)


def test_the_policy_allows_the_scripts_and_style_of_the_page_alone(credential):
    text = page(credential, at=NOW)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    blocks = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(block.encode()).digest()).decode() for block in blocks}
    assert hashes == set(re.findall(r"'sha256-([^']*)'", policy))
    assert len(hashes) == 3
    assert "unsafe" not in policy


def test_a_hostile_name_adds_no_element_and_ends_none(credential, hostile):
    plain, attacked = (Elements(page(each, at=NOW)).tags for each in (credential, hostile))
    assert [tag for tag, _ in plain] == [tag for tag, _ in attacked]
    assert not any(name.startswith("on") for _, attributes in attacked for name in attributes)


def test_a_page_without_a_name_shows_none(ledger):
    text = page(issued(ledger, learner="bob", name=None).credential, at=NOW)
    assert "Awarded to" not in text
    assert "<title>Process Control Certificate</title>" in text


def test_no_page_is_made_of_what_does_not_verify(credential):
    with pytest.raises(CoursewrightError, match="not what was signed"):
        page(credential.replace(b"84.25", b"99.99"), at=NOW)
    foreign = signed(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": "urn:uuid:0ccdfa2c-9eff-4aa0-91ec-ec50f1d96b5e",
            "type": ["VerifiableCredential"],
            "issuer": KEY.did,
            "credentialSubject": {"id": "did:example:1", "name": "x"},
        },
        KEY,
        NOW,
    )
    with pytest.raises(CoursewrightError, match="not issued by coursewright"):
        page(to_bytes(foreign), at=NOW)
    with pytest.raises(CoursewrightError, match="has to begin with https"):
        page(credential, at=NOW, address="javascript:alert(1)")


def test_a_page_is_written_whole(credential, tmp_path):
    write_page(credential, tmp_path / "page.html", at=NOW)
    assert (tmp_path / "page.html").read_text("utf-8") == page(credential, at=NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


# The page in a browser


@pytest.fixture(scope="module")
def browser():
    with running_browser() as running:
        yield running


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page from a local server, and gives the answer it comes to, the tab, and what it asked for or logged."""
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))

    def open_(text: str):
        (tmp_path / "page.html").write_text(text, "utf-8")
        address = f"http://127.0.0.1:{server.server_port}/page.html"
        tab.goto(address)
        tab.wait_for_selector("#status:not([data-state=checking])", timeout=20_000)
        assert [url for url in requests if not url.startswith("data:")] == [address] * len(requests)
        return tab.get_attribute("#status", "data-state"), tab.inner_text("#status-message"), tab

    yield open_
    tab.close()
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_the_browser_verifies_what_was_issued(opened, credential):
    state, message, tab = opened(page(credential, at=NOW, address=ADDRESS))
    assert (state, tab.inner_text("#status-title")) == ("verified", "Verified")
    assert "exactly as the holder of the issuer\u2019s key signed it" in message


def test_the_browser_verifies_a_page_opened_from_a_file(browser, credential, tmp_path):
    write_page(credential, tmp_path / "page.html", at=NOW)
    tab = browser.new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    tab.wait_for_selector("#status[data-state=verified]", timeout=20_000)
    assert tab.inner_text("#status-title") == "Verified"
    tab.close()


def test_a_hostile_name_verifies_and_stays_a_name(opened, hostile):
    state, _, tab = opened(page(hostile, at=NOW))
    assert state == "verified"
    assert tab.title() != "hacked"
    assert tab.text_content("[data-fact=name]") == HOSTILE.strip()
    assert tab.locator("img").count() == 0


def change(credential: bytes, edit) -> bytes:
    value = json.loads(credential)
    edit(value)
    return to_bytes(value)


def resign(value, key):
    value.update(signed({name: each for name, each in value.items() if name != "proof"}, key, NOW))


CHANGES = {
    "another score": (
        lambda value: value["credentialSubject"]["result"][0].update(value="99"),
        "It is not what was signed",
    ),
    "another name": (
        lambda value: value["credentialSubject"]["identifier"][0].update(identityHash="Eve"),
        "It is not what was signed",
    ),
    "another signature": (
        lambda value: value["proof"].update(
            proofValue=value["proof"]["proofValue"].translate({ord("5"): "6", ord("6"): "5"}) + "2"
        ),
        "It is not what was signed",
    ),
    "another time of signing": (
        lambda value: value["proof"].update(created="2026-06-02T12:00:00Z"),
        "It is not what was signed",
    ),
    "an undefined term": (lambda value: value.update(honours="summa"), "Not all of it is covered by a signature"),
    "an undefined type": (lambda value: value["type"].append("Honours"), "Not all of it is covered by a signature"),
    "nothing where something was": (lambda value: value.update(image=None), "Not all of it is covered by a signature"),
    "a status under another name": (
        lambda value: value.update({"https://www.w3.org/2018/credentials#credentialStatus": {"id": "urn:x"}}),
        "Not all of it is covered by a signature",
    ),
    "a context of its own": (lambda value: value["@context"].append({"x": "urn:x"}), "whose meaning is not known"),
    "an unknown context": (
        lambda value: value["@context"].append("https://example.org/x"),
        "whose meaning is not known",
    ),
    "another issuer": (
        lambda value: value["issuer"].update(id=keys.generate().did),
        "It was not signed by the issuer that it names",
    ),
    "an unknown proof": (lambda value: value["proof"].update(cryptosuite="eddsa-jcs-2022"), "of a kind that is not"),
    "a proof for another purpose": (lambda value: value["proof"].update(proofPurpose="authentication"), "of a kind"),
    "an end that is past": (
        lambda value: (value.update(validUntil="2026-06-02T00:00:00Z"), resign(value, KEY)),
        "It is no longer valid",
    ),
    "a beginning that is to come": (
        lambda value: (value.update(validFrom="2999-06-02T00:00:00Z"), resign(value, KEY)),
        "it is not valid yet",
    ),
    "something signed that the page does not show": (
        lambda value: (value["credentialSubject"]["achievement"].update(name="Other"), resign(value, KEY)),
        "This page shows something other than what was signed",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_browser_refuses_a_credential_with(opened, credential, name):
    edit, said = CHANGES[name]
    state, message, tab = opened(with_credential(page(credential, at=NOW), change(credential, edit)))
    assert (state, tab.inner_text("#status-title")) == ("refused", "Not verified")
    assert said in message


@pytest.mark.parametrize(
    ("old", "new"), [(b'  "name"', b'   "name"'), (b'"value": "84.25"', b'"value": "99", "value": "84.25"')]
)
def test_the_browser_refuses_a_file_that_readers_could_take_differently(opened, credential, old, new):
    changed = credential.replace(old, new, 1)
    state, message, _ = opened(with_credential(page(credential, at=NOW), changed))
    assert (state, message) == ("refused", "The file is not as it was issued.")


@pytest.mark.parametrize("position", [0, 3, 200, 900, -2, -1])
def test_the_browser_refuses_any_changed_byte(opened, credential, position):
    changed = bytearray(credential)
    changed[position] ^= 1
    state, *_ = opened(with_credential(page(credential, at=NOW), bytes(changed)))
    assert state == "refused"


@pytest.mark.parametrize(
    ("old", "new"), [("84.25 %", "98.25 %"), (">Ada Lovelace<", ">Eve<"), ("1 June 2026", "1 May 2026")]
)
def test_the_browser_refuses_a_page_that_shows_something_else(opened, credential, old, new):
    text = page(credential, at=NOW)
    assert old in text
    state, message, _ = opened(text.replace(old, new))
    assert (state, message) == ("refused", "This page shows something other than what was signed.")


def test_the_page_works_with_the_keyboard_and_the_file_can_be_saved(opened, credential):
    _, _, tab = opened(page(credential, at=NOW))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"
    tab.keyboard.press("Enter")
    assert tab.is_visible("[data-fact=key]")
    tab.keyboard.press("Tab")
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    assert download.value.suggested_filename == "credential.json"
    assert Path(download.value.path()).read_bytes() == credential


def test_the_page_fits_a_phone_and_reads_in_order(opened, credential):
    _, _, tab = opened(page(credential, at=NOW))
    tab.set_viewport_size({"width": 360, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.locator("h1").count() == 1
    assert [each.inner_text() for each in tab.locator("h1, h2, caption").all()] == [
        "Process Control Certificate",
        "Results",
        "What it took",
    ]
    assert tab.get_attribute("#status", "role") == "status"
    assert tab.get_attribute("html", "lang") == "en"


def test_in_the_dark_texts_stay_readable_and_the_code_keeps_its_white_ground(opened, credential):
    _, _, tab = opened(page(credential, at=NOW, address=ADDRESS))
    tab.emulate_media(color_scheme="dark")
    colour = "getComputedStyle(document.querySelector('{}')).{}"
    assert tab.evaluate(colour.format("figure svg", "backgroundColor")) == "rgb(255, 255, 255)"
    for text, ground in (
        ("h1", "article"),
        (".soft, .issuer", "article"),
        ("#status", "#status"),
        (".share a", ".share"),
    ):
        pair = [tab.evaluate(colour.format(*each)) for each in ((text, "color"), (ground, "backgroundColor"))]
        assert contrast(*pair) >= 4.5, (text, pair)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (W3C, *WCAG 2.2*, relative luminance)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_on_paper_it_is_one_sheet_with_the_address_and_without_what_only_a_screen_can_use(opened, credential):
    _, _, tab = opened(page(credential, at=NOW, address=ADDRESS))
    [sheet] = pypdf.PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True))).pages
    text = sheet.extract_text()
    assert ADDRESS in text
    assert "LinkedIn" not in text
    assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [210, 297]


def test_time_plays_no_part_in_what_the_page_is(credential):
    assert page(credential, at=NOW) == page(credential, at=NOW + timedelta(days=400))
