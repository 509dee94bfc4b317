"""An environment outside the repository that holds one wheel, what it requires, and nothing else.

What the wheel requires is taken from the environment that runs the tests, file by file as pip's ``RECORD`` lists them,
as hard links: the pinned files that ``make setup`` checked against their hashes, without downloading them again. The
wheel itself is installed by pip.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def required(name: str, extras: frozenset[str] = frozenset()) -> dict[str, metadata.Distribution]:
    """Everything that an installed distribution requires, directly or not, by canonical name; itself left out."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(_requirements(metadata.distribution(name), extras))
    while waiting:
        requirement = waiting.pop()
        key = canonicalize_name(requirement.name)
        new = key not in found
        found.setdefault(key, metadata.distribution(requirement.name))
        if new or requirement.extras:
            waiting += [
                other
                for other in _requirements(found[key], frozenset(requirement.extras))
                if canonicalize_name(other.name) not in found
            ]
    return found


def _requirements(distribution: metadata.Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def make_environment(folder: Path, wheel: Path, name: str = "coursewright") -> Path:
    """Make the environment in the folder.

    Returns:
        Its folder of programs.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for distribution in required(name).values():
        _link(distribution, site, folder / "bin")
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--quiet", "--no-input"]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", "--root-user-action=ignore", wheel], check=True)
    return folder / "bin"


def _link(distribution: metadata.Distribution, site: Path, programs: Path) -> None:
    for file in distribution.files or ():
        source = Path(str(distribution.locate_file(file)))
        if not source.is_file():
            continue
        target = Path(os.path.normpath(site / file))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent == programs:
            _copy_program(source, target)
        elif not target.exists():
            _hard_link(source, target)


def _hard_link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _copy_program(source: Path, target: Path) -> None:
    """Copy a program, so that it runs with the new environment's interpreter."""
    data = source.read_bytes()
    old = f"#!{Path(sys.prefix) / 'bin'}{os.sep}".encode()
    if data.startswith(old):
        first, _, rest = data.partition(b"\n")
        data = b"#!" + str(target.parent).encode() + b"/" + first.removeprefix(old) + b"\n" + rest
    target.write_bytes(data)
    shutil.copymode(source, target)
