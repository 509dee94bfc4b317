"""Scores survive: what goes out scores there as it does here, and comes back the same.

Each supported pair of a format and a type is tried with every answer of a small item, three times: by the engine on the
item, by a stand-in for the other system on the exported file, and by the engine on the item that is read back.
"""

import io
import re
import tarfile
import zipfile
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_bank.interchange.exchanged import Draft
from exam_bank.interchange.formats import FORMATS
from exam_bank.interchange.from_html import from_text, visible_text
from exam_bank.interchange.importing import item_from
from exam_bank.interchange.to_html import to_html
from exam_bank.item import FillIn, Item, Matching, MultipleChoice, Numeric, Ordering, SingleChoice
from exam_bank.item_text import item_text
from tests.exam_bank.interchange.kinds import KINDS, earned, made, positions
from tests.exam_bank.interchange.peers import canvas, edx, moodle, qti3

pytestmark = pytest.mark.integration  # two hundred small tests, a second in all

REFUSED = {
    "qti": {"fill-in, spaces removed"},
    "moodle": {
        "multiple-choice, all-or-nothing",
        "multiple-choice, number-right",
        "numeric, tiny",
        "fill-in, all-or-nothing",
        "fill-in, spaces removed",
        "fill-in, spaces exact",
        "matching, all-or-nothing",
    },
    "olx": {
        "multiple-choice, right-minus-wrong",
        "fill-in, all-or-nothing",
        "fill-in, spaces removed",
        "fill-in, spaces exact",
        "matching, all-or-nothing",
        "ordering, all-or-nothing",
        "ordering, absolute-position",
        "ordering, adjacent-pairs",
        "short-answer",
    },
}
REFUSED["canvas"] = (REFUSED["olx"] | REFUSED["moodle"]) - {
    "multiple-choice, right-minus-wrong",
    "numeric, tiny",
    "short-answer",
}
REFUSED["canvas"] |= {"fill-in, one blank, capitals", "fill-in, number-right"}
REFUSED["gift"] = REFUSED["moodle"] | {name for name in KINDS if name.startswith(("ordering", "fill-in, number"))}
REFUSED["gift"] |= {"fill-in, one blank, capitals"}
REFUSED["aiken"] = {name for name in KINDS if not name.startswith("single-choice")}
KEPT = [(form, name) for form in FORMATS for name in KINDS if name not in REFUSED[form]]
ROUNDED = {
    "olx": Fraction(1, 200),
    "canvas": Fraction(1, 5000),
    "moodle": Fraction(1, 10**6),
    "gift": Fraction(1, 10**6),
}


def read_back(form: str, data: bytes) -> Item:
    (draft,) = FORMATS[form].read(data, file="a file")
    assert isinstance(draft, Draft), draft
    item = item_from(draft, topic="basics", item_id="x")
    assert item_text(item)  # it can be written, and reads back equal
    return item


@pytest.mark.parametrize(("form", "name"), [(form, name) for form in FORMATS for name in sorted(REFUSED[form])])
def test_what_cannot_keep_its_score_stays_with_a_reason(form: str, name: str) -> None:
    _, kept, left = FORMATS[form].write([KINDS[name]])
    assert not kept
    assert len(left[0].reason) > 20
    assert left[0].mend


@pytest.mark.parametrize(("form", "name"), KEPT)
def test_an_item_that_went_out_and_came_back_scores_as_before(form: str, name: str) -> None:
    item = KINDS[name]
    data, _, left = FORMATS[form].write([item])
    assert not left
    again = read_back(form, data)
    assert again.type == item.type
    if form != "aiken":  # it has no place for points
        assert again.points == item.points
    answers = list(positions(item))
    before, after = earned(item, answers), earned(again, answers)
    if item.type != "short-answer":
        assert Fraction(1) in before
        assert Fraction(0) in before
    assert dict(zip(map(str, answers), after, strict=True)) == dict(zip(map(str, answers), before, strict=True))


# ---- what the other systems give

Give = Callable[[Any], float]


def qti(item: Item, data: bytes) -> Give:
    text = zipfile.ZipFile(io.BytesIO(data)).read(f"items/{item.ref}.xml").decode()
    peer, question, points = qti3.Item(text), item.question, float(item.points)

    def give(at: Any) -> float:
        match question:
            case SingleChoice(options=options):
                got = peer.score(RESPONSE=options[at[0]].id)
            case MultipleChoice(options=options):
                got = peer.score(RESPONSE={options[each].id for each in at})
            case Numeric():
                got = peer.score(RESPONSE=float(at))
            case FillIn(blanks=blanks):
                got = peer.score(**{f"RESPONSE_{blank.id}": text for blank, text in zip(blanks, at, strict=True)})
            case Matching(pairs=pairs, distractors=distractors):
                names = [pair.id for pair in pairs] + [each.id for each in distractors]
                chosen = {f"{pairs[one].id}.left {names[to]}.right" for one, to in at.items() if to is not None}
                got = peer.score(RESPONSE=chosen)
            case Ordering(steps=steps):
                got = peer.score(RESPONSE=[steps[each].id for each in at])
        return got / points

    return give


