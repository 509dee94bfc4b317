"""Who has earned a credential, and of everybody else, what is missing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import print_json, print_table, say
from coursewright.registry import DEFAULT_LEDGER, LedgerOption, TrustOption, open_sound_ledger

if TYPE_CHECKING:
    from release.eligibility import Eligibility


def eligibility(
    program: Annotated[Path, typer.Argument(metavar="PROGRAM", help="The program's file.")],
    learner: Annotated[
        list[str] | None,
        typer.Option("--learner", metavar="ID", help="A learner, with every reason; without, everybody."),
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    trust: TrustOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say who has earned a program's credential, and why or why not."""
    from authoring.program_file import read_program
    from release.eligibility import evaluate

    wanted = read_program(program)
    with open_sound_ledger(ledger, trust) as opened:
        known = opened.learners()
        found = [evaluate(wanted, opened, each) for each in learner or known]
    if as_json:
        print_json({"program": wanted.id, "learners": found})
    elif learner:
        for each in found:
            _explain(each, wanted.title, known=each.learner in known)
    else:
        _overview(found, ledger)


def _explain(found: "Eligibility", title: str, *, known: bool) -> None:
    if not known:
        say(f"The ledger holds no grade of a learner {found.learner}.")
    say(f"{found.learner} has {'earned' if found.met else 'not earned'} the {title}.")
    for reason in found.reasons:
        depth = reason.place.count(".") + bool(reason.place)
        say(f"{'  ' * depth}{'✓' if reason.met else '✗'} {reason.text}")


def _overview(found: list["Eligibility"], ledger: str) -> None:
    if not found:
        raise CoursewrightError(f"{ledger}: the ledger holds no grade yet; append some with ledger append.")
    rows = [(each.learner, "yes" if each.met else "no", "" if each.met else "; ".join(_open(each))) for each in found]
    print_table(["learner", "eligible", "why not"], rows)
    say(f"{sum(each.met for each in found)} of {len(found)} learners are eligible.")


def _open(found: "Eligibility") -> list[str]:
    """What is missing, without the lists that only sum it up."""
    inner = [reason for reason in found.reasons if not reason.met and not _has_parts(reason.place, found)]
    return [reason.text for reason in inner]


def _has_parts(place: str, found: "Eligibility") -> bool:
    start = f"{place}." if place else ""
    return any(reason.place.startswith(start) and reason.place != place for reason in found.reasons)
