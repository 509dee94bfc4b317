"""What ships: exactly the packages, and it works where there is nothing but it and what it requires."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from coursewright import __version__
from tests.house.empty_environment import make_environment

pytestmark = pytest.mark.integration

PACKAGES = {"authoring", "autograder", "coursewright", "exam_bank", "release"}
KINDS = {".py", ".typed", ".json", ".html", ".md", ".toml", ".css", ".js", ".txt", ".typ"}
TEMPLATES = Path("authoring/templates")
KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A fresh clone of what is committed."""
    folder = tmp_path_factory.mktemp("clone") / "coursewright"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", repository, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def distributions(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist made from the clone, and the wheel made from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, clone]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    return distributions / f"coursewright-{__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def sdist(distributions: Path) -> Path:
    return distributions / f"coursewright-{__version__}.tar.gz"


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, what it requires, and nothing else."""
    return make_environment(tmp_path_factory.mktemp("elsewhere") / "environment", wheel)


def test_the_wheel_holds_the_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == PACKAGES | {f"coursewright-{__version__}.dist-info"}


def test_the_wheel_holds_code_and_templates_but_no_course_no_test_and_no_notebook(wheel):
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    names = [name for name in names if not name.is_relative_to(TEMPLATES) and not name.name.startswith("LICENSE")]
    assert {str(name) for name in names if name.suffix not in KINDS} == set()
    assert [str(name) for name in names if {"tests", "courses", "__pycache__"} & set(name.parts)] == []
    assert [str(name) for name in names if name.name == "course.toml"] == []


def test_the_wheel_says_that_it_is_typed(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_wheel_holds_every_file_of_the_packages(wheel, clone):
    committed = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)], cwd=clone, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert {name for name in committed if name} - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_no_key_ships(wheel, sdist):
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(sdist) as archive:
        contents |= {
            member.name: file.read() for member in archive.getmembers() if (file := archive.extractfile(member))
        }
    names = {name for name in contents if Path(name).suffix in {".pem", ".key", ".p12", ".env"}}
    assert names | {name for name, data in contents.items() if KEY.search(data)} == set()


def test_the_sdist_holds_what_one_needs_to_make_and_test_it_and_no_leftovers(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "pyproject.toml", "requirements.lock", "tests/conftest.py"} <= names
    tops = {name.split("/")[0] for name in names}
    assert tops.isdisjoint({".venv", ".git", ".ci", "demo", "dist", "build"})


def run(programs: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return subprocess.run(
        [programs / "coursewright", *arguments],
        cwd=folder,
        env=environment | {"PATH": os.defpath, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_installed_code_is_the_wheels_and_lacks_nothing_that_it_requires(programs, tmp_path):
    where = [programs / "python", "-c", "import coursewright; print(coursewright.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()).is_relative_to(programs.parent)
    check = [sys.executable, "-m", "pip", "--python", programs / "python", "check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_only_developers_need_is_not_there(programs):
    done = subprocess.run([programs / "python", "-c", "import pytest"], capture_output=True, check=False)
    assert done.returncode == 1


def test_the_installed_command_answers(programs, tmp_path):
    version = run(programs, "--version", folder=tmp_path)
    assert (version.returncode, version.stdout, version.stderr) == (0, f"coursewright {__version__}\n", "")
    assert "Write a course:" in run(programs, "--help", folder=tmp_path).stdout


NEED_THE_EXTRA_LTI = {"release.exports.ags", "release.exports.ags_connector"}


def test_every_module_can_be_imported_from_the_wheel(programs, wheel, tmp_path):
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py") and "__main__" not in name
    }
    modules = sorted(modules - NEED_THE_EXTRA_LTI)
    program = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    done = subprocess.run(
        [programs / "python", "-c", program, *modules], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_one_submission_is_graded_where_there_is_nothing_but_the_wheel(programs, clone, tmp_path):
    """The author's own solution, handed in, earns every point that needs no person."""
    course, assignment = tmp_path / "mpc", "week01-problem-set"
    shutil.copytree(clone / "courses" / "mpc", course)
    shutil.copytree(course / "source" / assignment, course / "submitted" / "ada" / assignment)
    built = run(programs, "build", "mpc", assignment, folder=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    graded = run(programs, "grade", "mpc", assignment, "--json", folder=tmp_path)
    assert (graded.returncode, graded.stderr) == (0, "")
    (record,) = json.loads(graded.stdout)["records"]
    tests = [cell for cell in record["cells"] if cell["kind"] == "test"]
    assert len(tests) >= 5
    assert {cell["outcome"] for cell in tests} == {"passed"}
    assert record["score"] == sum(cell["max_score"] for cell in tests) > 0
    assert (course / "gradebook.db").is_file()