def by_type(peer: Any, item: Item) -> Give:
    match item.question:
        case SingleChoice() | MultipleChoice():
            return peer.choice
        case Numeric():
            return peer.number
        case FillIn(blanks=[_]):
            return lambda at: peer.short(at[0])
        case FillIn():
            return peer.gaps
        case Matching():
            return peer.matching
    return peer.order


def in_moodle(item: Item, data: bytes) -> Give:
    (question,) = moodle.questions(data)
    assert question.points == float(item.points)
    return by_type(question, item)


def in_gift(item: Item, data: bytes) -> Give:
    return by_type(moodle.Gift(data.decode()), item)


def in_canvas(item: Item, data: bytes) -> Give:
    archive = zipfile.ZipFile(io.BytesIO(data))
    name = next(name for name in archive.namelist() if re.fullmatch(r"(i[0-9a-f]{32})/\1\.xml", name))
    (question,) = canvas.items(archive.read(name))
    assert question.points == float(item.points)
    return by_type(question, item)


def in_edx(item: Item, data: bytes) -> Give:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        problem = edx.Problem(archive.extractfile(f"library/problem/{item.topic}.{item.id}.xml").read())
    assert problem.points == float(item.points)
    if isinstance(item.question, Matching):
        texts = [pair.right for pair in item.question.pairs] + [each.text for each in item.question.distractors]
        return lambda at: problem.matching({one: None if to is None else texts[to] for one, to in at.items()})
    return by_type(problem, item)


def in_aiken(item: Item, data: bytes) -> Give:
    key = data.decode().strip().split("ANSWER: ")[1]
    return lambda at: float(chr(65 + at[0]) == key)


PEERS = {"qti": qti, "moodle": in_moodle, "gift": in_gift, "canvas": in_canvas, "olx": in_edx, "aiken": in_aiken}


def typed_as_there(item: Item, answers: list[Any], form: str) -> list[Any]:
    """Without what a page says is different: blanks at the ends of a QTI text count, and there are no units."""
    if form == "qti" and isinstance(item.question, FillIn):
        return [at for at in answers if all(text == text.strip() for text in at)]
    return answers


@pytest.mark.parametrize(("form", "name"), [(form, name) for form, name in KEPT if name != "short-answer"])
def test_the_other_system_gives_what_we_give(form: str, name: str) -> None:
    item = KINDS[name]
    give = PEERS[form](item, FORMATS[form].write([item])[0])
    answers = typed_as_there(item, list(positions(item)), form)
    rounding = Fraction(51, 1_000_000) / Fraction(item.points)  # ours: to four decimals of a point
    for at, ours in zip(answers, earned(item, answers), strict=True):
        assert abs(give(at) - ours) <= rounding + ROUNDED.get(form, 0), at


# ---- items that nobody thought of

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20)


@st.composite
def choices(draw: st.DrawFn) -> Item:
    right = draw(st.lists(st.booleans(), min_size=2, max_size=5).filter(any))
    rule = draw(st.sampled_from(["all-or-nothing", "number-right", "right-minus-wrong"]))
    options = "".join(
        f"  - {{id: o{n}, text: Option {n}, correct: {str(each).lower()}, feedback: ''}}\n"
        for n, each in enumerate(right)
    )
    points = draw(st.integers(1, 400))
    return made(f"type: multiple-choice\nscoring: {rule}\noptions:\n{options}", points=f"{points / 4:g}")


@settings(max_examples=25, deadline=None)
@given(choices())
def test_any_multiple_choice_keeps_its_scores_in_qti(item: Item) -> None:
    data, _, _ = FORMATS["qti"].write([item])
    answers = list(positions(item))
    give, ours, again = qti(item, data), earned(item, answers), earned(read_back("qti", data), answers)
    assert ours == again
    for at, share in zip(answers, ours, strict=True):
        assert give(at) == pytest.approx(float(share), abs=0.000051 / float(item.points))  # ours is rounded


@settings(max_examples=25, deadline=None)
@given(st.decimals("-1e6", "1e6", places=4), st.decimals("0", "50", places=4), st.decimals("-60", "60", places=4))
def test_any_number_keeps_its_scores(answer: Any, room: Any, off: Any) -> None:
    item = made(f"type: numeric\nanswer: '{answer}'\ntolerance: {{absolute: '{room}'}}\n")
    typed = [f"{answer + off}", f"{answer + room}", f"{answer - room}"]
    ours = earned(item, typed)
    for form in ("qti", "moodle", "gift", "canvas", "olx"):
        data, _, _ = FORMATS[form].write([item])
        assert earned(read_back(form, data), typed) == ours
        assert [PEERS[form](item, data)(at) for at in typed] == ours


@settings(max_examples=40, deadline=None)
@given(TEXT.filter(lambda text: text.strip()), st.sampled_from(["qti", "moodle", "gift", "canvas", "olx"]))
def test_any_text_survives_as_it_reads(text: str, form: str) -> None:
    """Shown as a person typed it: neither template nor blank, maths or markup."""
    item = KINDS["numeric, absolute"]
    stem = from_text(f"Say: {text} now?")
    data, _, _ = FORMATS[form].write([msgspec.structs.replace(item, stem=stem)])
    again = read_back(form, data)
    assert visible_text(to_html(again.stem)) == visible_text(to_html(stem)) == " ".join(f"Say: {text} now?".split())
