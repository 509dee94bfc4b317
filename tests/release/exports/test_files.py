"""Grades out to edX, Canvas, OneRoster and nbgrader, and back in, with nothing lost."""

import csv
import io
import itertools
import zipfile
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from authoring.csv_file import CsvError
from authoring.errors import CoursewrightError
from release.exports import edx
from release.exports.canvas import gradebook
from release.exports.canvas_import import read_canvas
from release.exports.edx_import import read_edx
from release.exports.evidence import Facts
from release.exports.nbgrader_csv import nbgrader_csv
from release.exports.nbgrader_import import read_nbgrader
from release.exports.oneroster import oneroster_zip
from release.exports.oneroster_files import COLUMNS as ONEROSTER
from release.exports.oneroster_import import read_oneroster
from release.exports.peer_rounding import PeerRounding, assignment_fraction, course_fraction
from release.exports.table import Evidence, Score, State
from tests.release.conftest import make_course, make_record, make_sitting
from tests.release.exports.a_run import FACTS, NAMES, people, put, records, run_table

D = Decimal


def table_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def column(data: bytes, name: str) -> list[str]:
    header, *rows = table_of(data)
    return [row[header.index(name)] for row in rows]


# edX


def test_the_grade_report_has_edx_s_columns(tmp_path):
    header = table_of(edx.grade_report(run_table(), people(tmp_path)).data)[0]
    assert ",".join(header) == (
        "Student ID,Email,Username,Grade,Problem sets 1: week01-problem-set,Problem sets 2: week02-problem-set,"
        "Problem sets (Avg),Final exam,Enrollment Track,Verification Status,Certificate Eligible,"
        "Certificate Delivered,Certificate Type,Enrollment Status"
    )


def test_each_learner_s_row_says_what_is_known_and_nothing_more(tmp_path):
    rows = table_of(edx.grade_report(run_table(), people(tmp_path)).data)[1:]
    ada, ben, cyd, dee = ([*row[3:8], *row[8:11]] for row in rows)
    assert ada == ["0.81", "0.81", "0.9", "0.855", "0.75", "verified", "ID Verified", "Y"]
    assert ben == ["0.2", "0.67", "0", "0.335", "Not Attempted", "verified", "ID Verified", "N"]
    assert cyd == ["", "", "Excused", "", "Not Attempted", "audit", "N/A", "N"]
    assert dee == ["0", "Not Attempted", "Not Attempted", "0", "Not Attempted", "verified", "ID Verified", "N"]


def test_not_attempted_is_never_exported_as_0_and_a_real_0_is(tmp_path):
    exported = edx.grade_report(run_table(), people(tmp_path)).data
    assert column(exported, "Problem sets 2: week02-problem-set") == ["0.9", "0", "Excused", "Not Attempted"]
    assert column(exported, "Final exam")[1:] == ["Not Attempted"] * 3
    canvas = gradebook(run_table(), people(tmp_path)).data
    assert column(canvas, "week02-problem-set")[1:] == ["9", "0", "EX", ""]
    nbgrader = nbgrader_csv(run_table(), people(tmp_path), records()).data
    assert column(nbgrader, "score")[4:] == ["9.0", "0.0", "", ""]


def test_59_45_per_cent_is_60_to_edx_and_59_45_when_nothing_is_rounded(tmp_path):
    course = make_course()
    own = Evidence(
        [make_record("week01-problem-set", 6.0), make_record("week02-problem-set", 5.89)], [make_sitting("23.78")]
    )
    table = run_table(course, ada=own)
    assert table.learners[0].exact == D("0.5945")
    assert table.learners[0].passed is False
    as_edx, exact = (
        edx.grade_report(table, people(tmp_path), rule).data for rule in (PeerRounding.EDX, PeerRounding.EXACT)
    )
    assert (column(as_edx, "Grade")[0], column(exact, "Grade")[0]) == ("0.6", "0.5945")
    assert column(as_edx, "Certificate Eligible")[0] == "N"  # the course's own pass mark, by its own rounding


def test_edx_s_rounding_is_what_its_doubles_come_to_but_for_grades_just_at_a_half():
    different = []
    for number in range(0, 10_001, 5):  # of a grade, in steps of 0.05 %
        theirs = np.floor(number / 10_000 * 100 + 0.05 + 0.5) / 100
        if float(course_fraction(D(number) / 10_000, PeerRounding.EDX)) != theirs:
            different.append(number)
    assert {number % 100 for number in different} == {45}
    assert 5945 not in different


