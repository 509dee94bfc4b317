"""The pages tell the truth: what they show works, what exists is on them, and what they point at is there."""

import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursewright.table import COMMANDS
from tests.house.console_blocks import Shown, commands, missing_line

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ALL_PAGES = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.words)
def test_every_command_is_documented(entry):
    docs = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert f"coursewright {entry.words}" in " ".join(docs.split())


@pytest.mark.parametrize("page", ALL_PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_one_title_and_no_level_left_out(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, flags=re.MULTILINE)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.integration
@pytest.mark.parametrize("page", [page for page in PAGES if list(commands(page.read_text("utf-8")))], ids=name)
def test_what_a_page_shows_works(page, tmp_path):
    shutil.copytree(ROOT / "courses", tmp_path / "courses", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for shown in commands(page.read_text(encoding="utf-8")):
        problem = run(shown, tmp_path)
        assert problem is None, f"{name(page)}:{shown.line}: {problem}"


# Variables and the working folder last from one command of a page to the next.
_IN_ONE_SESSION = """source "$1"; eval "$2"; status=$?; { export -p; printf 'cd %q\\n' "$PWD"; } > "$1"; exit $status"""


def run(shown: Shown, folder: Path) -> str | None:
    """What is wrong with the shown command, or None."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    state = folder.parent / f"{folder.name}.state"
    state.touch()
    done = subprocess.run(
        ["bash", "-c", _IN_ONE_SESSION, "bash", state, shown.command],
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(folder), "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = f"$ {shown.command}\n{done.stdout}{done.stderr}"
    if done.returncode != shown.status:
        return f"exit status {done.returncode} and not {shown.status}:\n{said}"
    missing = missing_line(shown.output, done.stdout + done.stderr)
    return None if missing is None else f"the output has no line {missing!r} in that place:\n{said}"
