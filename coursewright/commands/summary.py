"""Summaries of work: what a learner chose to show, as files and under links that can be withdrawn."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.commands.certificate import FontsOption
from coursewright.output import print_json, print_table, say
from coursewright.registry import (
    DEFAULT_KEY,
    DEFAULT_LEDGER,
    KeyOption,
    LedgerOption,
    open_key,
    open_sound_ledger,
    signing_issuer,
)

if TYPE_CHECKING:
    from release.summary.made import Made, Wanted
    from release.summary.work import Choice

_DEFAULT_SHARES = Path("registry/shares.db")
LearnerArgument = Annotated[str, typer.Argument(metavar="LEARNER", help="Whose work it is.")]
CourseOption = Annotated[
    list[str] | None,
    typer.Option("--course", metavar="ID[:RUN]", help="A course that the learner chose to show, or one run of it."),
]
ChoicesOption = Annotated[
    Path | None,
    typer.Option("--choices", metavar="FILE", help="What to show, course by course, as TOML; instead of --course."),
]
ScoresOption = Annotated[bool, typer.Option("--scores", help="Show the scores of these courses.")]
ExamsOption = Annotated[bool, typer.Option("--exams", help="Show the exam attempts that the proctor verified.")]
FailedOption = Annotated[bool, typer.Option("--failed", help="Show attempts that were not passed, too.")]
NameOption = Annotated[str | None, typer.Option("--name", help="The learner's name, if the learner wants it there.")]
ProgramOption = Annotated[
    Path | None, typer.Option("--program", metavar="PROGRAM", help="A program's file, for the courses' titles.")
]
SharesOption = Annotated[
    Path, typer.Option("--shares", metavar="FILE", envvar="COURSEWRIGHT_SHARES", help="Where links are kept.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def write(
    learner: LearnerArgument,
    course: CourseOption = None,
    choices: ChoicesOption = None,
    scores: ScoresOption = False,
    exams: ExamsOption = False,
    failed: FailedOption = False,
    name: NameOption = None,
    program: ProgramOption = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the two files go.")] = Path("summaries"),
    fonts: FontsOption = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Write a learner's summary of work, as a signed record and as PDF, with what the learner chose."""
    from release.credentials.files import write_whole
    from release.summary.made import Wanted

    chosen = _choices(course, choices, scores=scores, exams=exams, failed=failed)
    wanted = Wanted(learner, chosen, name=name, titles=_titles(program), fonts=fonts or ())
    made = _made(wanted, ledger, key, datetime.now(UTC))
    for suffix, data in ((".json", made.record), (".pdf", made.pdf)):
        say(str(write_whole(out / f"summary-{made.id[-12:]}{suffix}", data, mode=0o600)))


def share(
    learner: LearnerArgument,
    recipient: Annotated[str, typer.Option("--for", metavar="TEXT", help="Who the link is for, as a note.")],
    address: Annotated[str, typer.Option("--address", metavar="URL", help="What links begin with.")],
    course: CourseOption = None,
    choices: ChoicesOption = None,
    scores: ScoresOption = False,
    exams: ExamsOption = False,
    failed: FailedOption = False,
    name: NameOption = None,
    program: ProgramOption = None,
    days: Annotated[int, typer.Option("--days", min=1, help="For how many days the link is open.")] = 90,
    fonts: FontsOption = None,
    shares: SharesOption = _DEFAULT_SHARES,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
    as_json: JsonOption = False,
) -> None:
    """Make a link to a summary of work, that can be withdrawn; the link is shown this once."""
    from release.summary.made import Wanted
    from release.summary.shares import Shares, new_token

    chosen = _choices(course, choices, scores=scores, exams=exams, failed=failed)
    token, at = new_token(), datetime.now(UTC)
    link, ends = f"{address.rstrip('/')}/{token}", at + timedelta(days=days)
    wanted = Wanted(learner, chosen, name=name, titles=_titles(program), fonts=fonts or (), address=link)
    made = _made(wanted, ledger, key, at)
    with Shares(shares, create=True) as store:
        added = store.add(learner, token, made, recipient=recipient, at=at, ends=ends)
    if as_json:
        print_json({"share": added, "link": link, "ends": ends})
        return
    say(link)
    say(f"The link of share {added} is open until {ends:%Y-%m-%d %H:%M} UTC. It is kept nowhere: pass it on now.")


