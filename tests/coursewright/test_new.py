"""``coursewright new``: what it makes passes ``check`` as it is."""

from datetime import date

from coursewright.commands.new import _next_monday


def test_a_new_course_says_what_it_wrote(run, tmp_path):
    done = run("new", "course", "quality-control", "--starts", "2026-09-14", "--time-zone", "Europe/Paris")
    assert done.status == 0
    assert "quality-control/course.toml" in done.out.splitlines()
    settings = (tmp_path / "quality-control" / "course.toml").read_text()
    assert 'title = "Quality control"' in settings
    assert 'time_zone = "Europe/Paris"' in settings


def test_weeks_are_numbered_by_themselves(run):
    run("new", "course", "quality", "--starts", "2026-09-14", "--weeks", "4")
    assert "quality/source/week02-lesson/lesson.ipynb" in run("new", "week", "quality").out.splitlines()
    assert "quality/source/week03-lesson/lesson.ipynb" in run("new", "week", "quality").out.splitlines()
    again = run("new", "week", "quality", 3)
    assert (again.status, "has a week 3 already" in again.err) == (1, True)


def test_the_questions_of_what_is_new_are_written_into_their_notebooks(run):
    run("new", "course", "quality", "--starts", "2026-09-14")
    assert run("new", "item", "quality", "limits/upper", "--type", "numeric").out == "quality/items/limits/upper.md\n"
    assert run("items", "embed", "quality").out == "Every notebook is up to date.\n"
    assert run("items", "check", "quality", "--seeds", "3").out.endswith("No findings.\n")


def test_what_cannot_be_made_is_an_error_of_one_line(run):
    for arguments, said in [
        (("course", "quality", "--starts", "14.9.2026"), "write it as 2026-09-14"),
        (("week", "nowhere"), "nowhere"),
        (("item", "nowhere", "no-slash"), "write its topic, a slash and its id"),
    ]:
        done = run("new", *arguments)
        assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
        assert said in done.err


def test_a_run_begins_on_a_monday_to_come():
    assert _next_monday(date(2026, 9, 13)) == date(2026, 9, 14)
    assert _next_monday(date(2026, 9, 14)) == date(2026, 9, 21)
