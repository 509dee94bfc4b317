"""The ledger of verified grades: make it, close a run, and show that nothing in it was changed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, print_table, say
from coursewright.registry import (
    DEFAULT_KEY,
    DEFAULT_LEDGER,
    KeyOption,
    LedgerOption,
    TrustOption,
    issuer_file,
    ledger_url,
    open_key,
    open_ledger,
    passphrase,
    trusted,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CourseArgument = Annotated[Path, typer.Argument(metavar="COURSE", help="The course's folder.")]
ActorOption = Annotated[str, typer.Option("--actor", metavar="NAME", help="Who does it; it stays in the ledger.")]


def init(
    issuer: Annotated[str, typer.Option("--issuer", metavar="NAME", help="Who issues, as credentials show it.")],
    url: Annotated[str, typer.Option("--url", help="The issuer's address on the web.")] = "",
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Make an empty ledger and the key that signs it."""
    from release import keys
    from release.credentials.key_ring import IssuerFile, write_issuer
    from release.ledger import Ledger

    if "://" not in ledger:
        if Path(ledger).exists():
            raise CoursewrightError(f"{ledger}: there is a ledger already; name another place with --ledger.")
        Path(ledger).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing_key = keys.generate()
    keys.save(signing_key, key, passphrase(f"New passphrase of {key}", twice=True))
    write_issuer(issuer_file(key), IssuerFile(id=signing_key.did, name=issuer, url=url))
    with Ledger(ledger_url(ledger), signing_key):
        say(f"The ledger is {ledger}, its key {key}.")
    say(f"Others know the issuer as {signing_key.did}")


def append(
    course: CourseArgument,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
    as_json: JsonOption = False,
) -> None:
    """Add the verified grades of a run, and say who has none and why."""
    from authoring.course_file import load_course
    from coursewright.run_grades import run_grades

    now = datetime.now(UTC)
    found = run_grades(course, load_course(course), at=now)
    with open_ledger(ledger, key=open_key(key)) as opened:
        indices = opened.append_grades(found.grades, at=now)
    entries = {grade.learner: index for grade, index in zip(found.grades, indices, strict=True)}
    if as_json:
        print_json({"entries": entries, "without": found.without})
        return
    if found.without:
        print_table(["learner", "no verified grade, because"], sorted(found.without.items()))
    say(f"{counted(len(entries), 'verified grade')} in the ledger, {counted(len(found.without), 'learner')} without.")


def amend(
    course: CourseArgument,
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Whose grade.")],
    actor: ActorOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the ledger, so leave names out of it.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the grade back, without a new one.")] = False,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Change a grade after the freeze to what it comes to now, with who does it and why."""
    from authoring.course_file import load_course
    from coursewright.run_grades import grade_of

    run = load_course(course)
    now = datetime.now(UTC)
    after = None if withdraw else grade_of(course, run, learner, at=now)
    with open_ledger(ledger, key=open_key(key)) as opened:
        index = opened.amend(learner, run.id, run.run, after=after, actor=actor, reason=reason, at=now)
    say(f"{learner}: {'withdrawn' if withdraw else 'amended'} in {run.id} ({run.run}) by entry {index}.")


def freeze(
    course: CourseArgument, actor: ActorOption, ledger: LedgerOption = DEFAULT_LEDGER, key: KeyOption = DEFAULT_KEY
) -> None:
    """Close a run: from here on its grades change by amendment only."""
    from authoring.course_file import load_course

    loaded = load_course(course)
    with open_ledger(ledger, key=open_key(key)) as opened:
        index = opened.freeze(loaded.id, loaded.run, actor=actor, at=datetime.now(UTC))
    say(f"{loaded.id} ({loaded.run}) is frozen by entry {index}.")


def verify(
    ledger: LedgerOption = DEFAULT_LEDGER,
    trust: TrustOption = None,
    earlier: Annotated[
        Path | None,
        typer.Option("--earlier", metavar="FILE", help="A head that was kept elsewhere (from ledger head)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Replay the whole ledger and compare it with what was signed."""
    from release.ledger_verify import verify_ledger

    keys = trusted(ledger, trust)
    with open_ledger(ledger) as opened:
        found = verify_ledger(opened.store, keys=keys, earlier=None if earlier is None else _head(earlier))
    if as_json:
        print_json(found)
    else:
        say(f"{'Sound' if found.ok else 'NOT SOUND'}: {found.message}")
        if found.ok and earlier is None:
            say("To find out whether its end was cut off, give --earlier a head that you kept (see ledger head).")
    if not found.ok:
        raise typer.Exit(1)


def head(ledger: LedgerOption = DEFAULT_LEDGER) -> None:
    """Print the latest signed head as JSON, to be kept elsewhere."""
    with open_ledger(ledger) as opened:
        print_json(_latest_head(ledger, opened.head()))


def prove(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The entry's number, from 0.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: JsonOption = False,
) -> None:
    """Prove that an entry is in the ledger, to somebody who has only a signed head."""
    with open_ledger(ledger) as opened:
        proof = opened.prove(entry)
    if as_json:
        print_json(
            {
                "index": proof.index,
                "body": proof.body.decode(),
                "path": [node.hex() for node in proof.path],
                "head": proof.head,
            }
        )
    else:
        say(proof.body.decode())
        say(f"Entry {proof.index} is under the head of {proof.head.size} entries, root {proof.head.root}:")
        for node in proof.path:
            say(f"  {node.hex()}")
    if not proof.holds:
        raise CoursewrightError(f"{ledger}: the proof of entry {entry} does not hold; run ledger verify.")


def _latest_head(ledger: str, found: Any) -> Any:
    if found is None:
        raise CoursewrightError(f"{ledger}: the ledger is empty, so nothing is signed yet; append grades first.")
    return found


def _head(file: Path) -> Any:
    from release.tree_head import SignedHead

    try:
        return msgspec.json.decode(file.read_bytes(), type=SignedHead)
    except msgspec.DecodeError as error:
        raise CoursewrightError(f"{file}: this is not a signed head ({error}); make one with ledger head.") from error