def test_a_subsection_is_rounded_as_numpy_does_it_for_edx():
    for possible, half in itertools.product(range(1, 41), range(81)):
        earned = half / 2
        if earned <= possible:
            score = Score(State.GRADED, D(str(earned)), D(possible))
            theirs = float(np.around(earned / possible, decimals=2))
            assert float(assignment_fraction(score, PeerRounding.EDX)) == theirs, (earned, possible)


def test_a_grade_report_comes_back_as_it_went(tmp_path):
    table, known = run_table(), people(tmp_path)
    back = read_edx(put(tmp_path, "report.csv", edx.grade_report(table, known, PeerRounding.EXACT).data), FACTS, known)
    assert [(row.learner, row.grade) for row in back.rows] == [(each.learner, each.exact) for each in table.learners]
    ada, ben = ({score.column: score for score in row.scores} for row in back.rows[:2])
    assert ada["Problem sets 1: week01-problem-set"].points == D("0.8125")
    assert ben["Problem sets 1: week01-problem-set"].points == D("0.67")
    assert ben["Final exam"].state is State.NOT_ATTEMPTED
    assert ben["Final exam"].points is None
    assert [(row.track, row.identity_verified) for row in back.rows[1:3]] == [("verified", True), ("audit", None)]


def test_the_problem_grade_report_has_what_was_earned_and_what_was_possible(tmp_path):
    table, known = run_table(), people(tmp_path)
    data = edx.problem_grade_report(table, known).data
    header = table_of(data)[0]
    assert header[:5] == ["Student ID", "Email", "Username", "Enrollment Status", "Grade"]
    first = "Problem sets 1: week01-problem-set - problem-set: t_mean"
    assert header[5:7] == [f"{first} (Earned)", f"{first} (Possible)"]
    assert column(data, f"{first} (Earned)") == ["5.5", "6", "Not Available", "Not Attempted"]
    assert column(data, f"{first} (Possible)") == ["6", "6", "Not Available", "6"]
    back = read_edx(put(tmp_path, "problems.csv", data), FACTS, known)
    assert back.peer == "edx-problem-grade-report"
    scores = {score.column: score for score in back.rows[0].scores}
    assert (scores[first].points, scores[first].possible) == (D("5.5"), D(6))
    assert scores["Final exam 1: final-exam - final-exam"].points == D(30)


def test_an_older_report_of_edx_with_names_cohorts_and_teams_is_read_too(tmp_path):
    text = (
        "Student ID,Email,Username,Last Name,First Name,Second Name,Grade,Homework 1: One,Homework 2: Two,"
        "Homework (Avg),Final,Cohort Name,Experiment Group (A/B),Team Name,Enrollment Track,Verification Status,"
        "Certificate Eligible,Certificate Delivered,Certificate Type\r\n"
        "1001,ada@example.org,ada_x,Lovelace,Ada,,0.6,0.5,Not Attempted,0.25,0.95,c,g,,verified,"
        "ID Verified,Y,Y,verified\r\n"
    )
    back = read_edx(put(tmp_path, "old.csv", text.encode()), FACTS, people(tmp_path))
    assert [score.column for score in back.rows[0].scores] == [
        "Homework 1: One", "Homework 2: Two", "Homework (Avg)", "Final",
    ]  # fmt: skip
    assert back.rows[0].learner == "ada"


# Canvas


def test_the_gradebook_has_canvas_s_columns_and_its_row_of_points(tmp_path):
    exported = gradebook(run_table(), people(tmp_path), {"week01-problem-set": "4711"}).data
    header, points, ada, *_ = table_of(exported)
    assert header == [
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "week01-problem-set (4711)", "week02-problem-set",
        "final-exam", "Current Score", "Unposted Current Score", "Final Score", "Unposted Final Score",
    ]  # fmt: skip
    assert points == ["    Points Possible", "", "", "", "", "10", "10", "40", *["(read only)"] * 4]
    assert ada[1:] == ["71", "SIS-1", "ada@login", "Section, A", "8.125", "9", "30", "", "", "81.375", "81.375"]


