"""Set-up: quick when there is nothing to do, and one clear sentence when something is missing."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest


@pytest.fixture
def checkout(tmp_path: Path, repository: Path) -> Path:
    """The files that set-up looks at, and no environment."""
    shutil.copytree(repository / "scripts", tmp_path / "scripts")
    (tmp_path / "requirements.lock").write_text("# a comment\nmsgspec==0.1 --hash=sha256:00\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    return tmp_path


def sh(script: str, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("sh"), folder / "scripts" / script, *arguments],
        env={"PATH": os.environ["PATH"]} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def key(path: Path) -> str:
    lines = [line for line in path.read_text().splitlines(keepends=True) if not line.lstrip(" ").startswith("#")]
    return sha256("".join(lines).encode()).hexdigest()


def pretend_that_all_is_done(checkout: Path) -> None:
    lock = f"{checkout} {key(checkout / 'requirements.lock')}"
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "lock.stamp").write_text(lock + "\n")
    (checkout / ".venv" / "project.stamp").write_text(f"{key(checkout / 'pyproject.toml')} {lock}\n")


def test_without_a_python_that_will_do_setup_says_what_to_install(checkout):
    done = sh("setup.sh", folder=checkout, PYTHON="false")
    assert done.returncode == 1
    assert done.stderr == (
        "coursewright needs Python 3.11 or newer with venv: install the Debian package python3-venv, "
        "or say PYTHON=/path/to/python3.\n"
    )


def test_when_nothing_changed_there_is_nothing_to_do(checkout):
    pretend_that_all_is_done(checkout)
    done = sh("setup.sh", folder=checkout, PYTHON="false")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_lock_makes_a_new_environment_but_a_changed_comment_does_not(checkout):
    pretend_that_all_is_done(checkout)
    lock = checkout / "requirements.lock"
    lock.write_text(lock.read_text().replace("a comment", "another"))
    assert sh("setup.sh", folder=checkout, PYTHON="false").returncode == 0
    lock.write_text(lock.read_text().replace("0.1", "0.2"))
    assert sh("setup.sh", folder=checkout, PYTHON="false").returncode == 1


def test_an_environment_that_moved_is_made_anew(checkout, tmp_path_factory):
    pretend_that_all_is_done(checkout)
    moved = tmp_path_factory.mktemp("moved") / "checkout"
    checkout.rename(moved)
    assert sh("setup.sh", folder=moved, PYTHON="false").returncode == 1


@pytest.mark.integration
def test_what_pip_could_not_install_is_said_without_addresses(checkout):
    """The lock asks for a file from a place that does not exist; no network is needed to fail."""
    (checkout / "requirements.lock").write_text("x @ http://127.0.0.1:9/x-1.0.tar.gz --hash=sha256:" + "0" * 64 + "\n")
    done = sh("setup.sh", folder=checkout, PYTHON=sys.executable, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The environment could not be made:")
    assert "://" not in done.stderr
    assert not (checkout / ".venv" / "lock.stamp").exists()


def test_a_missing_debian_package_is_one_clear_sentence(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "id").symlink_to(shutil.which("id"))
    done = sh("need.sh", "no-such-browser", "no-such-package", folder=checkout, PATH=str(tmp_path / "bin"))
    assert done.returncode == 1
    assert done.stderr == (
        "The tests need the command no-such-browser: install the Debian package no-such-package "
        "(as root: apt-get install no-such-package) and run this again.\n"
    )


def test_a_command_that_is_there_needs_nothing(checkout):
    done = sh("need.sh", "sh", "no-such-package", folder=checkout)
    assert (done.returncode, done.stderr) == (0, "")
