"""Nothing in the repository depends on one machine or on one place to download from, and no code trusts data."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.parsed import nodes

PACKAGES = ("authoring", "exam_bank", "autograder", "release", "coursewright")

# Written in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(name + "." + end)
        for name, end in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("npmmirror", "com"),
            ("yarnpkg", "com"),
            ("anaconda", "org"),
            ("conda", "io"),
            ("debian", "org/debian"),
        ]
    )
)
DOWNLOAD_OPTIONS = re.compile(r"--(extra-)?index-url\b|--find-links\b|\bregistry\s*=\s*http|\"resolved\":\s*\"http")
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(work|root|home/(?!\w*[<{…])\w+|Users|opt|mnt)/[\w.]")

# path: why it may hold such a thing
MAY_NAME_A_PATH: dict[str, str] = {}
MAY_NAME_AN_OPTION = {"Makefile": "keeps addresses out of the lock"}

# "path: call": why it is safe there
MAY_RUN_DATA = {
    "autograder/isolated/judges.py: compile": "an author's module of assertions, as trusted as the author's tests",
    "autograder/isolated/judges.py: exec": "the same, in the jail in which the tests run",
    "exam_bank/item_file.py: yaml.load": "with a SafeLoader that also refuses doubled keys",
    "exam_bank/variant_worker.py: compile": "an author's variant code, as trusted as the author's notebooks",
    "exam_bank/variant_worker.py: exec": "the same, in a process of its own",
}


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def matches(pattern: re.Pattern[str], repository: Path, files: list[Path]) -> list[str]:
    return [
        f"{path}:{number}: {found.group()}"
        for path in files
        for number, line in enumerate(text_of(repository / path).splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_package_registry(repository, files):
    assert matches(REGISTRY_HOSTS, repository, files) == []


def test_no_file_says_where_to_download_from(repository, files):
    searched = [path for path in files if str(path) not in MAY_NAME_AN_OPTION]
    assert matches(DOWNLOAD_OPTIONS, repository, [path for path in searched if path.name != Path(__file__).name]) == []


def test_no_file_names_a_folder_of_one_machine(repository, files):
    searched = [path for path in files if str(path) not in MAY_NAME_A_PATH]
    assert matches(MACHINE_PATHS, repository, searched) == []


def test_the_patterns_see_what_they_are_for():
    assert REGISTRY_HOSTS.search("https://files." + "pythonhosted" + ".org/packages/")
    assert MACHINE_PATHS.search('root = "/' + 'home/ada/course"')
    assert MACHINE_PATHS.search("/" + "work/main")
    assert not MACHINE_PATHS.search("homework/week1, a/root/b, ~/work/x, /homepage/x")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(package, repository):
    assert (repository / package / "py.typed").is_file()


DANGEROUS = {"eval", "exec", "compile", "__import__"}
DANGEROUS_OF = {
    "pickle": {"load", "loads", "dump", "dumps", "Unpickler", "Pickler"},
    "marshal": {"load", "loads"},
    "shelve": {"open"},
    "yaml": {"load", "load_all", "unsafe_load", "full_load"},
    "os": {"system", "popen"},
}
DANGEROUS_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "xml.etree", "xml.dom", "xml.sax"}


def dangers(path: Path) -> list[str]:
    found = []
    for node in nodes(path):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in DANGEROUS:
                found.append(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if name in DANGEROUS_OF.get(
                module, ()
            ):
                found.append(f"{module}.{name}")
            case ast.Import(names=names):
                found += [alias.name for alias in names if is_dangerous_import(alias.name)]
            case ast.ImportFrom(module=str(module)) if is_dangerous_import(module):
                found.append(module)
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                found.append("shell=True")
    return found


def is_dangerous_import(module: str) -> bool:
    return any(module == name or module.startswith(name + ".") for name in DANGEROUS_IMPORTS)


@pytest.mark.integration  # it takes long
def test_no_code_runs_what_it_reads(repository, files):
    found = [
        place
        for path in files
        if path.suffix == ".py" and path.parts[0] in PACKAGES
        for name in dangers(repository / path)
        if (place := f"{path}: {name}") not in MAY_RUN_DATA
    ]
    assert found == [], "say in MAY_RUN_DATA why it is safe, or read the data in another way"


def test_the_search_for_such_code_finds_it(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("import pickle\nfrom xml.etree import X\neval('1')\nyaml.load(f)\nrun('x', shell=True)\n")
    assert sorted(dangers(bad)) == ["eval", "pickle", "shell=True", "xml.etree", "yaml.load"]
    good = tmp_path / "good.py"
    good.write_text("import msgspec\nyaml.safe_load(f)\nmodel.eval()\nre.compile('x')\n")
    assert dangers(good) == []