def test_canvas_shows_two_decimals_when_asked_for_its_rounding(tmp_path):
    exported = gradebook(run_table(), people(tmp_path), rounding=PeerRounding.CANVAS).data
    assert table_of(exported)[2][5:8] == ["8.13", "9.00", "30.00"]
    assert column(exported, "Final Score")[1] == "81.38"


def test_pandas_reads_the_gradebook_and_finds_numbers_where_there_are_scores(tmp_path):
    frame = pd.read_csv(io.BytesIO(gradebook(run_table(), people(tmp_path)).data), skiprows=[1], na_values=["EX"])
    assert frame["week01-problem-set"].tolist()[:2] == [8.125, 6.7]
    assert frame["week01-problem-set"].isna().tolist() == [False, False, True, True]
    assert frame["Final Score"].dtype == float


def test_a_gradebook_comes_back_as_it_went(tmp_path):
    table, known = run_table(), people(tmp_path)
    back = read_canvas(put(tmp_path, "gradebook.csv", gradebook(table, known).data), FACTS, known)
    for row, went in zip(back.rows, table.learners, strict=True):
        assert (row.learner, row.grade) == (went.learner, went.exact)
        assert [score.points for score in row.scores] == [score.points for score in went.scores.values()]
        assert [score.possible for score in row.scores] == [D(10), D(10), D(40)]
    assert [score.state for score in back.rows[2].scores] == [State.NO_SCORE, State.EXCUSED, State.NO_SCORE]


def test_canvas_s_own_file_with_groups_notes_and_unassigned_work_is_read(tmp_path):
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Root Account,Section,Notes,Quiz (9),Late work (10),Homework Current Score,"
        "Homework Final Score,Current Score,Final Score,Override Score\n"
        ",,,,,,,Manual Posting,,,,,,\n"
        "    Points Possible,,,,,,(read only),5.00,10.00,(read only),(read only),(read only),(read only),\n"
        '"Lovelace, Ada",71,SIS-1,ada@login,u.example.org,A,hello,4.50,N/A,90.00,90.00,90.00,45.00,\n'
    )
    back = read_canvas(put(tmp_path, "theirs.csv", text.encode("utf-8-sig")), FACTS, people(tmp_path))
    (row,) = back.rows
    assert [(score.column, score.state, score.points) for score in row.scores] == [
        ("Quiz (9)", State.GRADED, D("4.50")),
        ("Late work (10)", State.NOT_AVAILABLE, None),
    ]
    assert (row.learner, row.grade) == ("ada", D("0.45"))


# OneRoster


def files_of(data: bytes) -> dict[str, pd.DataFrame]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name.removesuffix(".csv"): pd.read_csv(archive.open(name), dtype=str, keep_default_na=False)
            for name in archive.namelist()
        }


def test_the_package_is_complete_and_every_reference_in_it_leads_somewhere(tmp_path):
    files = files_of(oneroster_zip(run_table(), people(tmp_path), organisation="Example University").data)
    manifest = dict(files["manifest"].values.tolist())
    assert (manifest["manifest.version"], manifest["oneroster.version"]) == ("1.0", "1.2")
    bulk = {name.removeprefix("file.") for name, value in manifest.items() if value == "bulk"}
    assert bulk == set(files) - {"manifest"}
    assert sum(name.startswith("file.") for name in manifest) == 21
    for name in bulk:
        assert list(files[name].columns) == ONEROSTER[name]
        assert files[name]["sourcedId"].is_unique
        assert set(files[name]["status"]) | set(files[name]["dateLastModified"]) == {""}  # as a bulk set has them
    ids = {name: set(files[name]["sourcedId"]) for name in bulk}
    for name, key, target in [
        ("results", "lineItemSourcedId", "lineItems"),
        ("results", "studentSourcedId", "users"),
        ("results", "classSourcedId", "classes"),
        ("lineItems", "classSourcedId", "classes"),
        ("lineItems", "categorySourcedId", "categories"),
        ("lineItems", "academicSessionSourcedId", "academicSessions"),
        ("lineItems", "schoolSourcedId", "orgs"),
        ("classes", "courseSourcedId", "courses"),
        ("classes", "termSourcedIds", "academicSessions"),
        ("classes", "schoolSourcedId", "orgs"),
        ("courses", "orgSourcedId", "orgs"),
        ("enrollments", "userSourcedId", "users"),
        ("enrollments", "classSourcedId", "classes"),
        ("roles", "userSourcedId", "users"),
        ("roles", "orgSourcedId", "orgs"),
    ]:
        assert set(files[name][key]) <= ids[target], (name, key)


