"""Files that mean harm: none is believed, none costs much, and nothing is written outside the topic's folder."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from exam_bank.interchange import safe_tar, safe_zip
from exam_bank.interchange.exchanged import Draft, LeftOut, Refused
from exam_bank.interchange.formats import FORMATS, format_of
from exam_bank.interchange.from_html import from_html, from_text
from exam_bank.interchange.importing import import_items
from exam_bank.interchange.safe_xml import parse_xml
from exam_bank.strict import SourceError

pytestmark = pytest.mark.integration  # it takes long

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML = {
    "billion laughs": (f'<!DOCTYPE quiz [<!ENTITY l0 "ha">{LAUGHS}]><quiz>&l9;</quiz>', "document type"),
    "quadratic blow-up": (f'<!DOCTYPE q [<!ENTITY a "{"a" * 5000}">]><q>{"&a;" * 500}</q>', "document type"),
    "external entity": ('<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><q>&x;</q>', "document type"),
    "parameter entity": ('<!DOCTYPE q [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><q/>', "document type"),
    "external document type": ('<!DOCTYPE quiz SYSTEM "http://127.0.0.1/quiz.dtd"><quiz/>', "document type"),
    "document type in small letters": ("<!doctype quiz><quiz/>", "document type"),
    "an entity that nobody declared": ("<quiz>&nbsp;</quiz>", "not XML"),
    "deep nesting": ("<a>" * 150 + "</a>" * 150, "deep"),
    "very deep nesting": ("<a>" * 50_000, "deeper"),
    "a huge attribute": (f'<quiz a="{"x" * 20_000}"/>', "attribute"),
    "a huge text": (f"<quiz>{'x' * 200_000}</quiz>", "characters"),
    "not closed": ("<quiz><question>", "not XML"),
    "an unknown encoding": ('<?xml version="1.0" encoding="utf-7"?><quiz/>', "encoding"),
}


@pytest.mark.parametrize("name", XML)
def test_hostile_xml_is_refused(name: str) -> None:
    text, said = XML[name]
    with pytest.raises(SourceError, match=said):
        parse_xml(text.encode(), file="a file")


def test_an_option_of_ten_megabytes_is_refused() -> None:
    with pytest.raises(SourceError, match="longer"):
        parse_xml(b"<quiz><text>" + b"x" * 10_000_000 + b"</text></quiz>", file="a file")


def test_many_elements_are_refused() -> None:
    with pytest.raises(SourceError, match="elements"):
        parse_xml(b"<q>" + b"<a/>" * 200_001 + b"</q>", file="a file")


def test_a_document_type_behind_utf_16_is_seen() -> None:
    with pytest.raises(SourceError, match="document type"):
        parse_xml('<!DOCTYPE q [<!ENTITY a "b">]><q>&a;</q>'.encode("utf-16"), file="a file")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_honest_encodings_are_read(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig").upper()}"?>'
    assert parse_xml(f"{declared}<q>µ</q>".encode(encoding), file="a file").text == "µ"


def test_latin_1_is_read_as_it_is_declared() -> None:
    assert parse_xml('<?xml version="1.0" encoding="ISO-8859-1"?><q>µ</q>'.encode("latin-1"), file="x").text == "µ"


@pytest.mark.parametrize("data", [b"<q>\x00</q>", b"<q>\xff\xfe\xfd</q>", "<q/>".encode("utf-16-le"), b"\x00" * 50])
def test_wrong_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError):
        parse_xml(data, file="a file")


def test_the_words_of_a_document_type_may_stand_in_text() -> None:
    assert parse_xml(b"<q><![CDATA[<!DOCTYPE html>]]></q>", file="a file").text == "<!DOCTYPE html>"


# ---- archives


def zipped(name: str, data: bytes = b"x", *, mode: int = 0, times: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            info = zipfile.ZipInfo(name if times == 1 else f"{name}{number}")
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return out.getvalue()


ARCHIVES = {
    "up and out": (zipped("../../evil.md"), "leads out"),
    "up in the middle": (zipped("a/../../evil.md"), "leads out"),
    "absolute": (zipped("/etc/cron.d/evil"), "leads out"),
    "another drive": (zipped("C:\\evil.md"), "leads out"),
    "backslashes": (zipped("..\\evil.md"), "leads out"),
    "a link": (zipped("imsmanifest.xml", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "link"),
    "a device": (zipped("imsmanifest.xml", mode=stat.S_IFCHR | 0o666), "link or a device"),
    "a bomb": (zipped("imsmanifest.xml", b"0" * 20_000_000), "times its size"),
    "many files": (zipped("f", times=2_001), "more than"),
    "no zip": (b"PK\x03\x04 and then nothing", "not a zip"),
    "a name of controls": (zipped("a\x1bb.xml"), "not one that people use"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archives_are_refused(name: str) -> None:
    data, said = ARCHIVES[name]
    with pytest.raises(SourceError, match=said):
        safe_zip.Archive(data, file="a file")


def test_a_member_that_is_larger_than_it_says_is_refused() -> None:
    data = zipped("imsmanifest.xml", b"0123456789" * 1000)
    lying = data.replace((10_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(SourceError):
        safe_zip.Archive(lying, file="a file").read("imsmanifest.xml")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", "one")
        archive.writestr("a.xml", "another")
    with pytest.raises(SourceError, match="twice"):
        safe_zip.Archive(out.getvalue(), file="a file")


def tarred(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        archive.addfile(info, io.BytesIO(b""))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tarred("../evil.xml"), "leads out"),
        (tarred("/etc/evil.xml"), "leads out"),
        (tarred("a.xml", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (tarred("a.xml", tarfile.LNKTYPE, "/etc/passwd"), "link"),
        (tarred("a.xml", tarfile.FIFOTYPE), "link or a device"),
        (b"\x1f\x8b and then nothing", "not a tar.gz"),
    ],
    ids=["up", "absolute", "symbolic link", "hard link", "pipe", "no tar"],
)
def test_hostile_tar_files_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        safe_tar.members(data, file="a file")


def test_a_tar_bomb_is_refused() -> None:
    import gzip

    with pytest.raises(SourceError, match="MiB"):
        safe_tar.members(gzip.compress(b"0" * (safe_zip.MAX_TOTAL + 10)), file="a file")


def test_a_manifest_cannot_name_a_file_outside_the_package() -> None:
    manifest = (
        '<manifest><resources><resource type="imsqti_item_xmlv3p0" href="../../../etc/passwd"/></resources></manifest>'
    )
    (left,) = FORMATS["qti"].read(zipped("imsmanifest.xml", manifest.encode()), file="a file")
    assert isinstance(left, LeftOut)
    assert "not in the package" in left.reason


# ---- texts


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("a<script>alert(1)</script>b", "ab"),
        ("<style>p{}</style>a<!-- hidden -->b", "ab"),
        ('<p onclick="evil()">a <a href="javascript:evil()">link</a></p>', "a link"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", r"\<script\>alert(1)\</script\>"),
        ("{{ secret }} and {{7*7}}", r"{\{ secret }} and {\{7\*7}}"),
        ("[[blank]]", r"\[\[blank\]\]"),
        ("<code>{{ n }} [[b]]</code>", "`{ { n }} [ [b]]`"),
        (r"\({{ n }}\)", "${ { n }}$"),
        ("# no heading\n## Solution", "# no heading ## Solution".replace("# no", r"\# no")),
        ("a\x00b\x1b[31m\u202ec", "ab\\[31mc"),
    ],
)
def test_texts_become_harmless_markdown(html: str, markdown: str) -> None:
    assert from_html(html if "<" in html or "&" in html else f"<p>{html}</p>") == markdown


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1/pixel.png">',
        '<p>a<img src="data:image/png;base64,AAAA"></p>',
        "<video src='x'></video>",
        "<svg><script>evil()</script></svg>",
        "<iframe src='http://127.0.0.1/'>a</iframe>",
        "<object data='a.swf'><p>a</p></object>",
        "<math><mi>x</mi></math>",
        "<b>" * 70 + "x",
        "x" * 200_000,
    ],
)
def test_what_cannot_be_carried_refuses_the_question(html: str) -> None:
    with pytest.raises(Refused):
        from_html(html)


def test_a_section_cannot_be_smuggled_into_an_item() -> None:
    assert "\n## " not in "\n" + from_text("a\n\n## Variant\n\n```python\nimport os\n```")


# ---- whole imports

MOODLE = (
    '<quiz><question type="multichoice"><name><text>{name}</text></name><questiontext format="html"><text>{stem}</text>'
    '</questiontext><single>true</single><answer fraction="100"><text>yes</text></answer>'
    '<answer fraction="0"><text>no</text></answer></question></quiz>'
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "course" / "items").mkdir(parents=True)
    return tmp_path / "course"


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "..", "con\\x", "\u202eevil", "x" * 5000])
def test_a_name_never_leads_out_of_the_topic(course: Path, name: str) -> None:
    file = course.parent / "quiz.xml"
    file.write_text(MOODLE.format(name=name, stem="Which?"))
    (written,) = import_items(file, course, topic="new").written
    assert (course / written.file).parent == course / "items" / "new"
    assert [path.parent.name for path in course.parent.rglob("*.md")] == ["new"]


@pytest.mark.parametrize("topic", ["../evil", "a/b", "", "Capital", ".hidden"])
def test_a_topic_is_a_name(course: Path, topic: str) -> None:
    file = course.parent / "quiz.xml"
    file.write_text(MOODLE.format(name="Mine", stem="Which?"))
    with pytest.raises(SourceError, match="may hold a-z"):
        import_items(file, course, topic=topic)
    assert not list(course.parent.rglob("*.md"))


def test_an_item_that_is_there_is_never_touched(course: Path) -> None:
    file = course.parent / "quiz.xml"
    file.write_text(MOODLE.format(name="Mine", stem="Which?"))
    (course / "items" / "new").mkdir()
    mine = course / "items" / "new" / "mine.md"
    mine.write_text("mine")
    result = import_items(file, course, topic="new")
    assert mine.read_text() == "mine"
    assert not result.written
    assert "there already" in result.left[0].reason
    assert [path.name for path in mine.parent.iterdir()] == ["mine.md"]


def test_yaml_in_a_title_stays_a_title(course: Path) -> None:
    file = course.parent / "quiz.xml"
    file.write_text(MOODLE.format(name="a: !!python/object/apply:os.system [x]\nstatus: operational", stem="Which?"))
    (written,) = import_items(file, course, topic="new").written
    text = (course / written.file).read_text()
    assert "status: draft" in text
    assert "\nstatus: operational" not in text


@pytest.mark.parametrize("data", [b"", b"   \n", b"\x00\x01\x02", b"<html></html>", b"just words"])
def test_what_is_no_format_is_said(course: Path, data: bytes) -> None:
    file = course.parent / "file"
    file.write_bytes(data)
    with pytest.raises(SourceError):
        import_items(file, course, topic="new")


@pytest.mark.parametrize("form", FORMATS)
def test_noise_is_an_error_or_left_out_and_no_crash(form: str) -> None:
    for data in (
        b"{{{{",
        b"::a::b{=c",
        b"ANSWER: A",
        b"<quiz><question type='x'/></quiz>",
        b"<problem/>",
        b"\xff\xfe<",
    ):
        try:
            found = list(FORMATS[form].read(data, file="a file"))
        except SourceError:
            continue
        assert not any(isinstance(each, Draft) for each in found)
        try:
            format_of(data, file="a file")
        except SourceError:
            continue


# ---- what would take long


@pytest.mark.parametrize(
    "text",
    [r"\(" * 45_000, r"\[x" * 30_000, "$$" * 45_001, "&" * 90_000, "[[" * 45_000, "{{" * 45_000, "#\n" * 45_000],
    ids=["inline maths", "display maths", "dollars", "entities", "blanks", "templates", "headings"],
)
def test_a_text_costs_no_more_than_its_length(text: str) -> None:
    assert from_text(text)


def test_open_comments_cost_no_more_than_their_length() -> None:
    with pytest.raises(SourceError):
        parse_xml(b"<q>" + b"<!--" * 1_000_000 + b"</q>", file="a file")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("<setOutcomeValue identifier='SCORE'><sum>" + "<null/>" * 7_000 + "</sum></setOutcomeValue>", "larger than"),
        ("<setOutcomeValue identifier='SCORE'>" + "<not>" * 60 + "</not>" * 60 + "</setOutcomeValue>", "deep"),
        (
            "<setOutcomeValue identifier='SCORE'><product>"
            + "<baseValue baseType='float'>1e99</baseValue>" * 2_000
            + "</product></setOutcomeValue>",
            "enormous",
        ),
        ("<setOutcomeValue identifier='SCORE'><match/></setOutcomeValue>", "missing"),
        ("<setOutcomeValue identifier='SCORE'><customOperator/></setOutcomeValue>", "not known"),
        ("<lookupOutcomeValue identifier='SCORE'/>", "not known"),
    ],
    ids=["long", "deep", "enormous", "parts missing", "foreign code", "tables"],
)
def test_response_processing_is_bounded(rules: str, said: str) -> None:
    text = (Path(__file__).parent / "fixtures" / "qti21-match-correct.xml").read_text()
    start = text.index("<responseProcessing")
    item = f"{text[:start]}<responseProcessing>{rules}</responseProcessing></assessmentItem>"
    (left,) = FORMATS["qti"].read(item.encode(), file="a file")
    assert isinstance(left, LeftOut)
    assert said in left.reason
