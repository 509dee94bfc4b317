"""Files as other systems and people write them: what is read, what is left out, and what both say."""

from decimal import Decimal
from pathlib import Path

import pytest

from exam_bank.check import check_item
from exam_bank.interchange.exchanged import Draft, LeftOut
from exam_bank.interchange.formats import FORMATS, format_of
from exam_bank.interchange.importing import item_from
from exam_bank.item import Case, FillIn, Item, Matching, MultipleChoice, Numeric, SingleChoice, Status, Tolerance
from tests.exam_bank.interchange.kinds import earned

FIXTURES = Path(__file__).parent / "fixtures"
FORM = {
    "canvas.xml": "canvas",
    "moodle.xml": "moodle",
    "olx.xml": "olx",
    "qti21-match-correct.xml": "qti",
    "qti21-rules.xml": "qti",
    "qti22-equal.xml": "qti",
    "qti22-map-response.xml": "qti",
    "questions.gift": "gift",
    "questions.txt": "aiken",
}


def read(name: str) -> tuple[dict[str, Item], dict[str, str]]:
    """The items of a fixture by title, and the reasons for what is left out, by what they are called."""
    items, left = {}, {}
    for each in FORMATS[FORM[name]].read((FIXTURES / name).read_bytes(), file=name):
        if isinstance(each, LeftOut):
            left[each.question] = each.reason
        else:
            assert isinstance(each, Draft)
            items[each.title] = item_from(each, topic="new", item_id="x")
    return items, left


@pytest.mark.parametrize("name", FORM)
def test_a_file_tells_what_it_is(name: str) -> None:
    assert format_of((FIXTURES / name).read_bytes(), file=name).name == FORM[name]


@pytest.mark.parametrize("name", FORM)
def test_what_is_read_is_a_draft_that_passes_the_check(name: str) -> None:
    items, _ = read(name)
    for item in items.values():
        assert item.status is Status.DRAFT
        assert not list(check_item(item))


def test_moodle() -> None:
    items, left = read("moodle.xml")
    choice = items["Flatness of a plate"]
    assert choice.stem == "A plate is flat to $t = 0.02$ mm.\\\nWhich statement follows?"
    assert choice.points == 2
    assert choice.solution == "The zone lies between **two** planes."
    assert isinstance(choice.question, SingleChoice)
    assert [option.correct for option in choice.question.options] == [True, False]
    assert choice.question.options[1].feedback == "That is its size."
    zero = items["Zero"].question
    assert isinstance(zero, SingleChoice)
    assert [(option.id, option.correct) for option in zero.options] == [("true", False), ("false", True)]
    assert not zero.shuffle
    mean = items["Mean of three"]
    assert isinstance(mean.question, Numeric)
    assert (mean.question.answer, mean.question.unit) == ("2.5", "mm")
    assert mean.question.tolerance == Tolerance(absolute=Decimal("0.05"))
    assert mean.question.feedback == "Add, then divide by three."
    charts = items["Charts"]
    assert charts.stem == "The first chart is for [[blank-1]], the second for [[blank-2]]."
    assert isinstance(charts.question, FillIn)
    assert charts.question.blanks[0].accept == ("ranges",)  # what is wrong earns nothing and is no form
    assert charts.points == 2
    assert list(left) == ["question 2, 'Partly right'", "question 6, 'Drawn'", "question 7, 'A picture'"]
    assert "0.5 of the points" in left["question 2, 'Partly right'"]


def test_gift() -> None:
    items, left = read("questions.gift")
    least = items["Least count"].question
    assert isinstance(least, SingleChoice)
    assert [option.correct for option in least.options] == [False, True, False]
    assert least.options[0].feedback == "That is ten lines."
    true = items["Repeatability is the scatter of one operator."].question
    assert isinstance(true, SingleChoice)
    assert [option.feedback for option in true.options] == ["Yes, of one operator with one gauge.", "It is."]
    errors = items["Which are errors of the gauge: tick all"]
    assert isinstance(errors.question, MultipleChoice)
    assert errors.question.scoring == "right-minus-wrong"
    assert errors.stem == "Tick what belongs to the **gauge**."
    assert errors.solution == "Parallax belongs to the reader."
    number, span = items["The standard deviation of 2, 4 and 6 is"], items["Range"]
    assert isinstance(number.question, Numeric)
    assert isinstance(span.question, Numeric)
    assert (Decimal(span.question.answer), span.question.tolerance.absolute) == (2, Decimal("0.5"))
    letter = items["The letter for the mean is"]
    assert letter.stem == "The letter for the mean is [[answer]] in Greek."
    match = items["Match."].question
    assert isinstance(match, Matching)
    assert [(pair.left, pair.right) for pair in match.pairs] == [("a = 1", "one"), ("b", "two"), ("c", "three")]
    assert items["Ways"].stem == "Write about {braces}."
    assert list(left) == ["question 6 (line 23)", "question 10 (line 35)", "question 11 (line 37)"]


