"""What is inside the files that go out."""

import io
import tarfile
import zipfile
from xml.etree import ElementTree as ET

import msgspec
import pytest

from exam_bank.interchange.exchanged import Draft
from exam_bank.interchange.formats import FORMATS
from tests.exam_bank.interchange.kinds import KINDS

MANIFEST = "{http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1}"
QTI = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
SOME = [
    msgspec.structs.replace(KINDS[name], topic=topic, id=f"{number}-x", title=f"A::B: {{{name}}} & #{number}")
    for topic in ("basics", "charts")
    for number, name in enumerate(["single-choice", "numeric, absolute", "short-answer"], 1)
]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_items_give_the_same_bytes(form: str) -> None:
    assert FORMATS[form].write(SOME)[0] == FORMATS[form].write(SOME)[0]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "aiken"])
def test_titles_and_solutions_come_back(form: str) -> None:
    data, kept, _ = FORMATS[form].write(SOME)
    drafts = [each for each in FORMATS[form].read(data, file="a file") if isinstance(each, Draft)]
    assert [each.title for each in drafts] == [each.item.title for each in kept]
    assert {each.solution for each in drafts} == {"Because $a \\ne b$: {so} = \\~."}


def test_a_qti_package_lists_its_items() -> None:
    archive = zipfile.ZipFile(io.BytesIO(FORMATS["qti"].write(SOME)[0]))
    manifest = ET.fromstring(archive.read("imsmanifest.xml"))
    resources = list(manifest.iter(f"{MANIFEST}resource"))
    assert {each.get("href") for each in resources} == set(archive.namelist()) - {"imsmanifest.xml"}
    assert {each.get("type") for each in resources} == {"imsqti_item_xmlv3p0"}
    names = [each.get("identifier") for each in resources]
    assert len(set(names)) == len(SOME)
    for each in resources:
        item = ET.fromstring(archive.read(each.get("href", "")))
        assert item.tag == f"{QTI}qti-assessment-item"
        assert item.get("identifier") == each.get("identifier")
        declared = {part.get("identifier") for part in item.iter(f"{QTI}qti-outcome-declaration")}
        assert {part.get("identifier") for part in item.iter(f"{QTI}qti-set-outcome-value")} <= declared
        assert {part.get("outcome-identifier") for part in item.iter(f"{QTI}qti-modal-feedback")} <= declared


@pytest.mark.parametrize("name", KINDS)
def test_a_qti_item_uses_only_what_it_declares(name: str) -> None:
    data, kept, _ = FORMATS["qti"].write([KINDS[name]])
    if not kept:
        return
    item = ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("items/basics/x.xml"))
    responses = {each.get("identifier") for each in item.iter(f"{QTI}qti-response-declaration")}
    outcomes = {each.get("identifier") for each in item.iter(f"{QTI}qti-outcome-declaration")}
    asked = {each.get("response-identifier") for each in item.iter() if each.tag.endswith("-interaction")}
    assert asked == responses
    assert {each.get("identifier") for each in item.iter(f"{QTI}qti-variable")} <= responses | outcomes
    order = [each.tag.removeprefix(f"{QTI}qti-") for each in item]
    ranks = ["response-declaration", "outcome-declaration", "item-body", "response-processing", "modal-feedback"]
    assert [ranks.index(each) for each in order] == sorted(ranks.index(each) for each in order)


def test_a_canvas_zip_is_as_canvas_packs_a_quiz() -> None:
    archive = zipfile.ZipFile(io.BytesIO(FORMATS["canvas"].write(SOME)[0]))
    manifest, quiz, meta = archive.namelist()
    name = quiz.split("/")[0]
    assert (manifest, quiz, meta) == ("imsmanifest.xml", f"{name}/{name}.xml", f"{name}/assessment_meta.xml")
    listed = archive.read("imsmanifest.xml").decode()
    assert f'href="{quiz}"' in listed
    assert f'href="{meta}"' in listed
    assert "<points_possible>16</points_possible>" in archive.read(meta).decode()


def test_an_open_edx_library_points_to_its_problems() -> None:
    with tarfile.open(fileobj=io.BytesIO(FORMATS["olx"].write(SOME)[0])) as archive:
        names = archive.getnames()
        library = ET.fromstring(archive.extractfile("library/library.xml").read())  # type: ignore[union-attr]
    pointers = [f"library/problem/{each.get('url_name')}.xml" for each in library]
    assert pointers == [name for name in names if name.startswith("library/problem/")]
