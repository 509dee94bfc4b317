"""How pages are read."""

import pytest

from tests.house.console_blocks import Shown, commands, missing_line

PAGE = """# Title

```console
$ coursewright check courses/mpc
0 findings
$ coursewright grade courses/mpc \\
    week01-problem-set
```

<!-- not run: it takes an hour -->
```console
$ sleep 3600
```

<!-- first: touch broken -->
<!-- exit status 1 -->
```console
$ coursewright check broken
…
error: …
```

```python
$ not a command
```
"""


def test_the_commands_of_a_page_in_order():
    assert list(commands(PAGE)) == [
        Shown(4, "coursewright check courses/mpc", ("0 findings",)),
        Shown(6, "coursewright grade courses/mpc \\\n    week01-problem-set"),
        Shown(17, "touch broken"),
        Shown(18, "coursewright check broken", ("error: …",), 1),
    ]


@pytest.mark.parametrize("wrong", ["```console\nno dollar\n```\n", "<!-- skip -->\n```console\n$ true\n```\n"])
def test_a_page_that_cannot_be_understood_is_an_error(wrong):
    with pytest.raises(ValueError, match="line "):
        list(commands(wrong))


def test_output_is_compared_line_by_line_in_order():
    assert missing_line(["a", "c …"], "a\nb\nc 17\n") is None
    assert missing_line(["a  b …"], "a b   c\n") is None
    assert missing_line(["c", "a"], "a\nb\nc\n") == "a"
    assert missing_line(["a"], "a b\n") == "a"
