"""What learners get of graded and exam items holds no key: the bytes are read, whatever wrote them.

Every text of an item that a learner must not see has a word of its own here, ``SECRET-…``; so have the author's ids.
"""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from exam_bank.forms.exam_notebook import form_notebook
from exam_bank.forms.form import Form, FormSection, Question
from exam_bank.item import Item, Role
from exam_bank.item_file import parse_item
from exam_bank.render import item_metadata, markdown
from exam_bank.scoring import key_response
from exam_bank.variant import Variant
from exam_bank.variant_maker import make_variants
from tests.coursewright.conftest import Run, run  # noqa: F401 - a fixture

pytestmark = pytest.mark.integration  # it builds and publishes a course

HEADER = "---\ntitle: SECRET-title\nskill: SECRET-skill\nstatus: operational\npoints: 2\nminutes: 3\n"
BODY = """---

Shown stem BLANKS{{ shown }}.

## Variant

```python
shown = int(rng.integers(1, 9)) + 10
hidden = "SECRET-binding"  # SECRET-code
```

## Check

```python
answer = "SECRET-check"
```

## Solution

SECRET-solution, {{ hidden }}.
"""
CODE_BODY = """---

Shown stem.

## Starter

```python
shown_starter = 1
```

## Reference

```python
reference = "SECRET-reference"
```

## Tests

```python
assert shown_starter
```

## Hidden tests

```python
assert "SECRET-hidden-test"
```

## Solution

SECRET-solution.
"""
PUBLIC = "author: SECRET-author\nranges: {shown: [11, 19]}\nangoff: {SECRET-judge: 0.5}\ntopics: [SECRET-topic]\n"
SAMPLES = "samples:\n  - {response: SECRET-sample, score: malformed, note: SECRET-note}\n"
OPTIONS = """options:
  - {id: secret-one, text: Shown one, correct: true, feedback: SECRET-feedback}
  - {id: secret-two, text: Shown two, feedback: SECRET-feedback}
  - {id: secret-three, text: Shown three, feedback: SECRET-feedback}
"""
FRONTS = {
    "single-choice": OPTIONS,
    "multiple-choice": "scoring: number-right\n" + OPTIONS,
    "numeric": "answer: 98765.4321\ntolerance: {absolute: 0.001}\nunit: mm\naccepted_units: {SECRETunit: 10}\n"
    "feedback: SECRET-feedback\n",
    "fill-in": "scoring: number-right\nblanks:\n"
    "  - {id: secret-one, accept: [SECRET-form], feedback: SECRET-feedback}\n",
    "short-answer": "rubric:\n  - {points: 2, text: SECRET-rubric}\nkeywords: [SECRET-keyword]\n",
    "matching": "scoring: number-right\npairs:\n"
    "  - {id: secret-one, left: Left one, right: Right one, feedback: SECRET-feedback}\n"
    "  - {id: secret-two, left: Left two, right: Right two}\ndistractors:\n  - {id: secret-three, text: Right three}\n",
    "ordering": "scoring: adjacent-pairs\nfeedback: SECRET-feedback\nsteps:\n  - {id: secret-one, text: Step one}\n"
    "  - {id: secret-two, text: Step two}\n  - {id: secret-three, text: Step three}\n",
    "code": "",
}
SECRET = re.compile(rb"secret[-a-z]*|98765|reference =", re.IGNORECASE)
KEYS = {"key", "correct", "feedback", "solution", "rubric", "keywords", "accept", "tolerance", "answer", "source_id"}


def text_of(kind: str, *, use: str = "exam") -> str:
    """An item of a type, full of secrets."""
    samples = "" if kind == "code" else SAMPLES
    public = PUBLIC.replace("ranges: {shown: [11, 19]}\n", "") if kind == "code" else PUBLIC
    blank = "[[secret-one]] " if kind == "fill-in" else ""
    body = CODE_BODY if kind == "code" else BODY.replace("BLANKS", blank)
    return f"{HEADER}type: {kind}\nuse: {use}\n{public}{samples}{FRONTS[kind]}{body}"


