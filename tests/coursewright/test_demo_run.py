"""The whole demo, played with a few learners: the same seed twice, counted again by hand, and its page opened."""

import csv
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.a_browser import running_browser

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
LEARNERS = 12
SETS = ("week01-problem-set", "week02-problem-set")


@dataclass(frozen=True)
class Played:
    """A demo that was played by the command."""

    folder: Path
    out: str

    def row(self, name: str) -> list[int]:
        """The numbers of a row of the last tables."""
        line = next(line for line in self.out.splitlines() if line.startswith(f"{name}  "))
        return [int(each) for each in line.removeprefix(name).split()]

    def records(self, assignment: str) -> list[dict[str, Any]]:
        paths = sorted((self.folder / "course" / "records" / assignment).glob("*/*.json"))
        return [json.loads(path.read_bytes()) for path in paths]

    def events(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        with closing(sqlite3.connect(self.folder / "course/sittings/sittings.db")) as database:
            query = "SELECT sitting, body FROM sitting_events ORDER BY sitting, number"
            for sitting, body in database.execute(query):
                found.setdefault(sitting.split("/")[2], []).append(json.loads(body))
        return found


def play(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coursewright", "demo", "--into", str(folder), "--learners", str(LEARNERS)]
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "first"
    done = play(folder, "--seed", "5", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    return Played(folder, done.stdout)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory, played: Played) -> Played:
    """The same seed, in another folder and with another number of workers."""
    folder = tmp_path_factory.mktemp("demo") / "second"
    done = play(folder, "--seed", "5", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    return Played(folder, done.stdout)


class TestTheSameSeed:
    def test_gives_the_same_records_byte_for_byte(self, played, again):
        def read(one: Played) -> dict[str, bytes]:
            folder = one.folder / "course/records"
            return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}

        assert len(read(played)) > LEARNERS
        assert read(played) == read(again)

    def test_gives_the_same_enrolments_forms_and_sittings(self, played, again):
        for name in ("course/enrolments.csv", "course/forms"):
            one, other = played.folder / name, again.folder / name
            assert subprocess.run(["diff", "-r", one, other], capture_output=True, check=False).returncode == 0
        assert played.events() == again.events()

    def test_gives_the_same_tables(self, played, again):
        def tables(one: Played) -> str:
            return one.out[one.out.index("\n\n") : one.out.index("Done in")]

        assert tables(played) == tables(again)


class TestTheTable:
    """Its numbers are those of the files on disk, counted without the code that made it."""

    def test_what_was_handed_in(self, played):
        folders = [list((played.folder / "course/submitted").glob(f"*/{name}")) for name in SETS]
        assert played.row("handed in")[:2] == [len(each) for each in folders]

    def test_what_was_graded_and_passed(self, played):
        graded = [[each for each in played.records(name) if each["outcome"] == "graded"] for name in SETS]
        assert played.row("graded")[:2] == [len(each) for each in graded]
        passed = [[r for r in each if r["score"] - r["late_penalty"] >= 0.6 * r["max_score"]] for each in graded]
        assert played.row("passed, of the graded")[:2] == [len(each) for each in passed]

    def test_who_needs_a_person(self, played):
        waiting = [
            [each for each in played.records(name) if each["outcome"] in {"failed", "needs_manual"}] for name in SETS
        ]
        assert played.row("need a person")[:2] == [len(each) for each in waiting]
        assert all(each["score"] is None for group in waiting for each in group if each["outcome"] == "failed")

    def test_what_was_stopped(self, played):
        slow, ended = [], []
        for name in SETS:
            slow.append(0)
            ended.append(0)
            for record in played.records(name):
                late = any(cell["outcome"] == "timeout" for cell in record["cells"])
                slow[-1] += late
                ended[-1] += not late and any(each["rule"] == "stopped" for each in record["findings"])
        assert played.row("stopped: ran too long") == slow
        assert played.row("stopped: ended itself") == ended
        assert all(slow)

    def test_who_sat_the_exam(self, played):
        handed_in = sum(
            any(event["event"] in {"submitted", "timed-out"} for event in events) for events in played.events().values()
        )
        assert played.row("handed in")[2] == handed_in

    def test_who_earned_the_credential(self, played):
        credentials = list((played.folder / "credentials").glob("*.json"))
        assert played.row("earned") == [len(credentials)]
        assert credentials

    def test_hostile_answers_got_nothing(self, played):
        (line,) = [line for line in played.out.splitlines() if "hostile answer" in line and "points for" in line]
        assert re.match(r"[1-9]\d* hostile answers? \(.+\): 0 points", line)


# Eligibility once more, by another hand: from the files alone, with fractions, and without any of coursewright's code.


def enrolled_in_time(row: dict[str, str]) -> bool:
    deadline = datetime.fromisoformat("2026-10-12T23:59:00-04:00")
    if row["track"] != "verified" or row["refunded_at"] or not row["verified_at"] or not row["verification"]:
        return False
    return datetime.fromisoformat(row["verified_at"]) <= deadline


def set_share(records: list[dict[str, Any]], learner: str) -> Fraction | None:
    """The share of the points; None while a person has to do something."""
    own = [record for record in records if record["learner"] == learner]
    if not own or own[0]["outcome"] == "missing":
        return Fraction(0)
    (record,) = own
    if record["outcome"] != "graded":
        return None
    points = Fraction(str(record["score"])) - Fraction(str(record["late_penalty"]))
    return max(points, Fraction(0)) / Fraction(str(record["max_score"]))


def exam_share(events: list[dict[str, Any]], form: dict[str, Any]) -> Fraction | None:
    """The share of the points of a verified attempt, 0 for one that does not count, None while it is open."""
    names = [event["event"] for event in events]
    if "no-show" in names:
        return Fraction(0)
    reviews = [event["decision"] for event in events if event["event"] == "reviewed"]
    if not reviews or reviews[-1] == "second_review":
        return None
    if reviews[-1] == "rejected":
        return Fraction(0)
    given = {event["question"]: event for event in events if event["event"] == "responded"}
    marks = {event["question"]: Fraction(str(event["points"])) for event in events if event["event"] == "marked"}
    earned, most = Fraction(0), Fraction(0)
    for question in (each for section in form["sections"] for each in section["questions"]):
        most += Fraction(str(question["variant"]["points"]))
        points = marks.get(question["id"]) if question["id"] in given else Fraction(0)
        if points is None:
            points = by_key(question["variant"], given[question["id"]]["response"])
        if points is None:
            return None
        earned += points
    return earned / most


def by_key(variant: dict[str, Any], response: Any) -> Fraction | None:
    """The points that the key gives; None where only a person can."""
    key = variant["key"]
    if key["type"] == "short-answer":
        return None
    share = {
        "single-choice": single,
        "multiple-choice": multiple,
        "numeric": numeric,
        "matching": matching,
        "fill-in": fill_in,
        "ordering": ordering,
    }[key["type"]](key, response)
    return Fraction(str(variant["points"])) * share


def single(key: dict[str, Any], response: str) -> Fraction:
    return Fraction([response] == [option["label"] for option in key["options"] if option.get("correct")])


def numeric(key: dict[str, Any], response: object) -> Fraction:
    digits = re.match(r"-?[0-9.]+", str(response).replace("\u2212", "-"))
    assert digits is not None
    return Fraction(abs(Fraction(digits.group()) - Fraction(str(key["answer"]))) <= near(key))


def matching(key: dict[str, Any], response: dict[str, str]) -> Fraction:
    right = [prompt["label"] for prompt in key["prompts"] if response.get(prompt["label"]) == prompt["key"]]
    return Fraction(len(right), len(key["prompts"]))


def fill_in(key: dict[str, Any], response: dict[str, str]) -> Fraction:
    filled = [blank for blank in key["blanks"] if squeezed(response.get(blank["label"])) in accepted(blank)]
    return Fraction(len(filled), len(key["blanks"]))


def ordering(key: dict[str, Any], response: list[str]) -> Fraction:
    pairs = set(pairwise(key["key"]))
    return Fraction(len(pairs & set(pairwise(response))), len(pairs))


def multiple(key: dict[str, Any], response: list[str]) -> Fraction:
    return ticked(key, set(response))


def ticked(key: dict[str, Any], labels: set[str]) -> Fraction:
    right = {option["label"] for option in key["options"] if option.get("correct")}
    if key["scoring"] == "number-right":
        agree = sum((option["label"] in labels) == (option["label"] in right) for option in key["options"])
        return Fraction(agree, len(key["options"]))
    assert key["scoring"] == "right-minus-wrong"
    return max(Fraction(0), Fraction(len(labels & right) - len(labels - right), len(right)))


def near(key: dict[str, Any]) -> Fraction:
    tolerance, answer = key["tolerance"], Fraction(str(key["answer"]))
    if "absolute" in tolerance:
        return Fraction(str(tolerance["absolute"]))
    if "relative" in tolerance:
        return abs(answer) * Fraction(str(tolerance["relative"]))
    magnitude = 0
    while abs(answer) >= Fraction(10) ** (magnitude + 1):
        magnitude += 1
    while abs(answer) < Fraction(10) ** magnitude:
        magnitude -= 1
    return Fraction(10) ** (magnitude - tolerance["significant_figures"] + 1) / 2


def squeezed(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def accepted(blank: dict[str, Any]) -> set[str]:
    return {squeezed(form) for form in blank["accept"]}


class TestEligibility:
    @pytest.fixture(scope="class")
    @classmethod
    def by_hand(cls, played: Played) -> dict[str, bool]:
        course = played.folder / "course"
        records, events = {name: played.records(name) for name in SETS}, played.events()
        found = {}
        with (course / "enrolments.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            learner = row["learner"]
            shares = [set_share(records[name], learner) for name in SETS]
            form = course / "forms/final-exam" / learner / "1.json"
            sat = exam_share(events[learner], json.loads(form.read_bytes())) if learner in events else Fraction(0)
            known = [each for each in (*shares, sat) if each is not None]
            if len(known) < 3 or not enrolled_in_time(row):
                found[learner] = False
                continue
            grade = (known[0] + known[1]) / 4 + known[2] / 2
            found[learner] = grade >= Fraction(6, 10) and known[2] >= Fraction(6, 10)
        return found

    def test_whoever_is_eligible_is_so_by_hand_too_and_nobody_else(self, played, by_hand):
        page = (played.folder / "report.html").read_text("utf-8")
        table = page[page.index('id="learners"') : page.index("How each grade came about")]
        earned = {
            learner
            for learner, row in re.findall(r'<tr id="([^"]+)">(.*?)</tr>', table, re.DOTALL)
            if ">earned<" in row
        }
        assert earned == {learner for learner, met in by_hand.items() if met}
        assert len(by_hand) == LEARNERS
        assert len(earned) == len(list((played.folder / "credentials").glob("*.json")))


class TestThePage:
    @pytest.fixture(scope="class")
    @classmethod
    def seen(cls, played: Played) -> Iterator[tuple[Any, list[str]]]:
        heard: list[str] = []
        with running_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: heard.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: heard.append(f"error: {error}"))
            page.on("request", lambda request: heard.append(f"request: {request.url}"))
            page.goto((played.folder / "report.html").as_uri())
            yield page, heard

    def test_it_opens_without_errors_and_asks_for_nothing_else(self, seen, played):
        assert seen[1] == [f"request: {(played.folder / 'report.html').as_uri()}"]

    @pytest.mark.parametrize("width", [360, 768, 1280])
    def test_nothing_sticks_out_at_any_width(self, seen, width):
        page, _ = seen
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_every_link_leads_somewhere_and_every_id_is_there_once(self, seen):
        page, _ = seen
        assert (
            page.evaluate(
                "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById("
                "a.getAttribute('href').slice(1))).length"
            )
            == 0
        )
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
        assert len(ids) == len(set(ids))

    def test_the_first_key_leads_past_the_beginning(self, seen):
        page, _ = seen
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#first"

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_text_can_be_told_from_its_background(self, seen, scheme):
        page, _ = seen
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(CONTRAST) == []

    def test_the_page_of_a_credential_verifies_itself(self, played):
        assert len(list((played.folder / "credentials").glob("*.html"))) == 1


# Elements with text of their own whose contrast with the nearest background is below WCAG 2.2's 4.5 to 1.
CONTRAST = """() => {
  const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(value => {
    value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4 });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const clear = colour => colour === 'transparent' || /, 0\\)$/.test(colour);
  const behind = node => { while (node && clear(getComputedStyle(node).backgroundColor)) node = node.parentElement;
    return node ? getComputedStyle(node).backgroundColor : 'rgb(255, 255, 255)' };
  const texts = [...document.body.querySelectorAll('*')].filter(each => [...each.childNodes].some(
    node => node.nodeType === 3 && node.data.trim()) && !['STYLE', 'TITLE', 'DESC', 'title', 'desc', 'style'].includes(
    each.tagName));
  return texts.map(each => { const own = getComputedStyle(each);
    const front = each.ownerSVGElement ? own.fill : own.color;
    const [a, b] = [light(front), light(behind(each))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), each.tagName, each.textContent.slice(0, 30), front, behind(each)] })
    .filter(each => each[0] < 4.5);
}"""


def test_the_demo_speaks_plainly_in_a_pipe(played):
    assert "\x1b" not in played.out
    assert f"{played.folder / 'report.html'}" in played.out


def test_a_folder_of_somebody_elses_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    done = play(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"coursewright: {tmp_path}: the folder holds something that the demo did not make")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
