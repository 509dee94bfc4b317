"""``course.toml`` means what it says, or is refused with the file, the key, what was expected and what was found."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from authoring.course import Course, LateRule
from authoring.course_file import load_course, parse_course
from authoring.toml_file import TomlError

DOCUMENT = (Path(__file__).parents[2] / "docs" / "course-toml.md").read_text()
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[0]


def refused(text: str) -> str:
    with pytest.raises(TomlError) as caught:
        parse_course(text)
    return str(caught.value)


def test_the_documented_example_is_a_course(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(EXAMPLE)
    course = load_course(tmp_path)
    assert [assignment.id for assignment in course.assignments] == ["week01-lesson", "week01-problem-set", "final-exam"]
    assert course.pass_mark == Decimal("0.60")
    problem_sets = course.categories[0]
    assert problem_sets.late.rule is LateRule.PER_DAY
    assert problem_sets.late.per_day == Decimal("0.10")


def test_times_are_wall_clock_times_in_the_zone_of_the_course() -> None:
    course = parse_course(EXAMPLE)
    problem_set, exam = course.assignment("week01-problem-set"), course.assignment("final-exam")
    assert course.due_at(problem_set) == datetime(2026, 9, 22, 16, 0, tzinfo=UTC)
    assert course.due_at(exam) == datetime(2026, 11, 9, 4, 59, tzinfo=UTC)  # the clocks have gone back
    assert course.released_at(exam) == datetime(2026, 11, 2, 17, 0, tzinfo=UTC)  # with its week
    assert course.released_at(problem_set) == datetime(2026, 9, 15, 16, 0, tzinfo=UTC)  # its own time


def test_a_whole_number_is_a_fraction_too() -> None:
    assert parse_course(EXAMPLE.replace("pass_mark = 0.60", "pass_mark = 1")).pass_mark == Decimal(1)


def structs(kind: inspect.Type) -> list[inspect.StructType]:
    """The structs that a type is made of."""
    if isinstance(kind, inspect.UnionType):
        return [each for inner in kind.types for each in structs(inner)]
    if isinstance(kind, inspect.VarTupleType):
        return structs(kind.item_type)
    if isinstance(kind, inspect.StructType):
        return [kind, *(each for field in kind.fields for each in structs(field.type))]
    return []


def test_every_key_is_documented() -> None:
    keys = {field.name for struct in structs(inspect.type_info(Course)) for field in struct.fields}
    rows = {
        key for row in re.findall(r"^\| (`[^|]*) \|", DOCUMENT, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    }
    assert rows == keys


def test_every_default_is_documented_as_it_is() -> None:
    limits = inspect.type_info(Course.__annotations__["limits"])
    assert isinstance(limits, inspect.StructType)
    for field in limits.fields:
        assert f"| `{field.name}` | `{field.default}` |" in DOCUMENT


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param(
            "due = 2026-09-22T12:00:00",
            "duo = 2026-09-22T12:00:00",
            'course.toml: `weeks[number = 1].assignments[id = "week01-problem-set"].duo`: '
            "there is no such key (did you mean `due`?)",
            id="unknown key with a near one",
        ),
        pytest.param(
            "pass_mark = 0.60",
            "xyz = 0.60",
            "course.toml: `xyz`: there is no such key (known are `pass_mark`, `items`)",
            id="unknown key with none near",
        ),
        pytest.param(
            'title = "Manufacturing Process Control"\n',
            "",
            "course.toml: `title`: the key is missing; text was expected",
            id="missing key",
        ),
        pytest.param(
            "due = 2026-09-22T12:00:00",
            'due = "Tuesday"',
            '`weeks[number = 1].assignments[id = "week01-problem-set"].due`: a local date and time such as '
            '2026-09-07T09:00:00 was expected, and the text "Tuesday" was found',
            id="another type",
        ),
        pytest.param(
            "due = 2026-09-22T12:00:00",
            "due = 2026-09-22T12:00:00Z",
            "was expected, and 2026-09-22T12:00:00+00:00 (with an offset of its own) was found",
            id="an offset",
        ),
        pytest.param(
            "due = 2026-09-22T12:00:00", "due = 2026-09-22", "and 2026-09-22 (without a time) was found", id="date"
        ),
        pytest.param(
            'kind = "lesson"',
            'kind = "lecture"',
            'one of "lesson", "concept-check", "practice", "problem-set", "exam" was expected, and the text "lecture"',
            id="enumeration",
        ),
        pytest.param(
            "attempts = 3", "attempts = 0", "a whole number of at least 1 was expected, and 0 was found", id="0"
        ),
        pytest.param("attempts = 3", "attempts = 2.5", "a whole number of at least 1 was expected, and 2.5", id="2.5"),
        pytest.param(
            "attempts = 3", "attempts = true", "a whole number of at least 1 was expected, and true", id="true"
        ),
        pytest.param("points = 18", "points = -18", ".points`: a number of at least 0 was expected, and -18", id="-18"),
        pytest.param("points = 18", "points = nan", ".points`: a number was expected, and NaN was found", id="nan"),
        pytest.param(
            "pass_mark = 0.60", "pass_mark = 60", "`pass_mark`: a fraction from 0 to 1 was expected, and 60", id="60"
        ),
        pytest.param(
            "weight = 0.50",
            "weight = -0.50",
            '`categories[id = "problem-sets"].weight`: a fraction from 0 to 1 was expected, and -0.50 was found',
            id="negative weight",
        ),
        pytest.param(
            'time_zone = "America/New_York"',
            'time_zone = "America/NewYork"',
            '`time_zone`: no time zone is called "America/NewYork" (did you mean `America/New_York`?)',
            id="time zone",
        ),
        pytest.param(
            '"America/New_York"', '"../etc/passwd"', '`time_zone`: no time zone is called "../etc', id="evil zone"
        ),
        pytest.param('"America/New_York"', '""', '`time_zone`: no time zone is called ""', id="empty zone"),
        pytest.param('"America/New_York"', '"America"', '`time_zone`: no time zone is called "America"', id="a folder"),
        pytest.param(
            "starts = 2026-09-14",
            "starts = 2026-11-09",
            "`ends`: the run ends on 2026-11-08, before it",
            id="backwards",
        ),
        pytest.param(
            'id = "week01-lesson"',
            'id = "week01-problem-set"',
            '`weeks.assignments[id = "week01-problem-set"]`: 2 entries have this id; give each its own',
            id="doubled assignment",
        ),
        pytest.param("number = 8", "number = 1", "`weeks[number = 1]`: 2 entries have this number", id="doubled week"),
        pytest.param(
            'id = "final-exam"\ntitle = "Proctored final exam"\nweight',
            'id = "problem-sets"\ntitle = "Proctored final exam"\nweight',
            '`categories[id = "problem-sets"]`: 2 entries have this id',
            id="doubled category",
        ),
        pytest.param('id = "week01-lesson"', 'id = "../week01"', "an id is made of small letters", id="escaping id"),
        pytest.param('id = "mpc"', 'id = "MPC"', "`id`: an id is made of small letters, digits", id="capital id"),
        pytest.param(
            'category = "problem-sets"',
            'category = "problem-set"',
            'there is no category with the id "problem-set" (did you mean `problem-sets`?)',
            id="no such category",
        ),
        pytest.param(
            'blueprint = "exam/final.toml"',
            "",
            '[id = "final-exam"].blueprint`: the key is missing; an exam needs the path of its blueprint',
            id="no blueprint",
        ),
        pytest.param(
            'blueprint = "exam/final.toml"',
            'blueprint = "../final.toml"',
            '.blueprint`: a path below the course\'s folder was expected, and the text "../final.toml" was found',
            id="escaping blueprint",
        ),
        pytest.param(
            "attempts = 3",
            'blueprint = "exam/x.toml"',
            'an assignment of kind "problem-set" has no blueprint',
            id="blueprint of a problem set",
        ),
        pytest.param(
            "per_day = 0.10, ", "", '`categories[id = "problem-sets"].late.per_day`: the rule "per-day"', id="late"
        ),
        pytest.param('rule = "per-day"', 'rule = "none"', 'the rule "none" knows no fraction per day', id="late none"),
        pytest.param(
            "schema = 1", "schema = 2", "`schema`: the file has format 2, which is newer than 1; update", id="new"
        ),
        pytest.param("schema = 1", "schema = 0", "`schema`: the file has format 0, which is no longer read", id="old"),
        pytest.param("schema = 1", "", "`schema`: the key is missing; write `schema = 1` at the top", id="no schema"),
        pytest.param(
            "[limits]", "[limits", "course.toml, line 14, column 8: the file is not TOML: Expected", id="syntax"
        ),
    ],
)
def test_a_fault_is_told_in_one_sentence(before: str, after: str, message: str) -> None:
    assert before in EXAMPLE
    said = refused(EXAMPLE.replace(before, after, 1))
    assert message in said
    assert said.startswith("course.toml")
    assert "\n" not in said


def test_an_entry_without_an_id_is_named_by_its_position() -> None:
    without = EXAMPLE.replace('id = "week01-problem-set"\n', "")
    assert (
        refused(without) == "course.toml: `weeks[number = 1].assignments[#2].id`: the key is missing; text was expected"
    )


def test_the_loader_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(TomlError, match=r"course\.toml: the file cannot be read \(No such file"):
        load_course(tmp_path)
    (tmp_path / "course.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(TomlError, match=r"course\.toml: the file is not text in UTF-8 \(byte 10\)"):
        load_course(tmp_path)


def test_facts_are_fields_of_the_error() -> None:
    with pytest.raises(TomlError) as caught:
        parse_course(EXAMPLE.replace("pass_mark = 0.60", "pass_mark = 6"))
    assert (caught.value.file, caught.value.key) == ("course.toml", "pass_mark")


def test_a_course_is_frozen() -> None:
    course = parse_course(EXAMPLE)
    with pytest.raises(AttributeError):
        course.title = "Another"  # type: ignore[misc]
    assert msgspec.structs.replace(course, title="Another") != course
