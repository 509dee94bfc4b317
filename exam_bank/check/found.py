"""How the rules for items say what they found."""

from collections.abc import Sequence

from authoring.check.finding import Finding, Severity
from exam_bank.item import Item


def found(item: Item, rule: str, message: str, mend: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding in the file of ``item``."""
    return Finding(file=f"items/{item.ref}.md", rule=rule, severity=severity, message=message, mend=mend)


def often(seeds: Sequence[int], tried: int) -> str:
    """``seed 3; 12 of 1000 seeds``: the first seed and how many there are."""
    return f"seed {seeds[0]}; {len(seeds)} of {tried} seeds"
