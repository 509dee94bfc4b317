"""Every kind of damage as a row: what came back, what it is worth, and what the record says of it."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat

from autograder.record import Outcome
from tests.autograder.damaged.course import ONE, TWO, Json, cell, changed, good, place, scratch, text

FILES = Path(__file__).parent / "files"
WAITS, FAILED, MISSING = Outcome.NEEDS_MANUAL, Outcome.FAILED, Outcome.MISSING

Submission = dict[str, bytes]


@dataclass(frozen=True)
class Kind:
    """One kind of damage. The whole submission is worth 3 points and an essay that waits for a mark."""

    name: str
    files: Callable[[], Submission]
    outcome: Outcome
    score: float | None
    rules: tuple[str, ...]
    says: str = ""  # a piece of a finding's message


def file(name: str, outcome: Outcome, score: float | None, *rules: str, says: str = "") -> Kind:
    """A file of the folder ``files``, handed in as ps.ipynb."""
    return Kind(name, lambda: {"ps.ipynb": (FILES / name).read_bytes()}, outcome, score, rules, says)


def bytes_(
    name: str, make: Callable[[], bytes], outcome: Outcome, score: float | None, *rules: str, says: str = ""
) -> Kind:
    """Bytes, handed in as ps.ipynb."""
    return Kind(name, lambda: {"ps.ipynb": make()}, outcome, score, rules, says)


def edit(
    name: str, change: Callable[[Json], object], outcome: Outcome, score: float | None, *rules: str, says: str = ""
) -> Kind:
    """A change of the good submission."""
    return bytes_(name, lambda: changed(change), outcome, score, *rules, says=says)


def named(name: str, outcome: Outcome, score: float | None, *rules: str, says: str = "", **files: str) -> Kind:
    """The good submission under other names: a mapping from a name in the code to the file's name."""
    return Kind(name, lambda: {path: text().encode() for path in files.values()}, outcome, score, rules, says)


# How a cell is changed -----------------------------------------------------------------------------------------------


def put(name: str, **fields: object) -> Callable[[Json], object]:
    return lambda notebook: cell(notebook, name).update(fields)


def without(name: str, key: str) -> Callable[[Json], object]:
    return lambda notebook: cell(notebook, name).pop(key)


def drop(*names: str) -> Callable[[Json], object]:
    return lambda notebook: [notebook["cells"].pop(place(notebook, name)) for name in names]


def double(name: str) -> Callable[[Json], object]:
    return lambda notebook: notebook["cells"].append(cell(notebook, name) | {"id": "copy"})


def split(notebook: Json) -> None:
    """JupyterLab gives both halves the metadata."""
    whole = cell(notebook, "s_two")
    notebook["cells"].insert(place(notebook, "s_two"), copy.deepcopy(whole) | {"source": "v = 2", "id": "half"})
    whole["source"] = "def two():\n    return v"


def merge(first: str, second: str, kept: str) -> Callable[[Json], object]:
    def act(notebook: Json) -> None:
        cell(notebook, kept)["source"] = "\n\n".join(cell(notebook, name)["source"] for name in (first, second))
        drop(second if kept == first else first)(notebook)

    return act


def retype(name: str, kind: str) -> Callable[[Json], object]:
    def act(notebook: Json) -> None:
        changed = cell(notebook, name)
        changed["cell_type"] = kind
        for key in ("outputs", "execution_count"):
            changed.pop(key, None)

    return act


def strip(notebook: Json) -> None:
    for one in notebook["cells"]:
        one["metadata"] = {"colab": {"base_uri": "x"}}
        one.pop("id")
    notebook["nbformat_minor"] = 0


def strip_and_add(notebook: Json) -> None:
    """The answers are the only cells of their names, whatever stands around them."""
    strip(notebook)
    notebook["cells"].insert(3, scratch("one()"))
    notebook["cells"].insert(0, scratch("x = 5", identity="other"))