def list_shares(learner: LearnerArgument, shares: SharesOption = _DEFAULT_SHARES, as_json: JsonOption = False) -> None:
    """List a learner's links: who each is for, and whether it is open."""
    from release.summary.shares import Shares

    now = datetime.now(UTC)
    with Shares(shares) as store:
        rows = [
            {"share": each.share, "for": each.recipient, "made": each.made, "ends": each.ends, "state": each.state(now)}
            for each in store.of(learner)
        ]
    if as_json:
        print_json({"learner": learner, "shares": rows})
        return
    texts = [[f"{each:%Y-%m-%d}" if isinstance(each, datetime) else str(each) for each in row.values()] for row in rows]
    print_table(["share", "for", "made", "ends", "state"], texts)


def withdraw(
    share: Annotated[str, typer.Argument(metavar="SHARE", help="The share's id; summary list names it.")],
    shares: SharesOption = _DEFAULT_SHARES,
) -> None:
    """Close a link for good, and delete what it led to."""
    from release.summary.shares import Shares

    with Shares(shares) as store:
        new = store.withdraw(share, at=datetime.now(UTC))
    say(f"Share {share} is withdrawn." if new else f"Share {share} was withdrawn before.")


def open_link(
    token: Annotated[str, typer.Argument(metavar="LINK", help="A link, or what it ends with.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write what it leads to into this folder.")
    ] = None,
    shares: SharesOption = _DEFAULT_SHARES,
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: JsonOption = False,
) -> None:
    """Say what a link leads to now: a summary of work, or why to nothing."""
    from release.credentials.files import write_whole
    from release.summary.shares import Shares, ShareState

    with open_sound_ledger(ledger, None) as opened, Shares(shares) as store:
        found = store.opened(token.rstrip("/").rpartition("/")[2], opened, at=datetime.now(UTC))
    if as_json:
        print_json({"state": found.state, "message": found.message})
    else:
        say(found.message)
    if found.state is not ShareState.OPEN:
        raise typer.Exit(1)
    for suffix, data in ((".json", found.record), (".pdf", found.pdf)) if out else ():
        write_whole(Path(str(out)) / f"summary-of-work{suffix}", data, mode=0o600)


def _choices(
    courses: list[str] | None, file: Path | None, *, scores: bool, exams: bool, failed: bool
) -> "tuple[Choice, ...]":
    from release.summary.work import Choice, read_choices

    if (courses is None) == (file is None) or (file is not None and (scores or exams or failed)):
        raise CoursewrightError(
            "say what to show: --course with --scores, --exams and --failed, or a file with --choices, and not both."
        )
    if file is not None:
        return read_choices(file)
    return tuple(
        Choice(course=course, run=run, scores=scores, exams=exams, failed=failed)
        for course, _, run in (each.partition(":") for each in courses or ())
    )


def _titles(program: Path | None) -> dict[str, str]:
    from authoring.program_file import read_program
    from release.summary.work import titles_of

    return {} if program is None else titles_of(read_program(program))


def _made(wanted: "Wanted", ledger: str, key: Path, at: datetime) -> "Made":
    """The summary, from a ledger that is sound."""
    from release.credential import Issuer
    from release.summary.made import make

    signing_key = open_key(key)
    described = signing_issuer(key, signing_key.did)
    issuer = Issuer(name=described.name, url=described.url, id=described.id)
    with open_sound_ledger(ledger, described.trust()) as opened:
        return make(opened, wanted, issuer=issuer, key=signing_key, at=at, id_=uuid.uuid4())
