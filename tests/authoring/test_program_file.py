from decimal import Decimal
from pathlib import Path

import pytest

from authoring.errors import CoursewrightError
from authoring.program import AchievementType, AllOf, AnyOf, CoursePass, ExamPass, NOf
from authoring.program_file import parse_program, read_program

PROGRAMS = Path(__file__).parents[2] / "courses" / "programs"

KINDS = '"all-of", "n-of", "any-of", "course", "exam", "course-and-exam", "unknown"'

HEAD = """
schema = 1
id = "p"
title = "P"
description = "d"
achievement_type = "MicroCredential"
criteria = "c"
"""


def program_with(requirement: str, head: str = HEAD):
    return parse_program(f"{head}[requirement]\n{requirement}", name="p.toml")


def mistake(requirement: str, head: str = HEAD) -> str:
    with pytest.raises(CoursewrightError) as caught:
        program_with(requirement, head)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_sample_program_needs_the_course_and_its_proctored_final():
    program = read_program(PROGRAMS / "process-control.toml")
    assert program.title == "Process Control Certificate"
    assert program.requirement == AllOf(
        of=(
            CoursePass(course="mpc", title="Manufacturing Process Control"),
            ExamPass(
                course="mpc",
                exam="final-exam",
                minimum_score=Decimal("0.60"),
                title="Final exam of Manufacturing Process Control",
            ),
        )
    )


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_program_that_ships_can_be_read(path):
    assert read_program(path).id == path.stem


def test_requirements_nest():
    program = program_with(
        """
        kind = "all-of"
        [[requirement.of]]
        kind = "n-of"
        n = 2
        of = [{ kind = "course", course = "a" }, { kind = "course", course = "b", minimum_grade = 0.7 },
              { kind = "course", course = "c" }]
        [[requirement.of]]
        kind = "any-of"
        of = [{ kind = "exam", course = "a", exam = "x", minimum_score = 0.5 }]
        """
    )
    assert isinstance(program.requirement, AllOf)
    two, any_of = program.requirement.of
    assert isinstance(two, NOf)
    assert two.n == 2
    assert two.of[1] == CoursePass(course="b", minimum_grade=Decimal("0.7"))
    assert isinstance(any_of, AnyOf)


def test_a_fraction_is_read_exactly_as_it_is_written():
    program = program_with('kind = "exam"\ncourse = "a"\nexam = "x"\nminimum_score = 0.59999999999999999999')
    assert isinstance(program.requirement, ExamPass)
    assert program.requirement.minimum_score == Decimal("0.59999999999999999999")


@pytest.mark.parametrize("kind", ["all-of", "any-of"])
def test_a_program_with_no_requirements_is_an_error(kind):
    assert mistake(f'kind = "{kind}"\nof = []') == (
        "p.toml: `requirement.of`: the list is empty, and a program with no requirements would be met by everybody; "
        "list some"
    )


def test_a_program_without_a_requirement_at_all_is_an_error():
    with pytest.raises(CoursewrightError, match=r"^p.toml: `requirement`: the key is missing; a table was expected$"):
        parse_program(HEAD, name="p.toml")


def test_an_empty_list_deep_inside_is_found_too():
    nested = '{ kind = "course", course = "a" }, { kind = "any-of", of = [] }'
    assert mistake(f'kind = "all-of"\nof = [{nested}]').startswith("p.toml: `requirement.of[#2].of`: the list is empty")


@pytest.mark.parametrize("n", [0, 3, -1])
def test_n_of_needs_a_number_that_can_be_had_and_is_not_nothing(n):
    two = '{ kind = "course", course = "a" }, { kind = "course", course = "b" }'
    assert mistake(f'kind = "n-of"\nn = {n}\nof = [{two}]') == (
        f"p.toml: `requirement.n`: 1 to 2 was expected, the number of requirements, and {n} was found"
    )


def test_the_same_requirement_twice_is_an_error():
    one = '{ kind = "course", course = "a" }'
    assert "`requirement.of[#2]`: it asks for the same" in mistake(f'kind = "n-of"\nn = 2\nof = [{one}, {one}]')


@pytest.mark.parametrize("score", ["0.0", "1.01", "-0.5", "60"])
def test_a_minimum_is_a_fraction(score):
    message = mistake(f'kind = "exam"\ncourse = "a"\nexam = "x"\nminimum_score = {score}')
    assert message.startswith("p.toml: `requirement.minimum_score`: a fraction above 0 and at most 1 was expected")