def strip_with_two_essays(notebook: Json) -> None:
    where = place(notebook, "e_why")
    strip(notebook)
    notebook["cells"].insert(where, scratch("On second thoughts …", "markdown"))


def older_version(notebook: Json) -> None:
    """Last year's notebook: other ids, and one test that reads otherwise now."""
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"]["grade_id"] += "_2025"
        one.pop("id")
    notebook["cells"][3]["source"] = "assert one() > 0"
    notebook["nbformat_minor"] = 4


def in_pieces(notebook: Json) -> None:
    """The answer stands in two cells, neither of which can be known for it; its test is gone, too."""
    drop("s_one", "t_one")(notebook)
    notebook["cells"].insert(2, scratch("def unity():\n    return 1"))
    notebook["cells"].insert(3, scratch("globals()['one'] = unity", identity="other"))


def schema(version: int) -> Callable[[Json], object]:
    def act(notebook: Json) -> None:
        for one in notebook["cells"]:
            if "nbgrader" in one["metadata"]:
                one["metadata"]["nbgrader"]["schema_version"] = version
                one["metadata"]["nbgrader"].pop("task")

    return act


def each_cell(**fields: object) -> Callable[[Json], object]:
    return lambda notebook: [one.update(fields) for one in notebook["cells"]]


def crlf(notebook: Json) -> None:
    for one in notebook["cells"]:
        one["source"] = one["source"].replace("\n", "\r\n")


def as_lists(notebook: Json) -> None:
    for one in notebook["cells"]:
        one["source"] = one["source"].splitlines(keepends=True)


def deep(levels: int) -> Json:
    made: Json = {}
    for _ in range(levels):
        made = {"a": made}
    return made


# What is large is built ----------------------------------------------------------------------------------------------


def with_outputs_of(mebibytes: int) -> bytes:
    notebook = good()
    output = {"output_type": "stream", "name": "stdout", "text": "x" * (mebibytes * 1024**2)}
    cell(notebook, "s_one")["outputs"] = [output]
    return json.dumps(notebook).encode()


def many_cells(number: int) -> bytes:
    one = json.dumps(scratch("1"))
    return f'{{"cells": [{",".join([one] * number)}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'.encode()


def cut_at(mark: str) -> bytes:
    whole = text()
    return whole[: whole.index(mark)].encode()


def old_format(major: int) -> bytes:
    notebook = nbformat.from_dict(good())
    notebook = nbformat.convert(notebook, 3)
    if major == 3:
        return nbformat.writes(notebook).encode()
    for one in notebook.worksheets[0].cells:
        one.setdefault("collapsed", False)
    return json.dumps(notebook | {"nbformat": 2}).encode()


def swap(old: str, new: str) -> bytes:
    whole = text()
    assert old in whole
    return whole.replace(old, new, 1).encode()


def flipped(mark: bytes) -> bytes:
    """One bit more in the byte in front of the mark; the ü of Größe keeps the rest of the file in UTF-8."""
    data = bytearray(text().encode())
    data[data.index(mark) - 1] |= 0x80
    return bytes(data)


def in_conflict(ours: str, theirs: str) -> bytes:
    return swap(ours, f"\n<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> feature\n")