def test_a_result_says_whether_there_is_a_score(tmp_path):
    files = files_of(oneroster_zip(run_table(), people(tmp_path), organisation="Example University").data)
    titles = dict(files["lineItems"][["sourcedId", "title"]].values.tolist())
    results = {
        (row.studentSourcedId, titles[row.lineItemSourcedId]): (row.scoreStatus, row.score, row.missing)
        for row in files["results"].itertuples()
    }
    assert results["user-1", "week01-problem-set"] == ("fully graded", "8.125", "false")
    assert results["user-2", "week02-problem-set"] == ("fully graded", "0", "false")
    assert results["user-3", "week01-problem-set"] == ("submitted", "", "false")
    assert results["user-3", "week02-problem-set"] == ("exempt", "", "false")
    assert results["user-4", "week01-problem-set"] == ("not submitted", "", "true")
    assert results["user-1", "Course grade"] == ("fully graded", "81.375", "false")
    assert results["user-3", "Course grade"] == ("submitted", "", "false")
    assert set(files["results"]["scoreDate"]) == {"2026-04-26"}  # the run's last day, and never today


def test_the_same_grades_are_the_same_package_and_come_back_as_they_went(tmp_path):
    table, known = run_table(), people(tmp_path)
    data = oneroster_zip(table, known, organisation="Example University").data
    assert data == oneroster_zip(run_table(), known, organisation="Example University").data
    back = read_oneroster(put(tmp_path, "grades.zip", data), Facts("mpc", "2026-spring", None), known)
    assert back.ended_on == date(2026, 4, 26)
    for row, went in zip(back.rows, table.learners, strict=True):
        assert (row.learner, row.grade) == (went.learner, went.exact)
        assert [(s.state, s.points, s.possible) for s in row.scores] == [
            (s.state, s.points, s.possible) for s in _with_possible(table, went)
        ]


def _with_possible(table, went):
    return [Score(went.scores[c.id].state, went.scores[c.id].points, c.possible) for c in table.columns]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("manifest", "1.2", "1.1"), "the set is 1.1, and OneRoster 1.2 is read here"),
        (("manifest", "file.results,bulk", "file.results,delta"), "file.results is delta"),
        (("results", "fully graded", "passed"), "row 2, column scoreStatus: expected one of fully graded"),
        (("results", "8.125", "NaN"), "row 2, column score: expected a number of at least 0"),
    ],
)
def test_a_package_that_says_something_else_is_refused(tmp_path, change, said):
    known = people(tmp_path)
    data = oneroster_zip(run_table(), known, organisation="U").data
    name, old, new = change
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as changed:
        for each in archive.namelist():
            text = archive.read(each)
            changed.writestr(each, text.replace(old.encode(), new.encode(), 1) if each == f"{name}.csv" else text)
    with pytest.raises(CoursewrightError) as error:
        read_oneroster(put(tmp_path, "bad.zip", out.getvalue()), FACTS, known)
    assert said in str(error.value)


def test_what_is_no_zip_and_a_zip_without_grades_are_refused(tmp_path):
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for data, said in [(b"PK\x03\x04 no", "not a zip file"), (empty.getvalue(), "manifest.csv is not in it")]:
        with pytest.raises(CoursewrightError, match=said):
            read_oneroster(put(tmp_path, "bad.zip", data), FACTS, people(tmp_path))


