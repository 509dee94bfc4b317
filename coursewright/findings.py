"""Findings as people and programs read them."""

from collections.abc import Mapping, Sequence

import typer

from authoring.check.finding import Finding, Severity
from coursewright.output import counted, print_json, say


def report(findings: Sequence[Finding], *, as_json: bool, more: Mapping[str, object] | None = None) -> None:
    """Print the findings.

    Args:
        findings: what was found.
        as_json: as JSON for programs, or for people.
        more: what else the JSON holds.

    Raises:
        typer.Exit: with status 1, if there is one.
    """
    count = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    errors, warnings = count[Severity.ERROR], count[Severity.WARNING]
    if as_json:
        print_json({"findings": findings, "summary": {"errors": errors, "warnings": warnings}, **(more or {})})
    else:
        for finding in findings:
            _say(finding)
        say(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}." if findings else "No findings.")
    if findings:
        raise typer.Exit(1)


def _say(finding: Finding) -> None:
    place = finding.file if finding.cell is None else f"{finding.file} [{finding.cell}]"
    say(f"{place}: {finding.severity}: {_sentence(finding.message)} ({finding.rule})")
    say(f"    {_sentence(finding.mend)}")


def _sentence(text: str) -> str:
    """The text, beginning as it does and ending with a full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
