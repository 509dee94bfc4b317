"""Items as an author would write them, one for each type."""

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from exam_bank.item import Item
from exam_bank.item_file import parse_item

DOCS = Path(__file__).parents[2] / "docs" / "items.md"
HEADER = "title: A title\nskill: apply\nstatus: operational\npoints: 2\nminutes: 3\n"

SINGLE = """\
type: single-choice
options:
  - {id: right, text: The right one, correct: true, feedback: So it is.}
  - {id: near, text: A near miss, feedback: You forgot the root.}
  - {id: far, text: A far miss, feedback: That is the variance.}
"""
MULTIPLE = """\
type: multiple-choice
scoring: SCORING
options:
  - {id: p, text: P holds, correct: true, feedback: P does hold.}
  - {id: q, text: Q holds, correct: true, feedback: Q does hold.}
  - {id: r, text: R holds, feedback: R does not.}
  - {id: s, text: S holds, feedback: S does not.}
"""
NUMERIC = """\
type: numeric
answer: 12.5
tolerance: {absolute: 0.1}
unit: mm
feedback: Divide by d2.
"""
FILL_IN = """\
type: fill-in
scoring: SCORING
blanks:
  - {id: chart, accept: [range, R chart], feedback: It is the range.}
  - {id: code, accept: [X-bar], case: exact, spaces: remove}
"""
SHORT = """\
type: short-answer
rubric:
  - {points: 1.5, text: Names the cause.}
  - {points: 0.5, text: Names the mend.}
keywords: [subgroup]
"""
MATCHING = """\
type: matching
scoring: SCORING
pairs:
  - {id: one, left: First, right: Alpha, feedback: Alpha comes first.}
  - {id: two, left: Second, right: Beta}
distractors:
  - {id: none, text: Gamma}
"""
ORDERING = """\
type: ordering
scoring: SCORING
feedback: Measure before you compute.
steps:
  - {id: choose, text: Choose}
  - {id: measure, text: Measure}
  - {id: compute, text: Compute}
  - {id: act, text: Act}
"""
CODE = "type: code\n"
CODE_SECTIONS = """
## Starter

```python
def limits(x):
    ...
```

## Reference

```python
def limits(x):
    return 1, 2
```

## Tests

```python
## a comment that looks like a heading
assert limits([1])
```

## Hidden tests

```python
assert limits([1]) == (1, 2)
```
"""


def item_text(front: str, *, stem: str = "What is it?", sections: str = "") -> str:
    """The text of an item file."""
    return f"---\n{HEADER}{dedent(front)}---\n\n{stem}\n{sections}\n## Solution\n\nBecause.\n"


@pytest.fixture
def make_item() -> Callable[..., Item]:
    """An item from its front matter (without the common keys), stem and sections."""

    def make(front: str, *, stem: str = "What is it?", sections: str = "", item_id: str = "x") -> Item:
        text = item_text(front, stem=stem, sections=sections)
        return parse_item(text, topic="basics", item_id=item_id, file=f"items/basics/{item_id}.md")

    return make


@pytest.fixture
def documented_item() -> Item:
    """The complete example of the documentation."""
    example = re.search(r"````markdown\n(.*?)\n````", DOCS.read_text(), re.DOTALL)
    assert example is not None
    return parse_item(example[1], topic="charts", item_id="upper-limit", file="items/charts/upper-limit.md")