def item_of(kind: str) -> Item:
    return parse_item(text_of(kind), topic="plain", item_id=kind, file="f")


def variant_of(kind: str) -> Variant:
    return make_variants([(item_of(kind), 1)])[0]


def keys_in(value: Any) -> set[str]:
    """Every key of every object in JSON data."""
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in keys_in(each)}
    return {key for each in value for key in keys_in(each)} if isinstance(value, list) else set()


def assert_tells_nothing(data: bytes) -> None:
    assert b"Shown" in data or b"Left one" in data
    assert SECRET.findall(data) == []
    for cell in json.loads(data)["cells"]:
        assert not keys_in(cell["metadata"].get("coursewright", {})) & KEYS


def test_the_secrets_are_there_to_be_found() -> None:
    """Otherwise the tests below would show nothing."""
    for kind in FRONTS:
        assert len(SECRET.findall(text_of(kind).encode())) > 4, kind
        assert b"SECRET-solution" in repr(variant_of(kind)).encode()


def test_the_notebook_of_an_exam_holds_no_key() -> None:
    variants = make_variants([(item_of(kind), 3) for kind in FRONTS])
    questions = tuple(Question(id=f"q{n:02d}", variant=each) for n, each in enumerate(variants, 1))
    section = FormSection(id="all", title="All", minutes=60, questions=questions)
    form = Form(title="Exam", learner="ada", attempt=1, bank="sha256:0", blueprint="sha256:0", sections=(section,))
    assert form.points == Decimal(16)
    data = nbformat.writes(form_notebook(form)).encode()
    assert_tells_nothing(data)
    assert b"plain" not in data, "an exam does not name its items"
    assert b"shown_starter" in data


@pytest.mark.parametrize("kind", ["matching", "ordering"])
def test_the_order_that_is_shown_is_not_the_key(kind: str) -> None:
    """Over many variants the place of a choice says nothing about where it belongs."""
    orders = set()
    for variant in make_variants([(item_of(kind), seed) for seed in range(30)]):
        orders.add(str(key_response(variant)))
    assert len(orders) > 3


def test_what_is_built_and_published_holds_no_key(
    run: Run,  # noqa: F811
    tmp_path: Path,
) -> None:
    assert run("new", "course", "plain", "--starts", "2026-09-14").status == 0
    course = tmp_path / "plain"
    (course / "items" / "plain").mkdir(parents=True)
    cells = []
    graded = [kind for kind in FRONTS if kind != "code"]  # code is graded by nbgrader's own cells
    for kind in graded:
        (course / "items" / "plain" / f"{kind}.md").write_text(text_of(kind, use="lesson"))
        item = {"ref": f"plain/{kind}", "role": "graded", "seed": 2}
        cells.append(
            {"cell_type": "markdown", "id": f"i-{kind}", "metadata": {"coursewright": {"item": item}}, "source": []}
        )
    (source,) = sorted((course / "source" / "week01-problem-set").glob("*.ipynb"))
    notebook = json.loads(source.read_text())
    notebook["cells"] += cells
    source.write_text(json.dumps(notebook))

    assert run("items", "embed", course).status == 0
    built = run("build", course, "week01-problem-set", "week01-lesson", "week01-practice")
    assert built.status == 0, built.err
    published = run("publish", course, "--at", "2027-01-01T00:00")
    assert published.status == 0, published.err

    for folder in (course / "release", course / "published"):
        (found,) = folder.rglob(f"**/week01-problem-set/**/{source.name}")
        data = found.read_bytes()
        assert data.count(b"Shown stem") >= len(graded)
        assert_tells_nothing(data)
        others = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert all(SECRET.search(each) is None for each in others)


def test_a_concept_check_does_hold_its_key() -> None:
    """It answers at once, and so it cannot be secret: this is why exams never ask such an item."""
    variant = variant_of("single-choice")
    shown = markdown(variant, Role.CONCEPT_CHECK) + json.dumps(item_metadata(variant, Role.CONCEPT_CHECK))
    assert "SECRET-feedback" in shown
    assert "SECRET-solution" in shown
