"""``check``: gather the facts once, ask every rule, put what they found in order."""

from collections.abc import Sequence
from pathlib import Path

from authoring.check.context import Context, Rule
from authoring.check.finding import Finding
from authoring.check.gather import gather
from authoring.check.rules import RULES
from authoring.check.trial import Trial


def check(path: Path, *, trial: Trial | None = None, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """What would embarrass an instructor below ``path``, in the order of files and cells.

    Args:
        path: a course, an assignment's folder, or a notebook. The rules that apply are asked.
        trial: runs an assignment; without it, rules about what happens when cells run find nothing.
        rules: what to ask; other packages add theirs to :data:`~authoring.check.rules.RULES`.

    Raises:
        CoursewrightError: ``path`` is neither of the three.
    """
    context = gather(path, trial)
    findings = {finding for rule in rules for finding in rule(context)}
    positions = _positions(context)

    def order(finding: Finding) -> tuple[str, int, str, str, str]:
        position = positions.get((finding.file, finding.cell), -1)
        return finding.file, position, finding.rule, finding.cell or "", finding.message

    return sorted(findings, key=order)


def _positions(context: Context) -> dict[tuple[str, str | None], int]:
    """Where each cell stands in its notebook; of cells with the same name, the first counts."""
    positions: dict[tuple[str, str | None], int] = {}
    for cell in context.cells:
        positions.setdefault((cell.file, cell.place.cell), cell.index)
    return positions