@pytest.mark.parametrize(
    ("requirement", "key", "problem"),
    [
        ('kind = "course"\ncuorse = "a"', "cuorse", "there is no such key (did you mean `course`?)"),
        ('kind = "exam"\ncourse = "a"', "exam", "the key is missing; text was expected"),
        (
            'kind = "exam"\ncourse = "a"\nexam = "x"\nvalid_years = 5',
            "valid_courses",
            "the key is missing; `valid_courses` and `valid_years` go together",
        ),
        (
            'kind = "exam"\ncourse = "a"\nexam = "x"\nvalid_years = 0\nvalid_courses = ["b"]',
            "valid_years",
            "a whole number of at least 1 was expected, and 0 was found",
        ),
        (
            'kind = "all-of"\nof = [{ kind = "course", course = 7 }]',
            "of[#1].course",
            "text was expected, and 7 was found",
        ),
        (
            'kind = "some-of"\nof = []',
            "kind",
            f'the text "some-of" was found; one of {KINDS} was expected',
        ),
        (
            "of = []",
            "kind",
            f"the key is missing; one of {KINDS} was expected",
        ),
        ('kind = "all-of"\nof = ["mpc"]', "of[#1]", 'a table was expected, and the text "mpc" was found'),
        (
            'kind = "course"\ncourse = "a"\nzzz = 1',
            "zzz",
            "there is no such key (known are `title`, `minimum_grade`, `since`, `until`, `substitutes`, `source`)",
        ),
    ],
)
def test_a_mistake_is_told_with_file_key_and_mend(requirement, key, problem):
    assert mistake(requirement) == f"p.toml: `requirement.{key}`: {problem}"


def test_an_unknown_key_in_a_list_names_the_keys_of_its_kind():
    inner = '{ kind = "exam", course = "a", exam = "x", minimum_grade = 0.6 }'
    assert mistake(f'kind = "all-of"\nof = [{inner}]') == (
        "p.toml: `requirement.of[#1].minimum_grade`: there is no such key (did you mean `minimum_score`?)"
    )


def test_an_achievement_type_outside_the_standard_is_an_error():
    message = mistake('kind = "course"\ncourse = "a"', HEAD.replace("MicroCredential", "MicroMasters"))
    assert message.startswith("p.toml: `achievement_type`: one of ")
    assert message.endswith('was expected, and the text "MicroMasters" was found')


def test_achievement_types_are_those_of_the_standard():
    # 1EdTech Open Badges 3.0, enumeration AchievementType
    standard = {
        "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
        "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency",
        "Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
        "JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
        "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate",
        "SecondarySchoolDiploma",
    }  # fmt: skip
    assert set(AchievementType) <= standard


def test_the_id_is_the_name_of_the_file(tmp_path):
    path = tmp_path / "other.toml"
    path.write_text(f'{HEAD}[requirement]\nkind = "course"\ncourse = "a"')
    with pytest.raises(CoursewrightError, match='`id`: "other" was expected'):
        read_program(path)


def test_files_that_cannot_be_read_say_so(tmp_path):
    with pytest.raises(CoursewrightError, match="cannot be read"):
        read_program(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(CoursewrightError, match="not text in UTF-8"):
        read_program(tmp_path / "x.toml")
    (tmp_path / "y.toml").write_text("title = ")
    with pytest.raises(CoursewrightError, match="not TOML"):
        read_program(tmp_path / "y.toml")
    with pytest.raises(CoursewrightError, match="format 2, which is newer than 1"):
        program_with('kind = "course"\ncourse = "a"', HEAD.replace("schema = 1", "schema = 2"))


def test_the_manufacturing_program_asks_for_eight_courses_and_four_finals():
    program = read_program(PROGRAMS / "manufacturing.toml")
    assert isinstance(program.requirement, AllOf)
    courses, finals = program.requirement.of
    assert isinstance(courses, AllOf)
    assert isinstance(finals, AllOf)
    assert len(courses.of) == 8
    assert {each.minimum_grade for each in courses.of if isinstance(each, CoursePass)} == {Decimal("0.6")}
    passed = {each.course for each in courses.of if isinstance(each, CoursePass)}
    assert {each.course for each in finals.of if isinstance(each, ExamPass)} < passed
    assert len(finals.of) == 4


def test_the_supply_chain_program_asks_for_passes_that_are_valid_on_the_day_of_the_exam():
    program = read_program(PROGRAMS / "supply-chain.toml")
    assert isinstance(program.requirement, AllOf)
    *courses, exam = program.requirement.of
    assert isinstance(exam, ExamPass)
    assert exam.valid_courses == tuple(each.course for each in courses if isinstance(each, CoursePass))
    assert (exam.valid_years, exam.minimum_score) == (5, Decimal("0.6"))
