"""``coursewright export`` and ``import``, as a registrar uses them."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from autograder.record import to_json
from release import keys
from release.exports import lti_key
from release.exports.evidence import read_evidence
from release.exports.oneroster import Ids
from release.ledger import Ledger
from tests.coursewright.test_ledger import NOW, grade
from tests.release.conftest import make_record
from tests.release.exports.a_platform import Platform, running

pytestmark = pytest.mark.integration  # commands on a whole course

SOURCE = Path(__file__).parents[2] / "courses" / "mpc"
ENROLMENTS = """learner,track,verified_at,verification,email,refunded_at
ada,verified,2026-10-01T00:00:00Z,idv:1,ada@example.org,
ben,audit,,,ben@example.org,
"""
MAPPING = """learner,given_name,family_name,edx_id,edx_username,canvas_id,oneroster_user,lti_user
ada,Ada,Lovelace,1,ada_x,71,user-1,sub-ada
ben,Ben,"'=B, x",2,ben_x,72,user-2,sub-ben
"""
RUN = ("--course", "mpc", "--run", "2026T3", "--ended", "2026-11-08", "--mapping", "mpc/mapping.csv")


@pytest.fixture
def course(run, tmp_path) -> Path:
    """The sample course with two learners: ada handed in the first problem set, ben nothing."""
    shutil.copytree(SOURCE, tmp_path / "mpc", ignore=shutil.ignore_patterns("source", "items", "samples"))
    (tmp_path / "mpc" / "source").mkdir()
    (tmp_path / "mpc" / "enrolments.csv").write_text(ENROLMENTS)
    (tmp_path / "mpc" / "mapping.csv").write_text(MAPPING)
    place = tmp_path / "mpc" / "records" / "week01-problem-set" / "ada" / "1.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(to_json(make_record("week01-problem-set", 15.5, max_score=18.0)))
    return Path("mpc")


@pytest.mark.parametrize(
    ("peer", "options", "name"),
    [
        ("edx", (), "mpc_2026T3_grade_report.csv"),
        ("edx", ("--problems",), "mpc_2026T3_problem_grade_report.csv"),
        ("canvas", (), "mpc_2026T3_canvas.csv"),
        ("oneroster", ("--organisation", "Example University"), "mpc_2026T3_oneroster.zip"),
        ("nbgrader", (), "mpc_2026T3_nbgrader.csv"),
    ],
)
def test_what_goes_out_comes_back_in(course, run, peer, options, name):
    out = run("export", peer, course, *options)
    assert (out.status, out.out) == (0, f"2 learners in {name}.\n"), out.err
    back = run("import", peer, name, *RUN, "--json")
    assert (back.status, back.json["learners"], back.json["unmatched"]) == (0, 2, [])
    kept = read_evidence(Path(back.json["file"]))
    assert (kept.file, kept.course, kept.run, str(kept.ended_on)) == (name, "mpc", "2026T3", "2026-11-08")
    assert [row.learner for row in kept.rows] == ["ada", "ben"]


def test_whoever_has_no_counterpart_is_listed_kept_and_told_by_the_exit_status(course, run):
    (course / "mapping.csv").write_text("learner,canvas_id\nada,71\nzoe,99\n")
    out = run("export", "canvas", course)
    assert out.status == 1
    assert "ben" in out.out
    assert "has no row in mpc/mapping.csv" in out.out
    assert "is in the mapping and not enrolled" in out.out
    assert "1 learner in mpc_2026T3_canvas.csv, 2 learners without a counterpart." in out.out
    assert "ben,has no row in" in Path("mpc_2026T3_canvas.unmatched.csv").read_text()
    back = run("import", "canvas", "mpc_2026T3_canvas.csv", *RUN, "--json")
    assert (back.status, back.json["unmatched"]) == (1, [["zoe", "is not in mpc_2026T3_canvas.csv"]])
    (course / "mapping.csv").write_text("learner,canvas_id\nada,71\nben,72\n")
    assert run("export", "canvas", course).status == 0
    assert not Path("mpc_2026T3_canvas.unmatched.csv").exists()


def test_with_a_ledger_the_course_grades_are_those_in_force(course, run):
    assert run("ledger", "init", "--issuer", "Example University").status == 0
    with Ledger("sqlite:///registry/ledger.db", keys.load(Path("registry/issuer.key"), "correct horse")) as ledger:
        ledger.append_grades([grade("ada", "0.7225", "81")], at=NOW)
    out = run("export", "edx", course, "--ledger", "registry/ledger.db", "--rounding", "exact")
    assert out.status == 0, out.err
    ada, ben = Path("mpc_2026T3_grade_report.csv").read_text("utf-8-sig").splitlines()[1:]
    assert ada.startswith("1,ada@example.org,ada_x,0.7225,")
    assert ada.endswith(",verified,ID Verified,Y,N,N/A,enrolled")
    assert ben.endswith(",audit,N/A,N,N,N/A,enrolled")


def test_the_day_of_an_import_is_never_today(course, run):
    run("export", "canvas", course)
    undated = [word for word in RUN if word not in ("--ended", "2026-11-08")]
    without = run("import", "canvas", "mpc_2026T3_canvas.csv", *undated)
    assert (without.status, without.out) == (1, "")
    assert "say it with --ended" in without.err
    assert not Path("imported").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "edx", "mpc", "--rounding", "up"),
        ("import", "edx", "x.csv", "--course", "mpc", "--run", "1", "--ended", "8 May"),
        ("import", "edx", "x.csv", "--course", "mpc", "--run", "1", "--ended", "2026-05-08", "--pass-mark", "60"),
    ],
)
def test_what_was_not_understood_is_bad_usage(course, run, arguments):
    assert run(*arguments).status == 2


def test_ids_of_oneroster_are_the_run_s_own():
    assert Ids("mpc", "1").of("class") == Ids("mpc", "1").of("class") != Ids("mpc", "2").of("class")


def test_scores_go_to_a_platform_once_and_are_read_back(course, run):
    shown = run("export", "lti-key")
    assert shown.status == 0, shown.err
    assert run("export", "lti-key").json == shown.json
    assert Path("registry/lti.key").stat().st_mode & 0o077 == 0
    with running(Platform(jwks=shown.json)) as platform:
        facts = {"client_id": platform.client_id, "token_url": f"{platform.url}/token"}
        facts["line_items"] = platform.line_items
        lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
        Path("platform.toml").write_text("\n".join(["schema = 1", *lines]))
        first = run("export", "ags", course, "--platform", "platform.toml", "--json")
        assert (first.status, first.json["wrong"], first.json["unmatched"]) == (0, [], []), first.err
        assert first.json["sent"] == len(platform.received) > 0
        again = run("export", "ags", course, "--platform", "platform.toml")
        assert again.out.startswith(f"0 scores sent, {first.json['sent']} there already, 0 not as they should be")
        platform.scores.clear()
        lost = run("export", "ags", course, "--platform", "platform.toml")
        assert (lost.status, "the platform has no score" in lost.out) == (1, True)
    assert threading.active_count() < 20
    assert lti_key.load(Path("registry/lti.key"), "correct horse")
