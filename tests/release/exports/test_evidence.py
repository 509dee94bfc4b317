"""Who is who, who is nobody, and what an import may and may not decide. The mistakes are those of real programs."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from authoring.csv_file import CsvError
from authoring.errors import CoursewrightError
from authoring.program_file import read_program
from release.eligibility import GradesInHand, evaluate
from release.exports.canvas import gradebook
from release.exports.canvas_import import read_canvas
from release.exports.cells import plain, safe
from release.exports.edx import grade_report
from release.exports.edx_import import read_edx
from release.exports.evidence import Facts, absent, read_evidence, write_evidence
from release.exports.judging import grades_of
from release.exports.mapping import by_hand, read_people
from release.exports.oneroster import oneroster_zip
from tests.release.exports.a_run import FACTS, people, put, run_table

D = Decimal
SUPPLY_CHAIN = Path(__file__).parents[3] / "courses" / "programs" / "supply-chain.toml"
HEADER = "Student ID,Email,Username,Grade,Enrollment Track,Verification Status,Certificate Eligible\n"


def report(tmp_path: Path, *rows: str, facts: Facts = FACTS):
    known = people(tmp_path)
    return read_edx(put(tmp_path, "report.csv", (HEADER + "\n".join(rows) + "\n").encode()), facts, known)


# Whoever has no counterpart is reported and kept


@pytest.mark.parametrize("export", [grade_report, gradebook, lambda t, p: oneroster_zip(t, p, organisation="U")])
def test_learners_without_a_counterpart_and_counterparts_without_a_learner_are_both_reported(tmp_path, export):
    known = people(tmp_path, "ada ben zoe")
    exported = export(run_table(), known)
    assert exported.learners == 2
    assert [(each.side, each.who) for each in exported.unmatched] == [
        ("course", "cyd"),
        ("course", "dee"),
        ("mapping", "zoe"),
    ]


def test_the_grades_of_learners_without_a_counterpart_are_written_beside_the_file(tmp_path):
    table = run_table()
    exported = grade_report(table, people(tmp_path, "ada ben", ben_edx_username=""))
    rows = {row[0]: row for row in by_hand(table, exported.unmatched)}
    assert rows["ben"][1] == f"has no edx_username in {tmp_path / 'mapping.csv'}"
    assert rows["ben"][2:] == ["0.201", "6.7", "0", "not-attempted"]
    assert rows["dee"][2:] == ["0", "not-attempted", "not-attempted", "not-attempted"]


def test_rows_of_nobody_are_kept_with_all_they_say(tmp_path):
    back = report(
        tmp_path,
        "1001,ada@example.org,ada_x,0.7,verified,ID Verified,Y",
        "9999,who@example.org,who,0.9,verified,ID Verified,Y",
        "1002,ada@example.org,ben_x,0.8,verified,ID Verified,Y",
        ",,,0.5,audit,N/A,N",
    )
    assert [row.learner for row in back.rows] == ["ada", "", "", ""]
    assert [row.grade for row in back.rows] == [D("0.7"), D("0.9"), D("0.8"), D("0.5")]
    reasons = [each.reason for each in back.unmatched]
    assert "has edx_id '9999', edx_username 'who'" in reasons[0]
    assert reasons[1] == "edx_id is that of ben; edx_username is that of ben; edx_email is that of ada"
    assert "has any id" in reasons[2]
    known = people(tmp_path)
    assert [each.who for each in absent(back, known, ["edx_id"])] == ["ben", "cyd", "dee"]


def test_of_two_rows_of_one_learner_neither_is_taken(tmp_path):
    back = report(
        tmp_path,
        "1001,ada@example.org,ada_x,0.7,verified,ID Verified,Y",
        "1001,ada@example.org,ada_x,0.9,verified,ID Verified,Y",
    )
    assert [row.learner for row in back.rows] == ["", ""]
    assert "the rows 2, 3 are all of ada" in back.rows[0].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learner,edx_id\nada,1\nada,2\n", "row 3, column learner: 'ada' has a row already"),
        ("learner,edx_id\nada,1\nben,1\n", "row 3, column edx_id: '1' is that of ada already"),
        ("learner,edx_nick\n", "column edx_nick: the column is unknown"),
        ("edx_id\n", "the column 'learner' is missing"),
        ("learner,edx_id\n,1\n", "row 2, column learner: the learner is missing"),
    ],
)
def test_a_mapping_that_could_mean_two_things_is_refused(tmp_path, text, said):
    with pytest.raises(CsvError) as error:
        read_people(put(tmp_path, "mapping.csv", text.encode()))
    assert said in str(error.value)


# What an import decides: nothing


def test_passed_is_never_taken_from_the_file(tmp_path):
    back = report(tmp_path, "1001,,ada_x,0.59,verified,ID Verified,Y", "1002,,ben_x,0.6,verified,ID Verified,N")
    (ada,), (ben,) = grades_of([back], "ada"), grades_of([back], "ben")
    assert (ada.grade.passed, ben.grade.passed) == (False, True)


def test_an_imported_grade_is_of_the_run_s_last_day_and_never_of_today(tmp_path):
    back = report(tmp_path, "1001,,ada_x,0.7,verified,ID Verified,Y")
    assert grades_of([back], "ada")[0].grade.earned_on == FACTS.ended_on
    with pytest.raises(CoursewrightError, match=r"does not say when the run 2T2024 ended; say it with --ended"):
        report(tmp_path, "1001,,ada_x,0.7,verified,ID Verified,Y", facts=Facts("SC0x", "2T2024", None))


def test_audit_passes_and_unverified_identities_never_count(tmp_path):
    back = report(
        tmp_path,
        "1001,,ada_x,1.0,audit,N/A,Y",
        "1002,,ben_x,1.0,verified,Not ID Verified,Y",
        "1003,,cyd_x,1.0,verified,ID Verified,N",
    )
    assert [grades_of([back], name)[0].grade.track for name in ("ada", "ben", "cyd")] == ["audit", "audit", "verified"]


def test_a_row_without_a_grade_is_no_attempt_and_no_0(tmp_path):
    back = report(tmp_path, "1001,,ada_x,,verified,ID Verified,N")
    assert back.rows[0].grade is None
    assert grades_of([back], "ada") == ()


def test_a_canvas_file_says_nothing_of_identity_so_it_verifies_nobody(tmp_path):
    known = people(tmp_path)
    back = read_canvas(put(tmp_path, "gradebook.csv", gradebook(run_table(), known).data), FACTS, known)
    assert grades_of([back], "ada")[0].grade.track == "audit"


def test_the_supply_chain_program_is_judged_by_imported_reports(tmp_path):
    imports = [
        report(
            tmp_path,
            "1001,,ada_x,0.61,verified,ID Verified,N",
            f"1002,,ben_x,{'0.61' if course != 'SC2x' else '0.59'},verified,ID Verified,Y",
            facts=Facts(course, "2T2024", FACTS.ended_on, D("0.6")),
        )
        for course in ("SC0x", "SC1x", "SC2x", "SC3x", "SC4x")
    ]
    program = read_program(SUPPLY_CHAIN)
    ada, ben = (evaluate(program, GradesInHand(grades_of(imports, name)), name) for name in ("ada", "ben"))
    assert sorted(counted.course for counted in ada.counted) == ["SC0x", "SC1x", "SC2x", "SC3x", "SC4x"]
    assert sorted(counted.course for counted in ben.counted) == ["SC0x", "SC1x", "SC3x", "SC4x"]
    assert not ada.met  # there is no exam: letters once went out to people without one


# Evidence on disk


def test_evidence_names_its_source_and_is_the_same_bytes_again(tmp_path):
    back = report(tmp_path, "1001,,ada_x,0.7,verified,ID Verified,Y")
    first = write_evidence(tmp_path / "imported", back)
    before = first.read_bytes()
    assert write_evidence(tmp_path / "imported", back) == first
    assert first.read_bytes() == before
    assert read_evidence(first) == back
    assert (back.file, back.course, back.run) == ("report.csv", "mpc", "2026-spring")
    assert first.name == f"mpc_2026-spring_edx-grade-report_{back.sha256[:12]}.json"
    assert b"passed" not in before


def test_evidence_is_never_written_outside_its_folder(tmp_path):
    for run in ("../2026", "a/b", "", "x" * 200):
        back = report(tmp_path, "1001,,ada_x,0.7,verified,ID Verified,Y", facts=Facts("mpc", run, FACTS.ended_on))
        with pytest.raises(CoursewrightError, match="names of letters"):
            write_evidence(tmp_path / "imported", back)


def test_evidence_of_a_later_version_is_not_guessed_at(tmp_path):
    path = write_evidence(tmp_path, report(tmp_path, "1001,,ada_x,0.7,verified,ID Verified,Y"))
    path.write_bytes(path.read_bytes().replace(b'"schema":1', b'"schema":2'))
    with pytest.raises(CoursewrightError, match="version 2"):
        read_evidence(path)


# Cells


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\uff1d1",
        "'=1",
        "''+1",
        "' =1",
        "'",
        "'a",
        "a=1",
        "",
        "1",
        "O'Neil",
    ],
)
def test_every_text_comes_back_as_it_was_and_none_can_run(text):
    cell = safe(text)
    assert plain(cell) == text
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    written = io.StringIO(newline="")
    csv.writer(written).writerow([cell, "x"])
    assert plain(next(csv.reader(io.StringIO(written.getvalue(), newline="")))[0]) == text
