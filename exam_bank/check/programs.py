"""Whether the programs of a code item are Python. The autograder runs them; here they are only read."""

import ast
from collections.abc import Iterator

from authoring.check.finding import Finding
from exam_bank.check.found import found
from exam_bank.item import Code, Item


def program_findings(item: Item, question: Code) -> Iterator[Finding]:
    """A finding for each program that cannot be parsed."""
    programs = {
        "## Starter": question.starter,
        "## Reference": question.reference,
        "## Tests": question.tests,
        "## Hidden tests": question.hidden_tests,
    }
    for place, program in programs.items():
        try:
            ast.parse(program)
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            message = f"{place}{line}: this is not Python ({error})"
            yield found(item, "item-code", message, "correct the program")