def test_a_damaged_file_in_a_package_is_told(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", "propertyName,value\n" * 50)
    data = bytearray(out.getvalue())
    data[45:55] = b"\xff" * 10  # in the packed bytes
    with pytest.raises(CoursewrightError, match=r"manifest\.csv: it cannot be unpacked"):
        read_oneroster(put(tmp_path, "bad.zip", bytes(data)), FACTS, people(tmp_path))


# nbgrader


def test_an_export_of_nbgrader_comes_back_as_it_went(tmp_path):
    table = run_table()
    data = nbgrader_csv(table, people(tmp_path), records()).data
    assert column(data, "duedate")[0] == "2026-03-09 13:00:00"  # nine o'clock in New York
    back = read_nbgrader(put(tmp_path, "grades.csv", data), FACTS)
    for row, went in zip(back.rows, table.learners, strict=True):
        assert row.learner == went.learner
        (first, second) = row.scores
        assert first.points == went.scores["week01-problem-set"].points
        assert second.points == went.scores["week02-problem-set"].points
    assert back.rows[2].scores[0].state is State.PENDING
    assert [score.state for score in back.rows[3].scores] == [State.NOT_ATTEMPTED] * 2


def test_nbgrader_s_0_at_no_time_is_not_taken_for_a_score(tmp_path):
    header = "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
    header += "late_submission_penalty,score,max_score\n"
    theirs = header + "ps1,,,ada,,,,0.0,0.0,0.0,6.0\nps1,,2026-03-01 10:00:00,ben,,,,0.0,0.0,0.0,6.0\n"
    back = read_nbgrader(put(tmp_path, "theirs.csv", theirs.encode()), FACTS)
    assert [(row.scores[0].state, row.scores[0].points) for row in back.rows] == [
        (State.NO_SCORE, None),
        (State.GRADED, 0),
    ]


# Names, cells, encodings


@pytest.mark.parametrize("learner", NAMES)
def test_names_with_commas_quotes_formulas_and_line_breaks_come_through_canvas_and_nbgrader(tmp_path, learner):
    family, given = NAMES[learner]
    known, table = people(tmp_path), run_table()
    canvas = read_canvas(put(tmp_path, "canvas.csv", gradebook(table, known).data), FACTS, known)
    assert next(row for row in canvas.rows if row.learner == learner).ids["Student"] == f"{family}, {given}"
    theirs = read_nbgrader(put(tmp_path, "nb.csv", nbgrader_csv(table, known, records()).data), FACTS)
    ids = next(row for row in theirs.rows if row.learner == learner).ids
    assert (ids["last_name"], ids["first_name"]) == (family, given)


def test_no_cell_of_any_file_can_run_in_a_spreadsheet(tmp_path):
    table, known = run_table(), people(tmp_path)
    package = oneroster_zip(table, known, organisation="=1+1")
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        data = [archive.read(name) for name in archive.namelist()]
    data += [
        edx.grade_report(table, known).data,
        edx.problem_grade_report(table, known).data,
        gradebook(table, known).data,
        nbgrader_csv(table, known, records()).data,
    ]
    cells = [cell for each in data for row in table_of(each) for cell in row]
    assert [cell for cell in cells if cell.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} and cell] == []
    assert any(cell.startswith("'=") for cell in cells)


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        ("0.5x", "column Final: expected a number, 'Not Attempted' or 'Not Available', got '0.5x'"),
        ("95", "column Final: expected a fraction from 0 to 1, got '95'"),
        ("-0.1", "column Final"),
        ("1e999", "column Final"),
        ("=0.9", "column Final"),
        ("\u0660.\u0665", "column Final"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_named_to_the_row_and_column(tmp_path, bad, place):
    text = f"Student ID,Email,Username,Grade,Final\n1001,ada@example.org,ada_x,0.6,0.5\n1002,,ben_x,0.6,{bad}\n"
    with pytest.raises(CsvError) as error:
        read_edx(put(tmp_path, "bad.csv", text.encode()), FACTS, people(tmp_path))
    assert f"bad.csv: row 3, {place}" in str(error.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "row 1: the header is missing"),
        (b"Student ID,Email\n", "the column 'Username' is missing, so this is no grade report of edX"),
        ("Student ID,Email,Username,Grade\n".encode("utf-16"), "is not UTF-8"),
        (b"Student ID,Email,Username,Grade\n1,2,3\n", "row 2: expected 4 values as in the header, got 3"),
        (b'Student ID,Email,Username,Grade\n"1,2,3,4\n', "this is not CSV"),
        (b"Student ID,Email,Username,Grade,Grade\n", "column Grade: the column is there twice"),
    ],
)
def test_a_file_that_is_no_report_is_refused_in_one_sentence(tmp_path, data, said):
    with pytest.raises(CoursewrightError) as error:
        read_edx(put(tmp_path, "bad.csv", data), FACTS, people(tmp_path))
    assert said in str(error.value)
