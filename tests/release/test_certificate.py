import io

import pypdf
import pytest

from release.certificate import CertificateError, certificate
from release.credential import token_of
from release.ledger import Ledger
from release.typesetting import TypesettingError, direction
from release.verify import verify
from tests.release.conftest import NOW
from tests.release.test_credential import KEY, issued
from tests.release.test_ledger import verified

pytestmark = pytest.mark.integration  # slow: it typesets

ADDRESS = "https://credentials.example.org/c/1?a=b&c=%20d"
NAMES = {
    "ada": "Ada Lovelace",
    "code": '#panic() $x$ <b> *a* \\u{41} #read("/etc/passwd") [ ] ` // @x',
    "long": "Maximiliana Konstantina " * 8 + "Oldenbrg",
    "one-word": "W" * 200,
    "arabic": "علي بن محمد",
    "no-font": "Ada \U0010fffd",
    "nameless": None,
}


@pytest.fixture(scope="module")
def credentials(tmp_path_factory) -> dict[str, bytes]:
    with Ledger(f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}", KEY) as ledger:
        ledger.append_grades([verified("0.8425", learner=learner) for learner in NAMES], at=NOW)
        return {learner: issued(ledger, learner=learner, name=name).credential for learner, name in NAMES.items()}


def opened(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    [page] = opened(pdf).pages  # always one sheet
    return page.extract_text().replace("\u200b", "")


def test_a_certificate_says_who_earned_what_from_whom_when_and_where_to_check_it(credentials):
    text = text_of(certificate(credentials["ada"], at=NOW, address=ADDRESS))
    for shown in ("Ada Lovelace", "Process Control Certificate", "Example Institute", "1 June 2026", "84.25 %", "75 %"):
        assert shown in text
    assert ADDRESS in text
    assert KEY.did in text


def test_the_signed_credential_is_attached_to_the_very_byte(credentials):
    attached = opened(certificate(credentials["ada"], at=NOW)).attachments
    assert attached == {"credential.json": [credentials["ada"]]}
    assert verify(attached["credential.json"][0], at=NOW).ok


def test_a_token_has_the_same_certificate_but_for_what_is_attached(credentials):
    token = token_of(credentials["ada"], KEY).encode()
    made = certificate(token, at=NOW)
    assert opened(made).attachments == {"credential.jwt": [token]}
    expected = text_of(certificate(credentials["ada"], at=NOW)).replace("credential.json", "credential.jwt")
    assert text_of(made).split() == expected.split()


def test_the_file_is_tagged_for_screen_readers_and_says_that_it_is_pdf_ua_and_pdf_a(credentials):
    reader = opened(certificate(credentials["ada"], at=NOW))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    described = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in described
    assert "<pdfaid:part>3</pdfaid:part>" in described
    kinds = {str(node.get_object().get("/S")) for node in every_node(root["/StructTreeRoot"])}
    assert {"/H1", "/Table", "/TH", "/TD", "/Figure"} <= kinds


def every_node(node):
    node = node.get_object()
    yield node
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        if hasattr(child.get_object(), "get"):
            yield from every_node(child)


def test_the_same_credential_has_the_same_certificate_at_any_time(credentials):
    assert certificate(credentials["ada"], at=NOW) == certificate(credentials["ada"], at=NOW.replace(year=2031))


def test_a_name_is_text_and_never_code(credentials):
    assert NAMES["code"].split()[0] in text_of(certificate(credentials["code"], at=NOW))
    assert "".join(NAMES["code"].split()) in "".join(text_of(certificate(credentials["code"], at=NOW)).split())


@pytest.mark.parametrize("learner", ["long", "one-word"])
def test_a_name_of_two_hundred_letters_stays_whole_on_one_sheet(credentials, learner):
    made = certificate(credentials[learner], at=NOW)
    assert len(NAMES[learner]) == 200
    assert "".join(NAMES[learner].split()) in "".join(text_of(made).split())
    assert longest_line_of_the_name(made) <= 60  # more would not fit between the margins at that size


def longest_line_of_the_name(pdf: bytes) -> int:
    return max(len(line) for line in text_of(pdf).splitlines() if "WWW" in line or "Konstantina" in line)


def test_an_arabic_name_is_written_from_right_to_left(credentials):
    assert direction(NAMES["arabic"]) == "rtl"
    assert direction("“אדה” Lovelace") == "rtl"
    assert direction("Ada علي") == direction("12") == "ltr"
    assert certificate(credentials["arabic"], at=NOW)


def test_a_name_that_no_font_can_show_has_no_certificate(credentials):
    with pytest.raises(TypesettingError, match="no font here has a letter of"):
        certificate(credentials["no-font"], at=NOW)


def test_a_folder_of_fonts_that_is_none_is_said(credentials, tmp_path):
    with pytest.raises(TypesettingError, match="there is no folder here"):
        certificate(credentials["ada"], at=NOW, fonts=[tmp_path / "nowhere"])


def test_without_a_name_nothing_stands_in_its_place(credentials):
    text = text_of(certificate(credentials["nameless"], at=NOW))
    assert "awards to" not in text
    assert "Process Control Certificate" in text


def test_a_credential_that_is_not_in_order_has_no_certificate(credentials):
    changed = credentials["ada"].replace(b"84.25", b"94.25")
    with pytest.raises(CertificateError, match="not in order"):
        certificate(changed, at=NOW)
    with pytest.raises(CertificateError, match="https"):
        certificate(credentials["ada"], at=NOW, address="http://example.org/")