def test_aiken() -> None:
    items, left = read("questions.txt")
    angle, meaning = items.values()
    assert isinstance(angle.question, SingleChoice)
    assert [option.correct for option in angle.question.options] == [True, False, False]
    assert meaning.stem == r"What does 2 \* 3 \_mean\_ here?"
    assert isinstance(meaning.question, SingleChoice)
    assert meaning.question.options[1].correct
    assert list(left) == ["question 3 (line 12)"]


def test_two_right_sides_that_are_the_same_are_refused() -> None:
    rows = "".join(
        f"<subquestion><text>{left}</text><answer><text>same</text></answer></subquestion>" for left in ("a", "b")
    )
    quiz = f'<quiz><question type="matching"><questiontext><text>Match.</text></questiontext>{rows}</question></quiz>'
    (left,) = FORMATS["moodle"].read(quiz.encode(), file="a file")
    assert isinstance(left, LeftOut)
    assert "each left side has its own" in left.reason


def test_qti_2_1_with_a_template() -> None:
    (item,) = read("qti21-match-correct.xml")[0].values()
    assert item.stem == "The part rests on three points.\n\nWhich datum is that?"
    assert isinstance(item.question, SingleChoice)
    assert [(option.id, option.correct) for option in item.question.options] == [
        ("choicea", False),
        ("choiceb", True),
        ("choicec", False),
    ]
    assert item.question.options[0].feedback == "One point."
    assert item.question.options[1].text == "the first, *A*"


def test_rubrics_for_learners_belong_to_the_question_and_others_do_not() -> None:
    text = (FIXTURES / "qti21-match-correct.xml").read_text()
    blocks = '<rubricBlock view="candidate"><p>Use a table.</p></rubricBlock>'
    blocks += '<rubricBlock view="scorer"><p>It is B.</p></rubricBlock>'
    (draft,) = FORMATS["qti"].read(text.replace("<itemBody>", f"<itemBody>{blocks}").encode(), file="a file")
    assert isinstance(draft, Draft)
    assert draft.stem == "Use a table.\n\nThe part rests on three points.\n\nWhich datum is that?"


def test_a_mapping_of_qti_2_2_is_the_rule_that_it_amounts_to() -> None:
    (item,) = read("qti22-map-response.xml")[0].values()
    assert isinstance(item.question, MultipleChoice)
    assert item.question.scoring == "right-minus-wrong"
    assert item.points == 2


def test_rules_of_qti_2_1_are_followed() -> None:
    (item,) = read("qti21-rules.xml")[0].values()
    assert isinstance(item.question, FillIn)
    lead, unit = item.question.blanks
    assert (lead.accept, lead.case) == (("lead", "the lead"), Case.IGNORE)
    assert (unit.accept, unit.case) == (("mm",), Case.EXACT)
    assert item.stem == f"One turn moves a nut by the [[{lead.id}]], in [[{unit.id}]]."
    assert item.question.scoring == "number-right"
    assert item.points == 3
    assert earned(item, [["LEAD", "mm"], ["the lead", "MM"], ["x", "x"]]) == [1, Decimal("0.5"), 0]


def test_a_relative_tolerance_of_qti_2_2() -> None:
    (item,) = read("qti22-equal.xml")[0].values()
    assert isinstance(item.question, Numeric)
    assert item.question.tolerance == Tolerance(absolute=Decimal("0.005"))
    assert item.points == 3


