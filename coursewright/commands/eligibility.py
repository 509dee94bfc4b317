"""Who has earned a credential, and of everybody else, what is missing."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from authoring.errors import CoursewrightError
from coursewright.output import print_json, print_json_stream, print_table, say
from coursewright.registry import DEFAULT_LEDGER, LedgerOption, TrustOption, ledger_url, open_sound_ledger

if TYPE_CHECKING:
    from release.rules.reasons import Chance, Eligibility


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
    """Say who has earned a program's credential, why or why not, and by when what is missing can still be had."""
    from authoring.program_file import read_program
    from release.eligibility import evaluate
    from release.everybody import Question, decide_everybody

    wanted, today = read_program(program), datetime.now(UTC).date()
    with open_sound_ledger(ledger, trust) as opened:
        if learner:
            known = opened.learners()
            found = [evaluate(wanted, opened, each, today=today) for each in learner]
    if learner and as_json:
        print_json({"program": wanted.id, "learners": found})
    elif learner:
        for each in found:
            _explain(each, wanted.title, known=each.learner in known)
    elif as_json:
        everybody = decide_everybody(Question(ledger_url(ledger), wanted, today, _json), processes=_processors())
        print_json_stream("learners", map(msgspec.Raw, everybody), {"program": wanted.id})
    else:
        _overview(decide_everybody(Question(ledger_url(ledger), wanted, today, _row), processes=_processors()), ledger)


def _explain(found: "Eligibility", title: str, *, known: bool) -> None:
    if not known:
        say(f"The ledger holds no grade of a learner {found.learner}.")
    say(f"{found.learner} has {'earned' if found.met else 'not earned'} the {title}.")
    chances = {chance.place: chance.text for chance in found.outlook}
    for reason in found.reasons:
        indent = "  " * (reason.place.count(".") + bool(reason.place))
        say(f"{indent}{'✓' if reason.met else '✗'} {reason.text}")
        if reason.place in chances:
            say(f"{indent}  still to be had: {chances[reason.place]}")


def _overview(rows: Iterable[tuple[str, str, str]], ledger: str) -> None:
    found = list(rows)
    if not found:
        raise CoursewrightError(f"{ledger}: the ledger holds no grade yet; append some with ledger append.")
    print_table(["learner", "eligible", "why not"], found)
    say(f"{sum(yes == 'yes' for _, yes, _ in found)} of {len(found)} learners are eligible.")


def _row(found: "Eligibility") -> tuple[str, str, str]:
    """A line of the table: what is missing, without the lists that only sum it up, and by when it can be had."""
    if found.met:
        return found.learner, "yes", ""
    texts = {reason.place: reason.text for reason in found.reasons}
    return found.learner, "no", "; ".join(texts[chance.place] + _until(chance) for chance in found.outlook)


def _until(chance: "Chance") -> str:
    if chance.possible is False:
        return " (not any more)"
    return "" if chance.by is None else f" (by {chance.by})"


def _json(found: "Eligibility") -> bytes:
    return msgspec.json.encode(found, order="sorted")


def _processors() -> int:
    return len(os.sched_getaffinity(0))