KINDS = (
    # the file is something else
    bytes_("empty", lambda: b"", FAILED, None, "unreadable-notebook", says="the file is empty; ask the learner"),
    bytes_("zeros", lambda: bytes(4096), FAILED, None, "unreadable-notebook", says="filled with zeros"),
    bytes_("other-json", lambda: b'{"a": 1}', FAILED, None, "unreadable-notebook", says="JSON, but not a notebook"),
    bytes_("a-number", lambda: b"17", FAILED, None, "unreadable-notebook", says="JSON, but not a notebook"),
    bytes_("a-list", lambda: json.dumps([good()]).encode(), FAILED, None, "unreadable-notebook", says="not a notebook"),
    file("web-page.ipynb", FAILED, None, "unreadable-notebook", says="this is a web page"),
    bytes_("pdf", lambda: b"%PDF-1.7\n%\xe2", FAILED, None, "unreadable-notebook", says="this is a PDF"),
    bytes_("zip", lambda: b"PK\x03\x04" + bytes(30), FAILED, None, "unreadable-notebook", says="a zip archive"),
    bytes_("python", ONE.encode, FAILED, None, "unreadable-notebook", says="the file is not JSON"),
    bytes_("noise", lambda: bytes(range(256)), FAILED, None, "unreadable-notebook", says="the file is not JSON"),
    # its bytes
    bytes_("utf-8-bom", lambda: text().encode("utf-8-sig"), WAITS, 3, "mended-notebook", says="byte order mark"),
    file("utf-16.ipynb", WAITS, 3, "mended-notebook", says="the file is in UTF-16"),
    bytes_("utf-16-bare", lambda: text().encode("utf-16-be"), WAITS, 3, "mended-notebook", says="UTF-16-BE"),
    bytes_("utf-32", lambda: text().encode("utf-32"), WAITS, 3, "mended-notebook", says="UTF-32"),
    file("latin-1.ipynb", WAITS, 3, "mended-notebook", says="read as Windows-1252; see whether letters"),
    bytes_("byte-in-prose", lambda: flipped(b"ay in a"), WAITS, 3, "mended-notebook", says="some bytes of the file"),
    bytes_("byte-in-answer", lambda: flipped(b"rn 1"), FAILED, None, "unreadable-notebook", says="s_one"),
    bytes_("crlf-lines", lambda: text().replace("\n", "\r\n").encode(), WAITS, 3),
    bytes_("zeros-behind", lambda: text().encode() + bytes(512), WAITS, 3, "mended-notebook"),
    bytes_("nul-inside", lambda: swap("return 1", "return \0"), WAITS, 2, "mended-notebook"),
    # its JSON
    file("truncated.ipynb", FAILED, None, "unreadable-notebook", says="breaks off in line"),
    bytes_("cut-in-cell", lambda: cut_at('"source": "assert two'), FAILED, None, "unreadable-notebook", says="7 whole"),
    bytes_("cut-behind-cells", lambda: cut_at('"language_info"'), WAITS, 3, "mended-notebook", says="cells are whole"),
    file("trailing-commas.ipynb", WAITS, 3, "mended-notebook", says="commas that stand too much"),
    file("text-around.ipynb", WAITS, 3, "mended-notebook", says="text in front of the notebook was left out"),
    bytes_("rest-behind", lambda: text().encode() + b' 4,\n "x": 5\n}\n', WAITS, 3, "mended-notebook", says="behind"),
    bytes_("two-notebooks", lambda: text().encode() * 2, FAILED, None, "unreadable-notebook", says="two notebooks"),
    bytes_("nan", lambda: swap('"metadata": {}', '"metadata": {"x": NaN}'), WAITS, 3),
    file("doubled-key.ipynb", WAITS, 3, "mended-notebook", says="cell 3 has the key `source` twice; the last one"),
    bytes_("control", lambda: swap("# One", "# \x01\tOne"), WAITS, 3, "mended-notebook", says="JSON does not allow"),
    bytes_(
        "endless-number",
        lambda: swap('"metadata": {}', f'"metadata": {{"x": {"9" * 5000}}}'),
        WAITS,
        3,
        "mended-notebook",
    ),
    bytes_("deep", lambda: b"[" * 100_000, FAILED, None, "unreadable-notebook", says="nested too deeply"),
    edit("deep-metadata", lambda nb: nb["metadata"].update(deep(700)), WAITS, 3),
    edit("deep-cell-metadata", lambda nb: cell(nb, "s_one")["metadata"].update(deep(700)), WAITS, 3),
    file("merge-of-outputs.ipynb", WAITS, 3, "mended-notebook", says="both sides have the same cells"),
    file("merge-of-answers.ipynb", FAILED, None, "unreadable-notebook", says="(line 41), whose sides differ in cell 3"),
    bytes_(
        "merge-broken",
        lambda: in_conflict('"cells"', '"cells" ['),
        FAILED,
        None,
        "unreadable-notebook",
        says="finish it",
    ),
    edit(
        "merge-in-answer", put("s_one", source=f"<<<<<<< local\n{ONE}\n=======\n>>>>>>> x"), WAITS, 2, "conflict-marks"
    ),
    # its format
    bytes_("format-2", lambda: old_format(2), WAITS, 3, "mended-notebook", says="has format 2 and was converted"),
    bytes_("format-3", lambda: old_format(3), WAITS, 3, "mended-notebook", says="has format 3 and was converted"),
    edit("format-4.0", lambda nb: (nb.update(nbformat_minor=0), [one.pop("id") for one in nb["cells"]]), WAITS, 3),
    edit("format-4.4", lambda nb: (nb.update(nbformat_minor=4), [one.pop("id") for one in nb["cells"]]), WAITS, 3),
    edit("format-4.99", lambda nb: nb.update(nbformat_minor=99), WAITS, 3),
    edit("format-5", lambda nb: nb.update(nbformat=5), FAILED, None, "unreadable-notebook", says="has format 5, and 4"),
    edit("no-format", lambda nb: nb.pop("nbformat"), WAITS, 3, "mended-notebook", says="does not say its format"),
    edit("minor-is-text", lambda nb: nb.update(nbformat_minor="5"), WAITS, 3),
    edit("no-metadata", lambda nb: nb.pop("metadata"), WAITS, 3, "mended-notebook", says="no metadata"),
    edit("metadata-list", lambda nb: nb.update(metadata=[1]), WAITS, 3, "mended-notebook", says="no metadata"),
    edit("no-kernel", lambda nb: nb["metadata"].pop("kernelspec"), WAITS, 3),
    edit("other-name", lambda nb: nb["metadata"]["kernelspec"].update(name="conda-env-x-py"), WAITS, 3),
    edit(
        "r-kernel",
        lambda nb: nb["metadata"].update(kernelspec={"name": "ir", "language": "R"}),
        WAITS,
        3,
        "other-kernel",
    ),
    edit("huge-number", lambda nb: nb["metadata"].update(x=10**400), WAITS, 3),
    edit(
        "no-cells", lambda nb: nb.update(cells=[]), FAILED, None, "unreadable-notebook", says="none of the assignment's"
    ),
    edit("cells-no-list", lambda nb: nb.update(cells={}), FAILED, None, "unreadable-notebook", says="no list of cells"),
    # its cells
    edit(
        "no-ids", lambda nb: [one.pop("id") for one in nb["cells"]], WAITS, 3, "mended-notebook", says="no id of their"
    ),
    edit("same-ids", each_cell(id="same"), WAITS, 3, "mended-notebook", says="one that another cell has"),
    edit("source-lists", as_lists, WAITS, 3),
    edit("source-crlf", crlf, WAITS, 3),
    edit(
        "answer-without-source",
        without("s_one", "source"),
        FAILED,
        None,
        "unreadable-notebook",
        says="(s_one): it has no text",
    ),
    edit(
        "answer-is-number",
        put("s_one", source=7),
        FAILED,
        None,
        "unreadable-notebook",
        says="cell 3 (s_one): its text is no",
    ),
    edit("test-is-number", put("t_one", source=7), WAITS, 3, "mended-notebook", "changed-cell", says="own was used"),
    edit("prose-is-number", lambda nb: nb["cells"][0].update(source=7), WAITS, 3, "mended-notebook"),
    edit(
        "cell-is-text", lambda nb: nb["cells"].insert(0, "x"), WAITS, 3, "mended-notebook", says="cell 1: it is no cell"
    ),
    edit(
        "answer-is-no-cell",
        lambda nb: nb["cells"].__setitem__(2, ONE),
        FAILED,
        None,
        "unreadable-notebook",
        says="no cell",
    ),
    edit("unknown-type", put("s_one", cell_type="heading"), WAITS, 3, "mended-notebook", "retyped-cell"),
    edit("no-cell-metadata", without("s_one", "metadata"), WAITS, 3, "mended-notebook", "recognised-cell"),
    edit("cell-metadata-list", put("t_two", metadata=[]), WAITS, 3, "mended-notebook", "recognised-cell"),
    edit("nbgrader-null", put("t_two", metadata={"nbgrader": None}), WAITS, 3, "mended-notebook", "recognised-cell"),
    edit(
        "outputs-text", put("s_one", outputs="x"), WAITS, 3, "mended-notebook", says="cell 3 has outputs that are none"
    ),
    edit("outputs-odd", put("s_one", outputs=[{"a": 1}, 2]), WAITS, 3, "mended-notebook", says="outputs that are none"),
    edit("no-outputs", without("s_one", "outputs"), WAITS, 3),
    edit("attachments", put("e_why", attachments={"a.png": 1}), WAITS, 3, "mended-notebook", says="attachments"),
    bytes_("surrogate", lambda: swap("Größe", r"\ud83d"), WAITS, 3, "mended-notebook", says="half a character"),
    bytes_(
        "surrogate-output",
        lambda: changed(put("s_one", outputs=[{"output_type": "x", "t": "?"}])).replace(b'"?"', rb'"\ud83d"'),
        WAITS,
        3,
    ),
    edit("nul-character", put("s_one", source=ONE + "\n# \0"), WAITS, 2),
    edit("escapes", put("s_two", source=TWO + "\n# \x1b[31m\x07"), WAITS, 3),
    edit("copied-test", double("t_two"), WAITS, 3, "duplicated-cell"),
    edit("copied-answer", double("s_two"), WAITS, 3, "duplicated-cell", "moved-cell"),
    edit("split", split, WAITS, 3, "duplicated-cell"),
    edit("merged-answers", merge("s_one", "s_two", "s_one"), WAITS, 3, "missing-cell"),
    edit("merged-into-test", merge("s_one", "t_one", "t_one"), WAITS, 3, "merged-cell", "changed-cell"),
    edit("merged-behind-setup", merge("r_setup", "s_one", "r_setup"), WAITS, 3, "merged-cell", "changed-cell"),
    edit("merged-test-into-answer", merge("s_two", "t_two", "s_two"), WAITS, 3, "missing-cell"),
    edit("no-answer", drop("s_one"), WAITS, 2, "missing-cell", says="see whether its answer stands in another cell"),
    edit("no-test", drop("t_one"), WAITS, 3, "missing-cell"),
    edit("no-essay", drop("e_why"), WAITS, 3, "missing-cell"),
    edit("no-setup", drop("r_setup"), WAITS, 3, "missing-cell"),
    edit(
        "answer-elsewhere",
        lambda nb: (drop("s_one", "t_one")(nb), nb["cells"].insert(2, scratch(ONE))),
        WAITS,
        3,
        "recognised-cell",
        "missing-cell",
    ),
    edit("answer-in-pieces", in_pieces, WAITS, 3, "missing-cell"),
    edit("test-first", lambda nb: nb["cells"].insert(0, nb["cells"].pop()), WAITS, 1, "moved-cell"),
    edit("answer-as-text", retype("s_one", "markdown"), WAITS, 3, "retyped-cell"),
    edit("answer-raw", retype("s_one", "raw"), WAITS, 3, "retyped-cell"),
    edit("test-as-text", retype("t_one", "markdown"), WAITS, 3, "retyped-cell"),
    edit("essay-as-code", put("e_why", cell_type="code", outputs=[]), WAITS, 3, "retyped-cell"),
    edit("essay-raw", retype("e_why", "raw"), WAITS, 3, "retyped-cell"),
    # the assignment's marks
    edit("stripped", strip, WAITS, 3, "recognised-cell"),
    edit("stripped-with-more-cells", strip_and_add, WAITS, 3, "recognised-cell"),
    edit("stripped-and-unclear", strip_with_two_essays, FAILED, None, "unreadable-notebook", says="which is e_why"),
    edit("older-version", older_version, WAITS, 3, "recognised-cell", "unknown-cell", "missing-cell"),
    edit(
        "one-unknown",
        lambda nb: cell(nb, "s_one")["metadata"]["nbgrader"].update(grade_id="old"),
        WAITS,
        3,
        "recognised-cell",
    ),
    edit("schema-1", schema(1), WAITS, 3, "other-schema"),
    edit("schema-2", schema(2), WAITS, 3, "other-schema"),
    edit("schema-9", schema(9), WAITS, 3, "other-schema"),
    # too much of it
    bytes_(
        "outputs-of-40-MiB",
        partial(with_outputs_of, 40),
        WAITS,
        3,
        "mended-notebook",
        says="its outputs were passed over",
    ),
    bytes_(
        "6000-cells",
        partial(many_cells, 6000),
        FAILED,
        None,
        "unreadable-notebook",
        says="6,000 cells and at most 5,000",
    ),
    # its name
    named("capitals", WAITS, 3, "renamed-notebook", a="PS.IPYNB"),
    named("numbered", WAITS, 3, "renamed-notebook", a="ps (1).ipynb"),
    named("copy-of", WAITS, 3, "renamed-notebook", a="Copy of ps.ipynb"),
    named("by-its-cells", WAITS, 3, "renamed-notebook", a="homework Ada.ipynb"),
    named("saved-as-text", WAITS, 3, "renamed-notebook", a="ps.ipynb.txt"),
    named("in-a-folder", WAITS, 3, "renamed-notebook", a="ps/ps.ipynb"),
    named("windows-path", WAITS, 3, "renamed-notebook", a="ps\\ps.ipynb"),
    named("two-the-same", WAITS, 3, "renamed-notebook", "extra-notebook", a="ps (1).ipynb", b="ps (2).ipynb"),
    Kind(
        "two-that-differ",
        lambda: {"ps1.ipynb": text().encode(), "ps2.ipynb": changed(put("s_one", source="x"))},
        FAILED,
        None,
        ("unreadable-notebook", "extra-notebook"),
        "each of ps1.ipynb, ps2.ipynb may be it",
    ),
    Kind(
        "renamed-and-broken", lambda: {"PS (2).ipynb": b"{"}, FAILED, None, ("renamed-notebook", "unreadable-notebook")
    ),
    Kind(
        "another-notebook",
        lambda: {"notes.ipynb": many_cells(2)},
        MISSING,
        None,
        ("missing-notebook", "extra-notebook"),
    ),
    Kind("extra", lambda: {"ps.ipynb": text().encode(), "x.ipynb": many_cells(1)}, WAITS, 3, ("extra-notebook",)),
    Kind(
        "checkpoint",
        lambda: {".ipynb_checkpoints/ps-checkpoint.ipynb": text().encode()},
        FAILED,
        None,
        ("unreadable-notebook",),
        "it may be older",
    ),
    Kind(
        "left-by-macos",
        lambda: {"ps.ipynb": text().encode(), "._ps.ipynb": b"\0\5", "__MACOSX/ps.ipynb": b""},
        WAITS,
        3,
        (),
    ),
    Kind(
        "script",
        lambda: {"ps.py": (FILES / "jupytext-script.txt").read_bytes()},
        WAITS,
        3,
        ("converted-notebook",),
    ),
    Kind(
        "markdown", lambda: {"ps.md": (FILES / "jupytext-markdown.txt").read_bytes()}, WAITS, 3, ("converted-notebook",)
    ),
    Kind("nothing", lambda: {"data.csv": b"1"}, MISSING, None, ("missing-notebook",)),
)