def test_canvas() -> None:
    items, left = read("canvas.xml")
    plug = items["Question"]
    assert plug.stem == r"A plug gauge has two ends. Which one is $d \ge D$?"
    assert plug.points == 2
    assert isinstance(plug.question, SingleChoice)
    assert [option.feedback for option in plug.question.options] == ["That end goes in.", ""]
    errors = items["Errors"].question
    assert isinstance(errors, MultipleChoice)
    assert errors.scoring == "right-minus-wrong"
    assert [option.correct for option in errors.options] == [True, False, True]
    assert items["Blanks"].stem == "Holes are [[h]], shafts [[s]]."
    assert list(left) == ["question 4, 'Precise'", "question 5, 'Upload'"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('<response_label ident="31">', '<response_label ident="31" scoring_algorithm="TextRegex">'), "New Quizzes"),
        (("50.00", "30.00"), "count the same"),
        (("fill_in_multiple_blanks_question", "text_only_question"), "no question"),
        (("[h]", "h"), "[h]"),
    ],
)
def test_blanks_that_canvas_scores_otherwise_are_refused(change: tuple[str, str], said: str) -> None:
    text = (FIXTURES / "canvas.xml").read_text()
    assert change[0] in text
    found = list(FORMATS["canvas"].read(text.replace(*change, 1).encode(), file="a file"))
    assert isinstance(found[2], LeftOut)
    assert said in found[2].reason


def test_open_edx() -> None:
    items, left = read("olx.xml")
    thread = items["Thread"]
    assert thread.points == 2
    assert thread.stem == "Which thread has an angle of 60 degrees?\n\nChoose one."
    assert thread.solution == "Explanation\n\nWhitworth has 55."
    assert isinstance(thread.question, SingleChoice)
    assert thread.question.options[0].feedback == "ISO metric."
    rules = {title: items[title].question.scoring for title in ("Tick", "Halves")}  # type: ignore[union-attr]
    assert rules == {"Tick": "number-right", "Halves": "right-minus-wrong"}  # of three options they are the same
    percent = items["Percent"].question
    assert isinstance(percent, Numeric)
    assert percent.tolerance == Tolerance(absolute=Decimal(5))
    words = items["Words"]
    assert words.stem == "Name the instrument.\n\n[[blank-1]]"
    menus = items["Menus"].question
    assert isinstance(menus, Matching)
    assert [(pair.left, pair.right) for pair in menus.pairs] == [("vernier", "length"), ("sine bar", "angle")]
    assert list(left) == ["problem 7, 'Script'"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('adaptive="false"', 'adaptive="true"'), "adaptive"),
        (("rptemplates/match_correct", "rptemplates/map_response_point"), "map_response_point"),
        (("<value>ChoiceB</value>", ""), "what is right"),
        (("choiceInteraction", "hottextInteraction"), "hottextInteraction"),
        (("<itemBody>", '<templateDeclaration identifier="n" cardinality="single"/><itemBody>'), "template"),
        (("the third", '<img src="a.png" alt=""/>'), "picture"),
        (('identifier="ChoiceC"', 'identifier="ChoiceA"'), "same"),
    ],
)
def test_qti_that_cannot_be_read_is_refused_with_a_reason(change: tuple[str, str], said: str) -> None:
    text = (FIXTURES / "qti21-match-correct.xml").read_text()
    assert change[0] in text
    (left,) = FORMATS["qti"].read(text.replace(*change).encode(), file="a file")
    assert isinstance(left, LeftOut)
    assert said in left.reason


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ('<mapEntry mapKey="wear" mappedValue="2"/>', "none of our rules: for the answer"),
        ('<mapEntry mapKey="wear" mappedValue="1"/><mapEntry mapKey="luck" mappedValue="0.5"/>', "none of our rules"),
        ('<mapEntry mapKey="luck" mappedValue="1"/>', "earns nothing"),
        ('<mapEntry mapKey="wear" mappedValue="much"/>', "should be a number"),
    ],
    ids=["one counts twice", "a wrong one earns something", "the key earns nothing", "no number"],
)
def test_a_mapping_that_is_none_of_our_rules_is_refused(mapped: str, said: str) -> None:
    text = (FIXTURES / "qti22-map-response.xml").read_text()
    text = text.replace('<mapEntry mapKey="wear" mappedValue="1"/>', mapped)
    (left,) = FORMATS["qti"].read(text.encode(), file="a file")
    assert isinstance(left, LeftOut)
    assert said in left.reason


def test_half_open_intervals_are_refused() -> None:
    text = (FIXTURES / "qti22-equal.xml").read_text().replace("<equal ", '<equal includeUpperBound="false" ')
    (left,) = FORMATS["qti"].read(text.encode(), file="a file")
    assert isinstance(left, LeftOut)
    assert "both ends" in left.reason
