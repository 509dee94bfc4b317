"""The ledger of verified grades: make it, close a run, and show that nothing in it was changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

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
ProposalArgument = Annotated[int, typer.Argument(metavar="ENTRY", help="The proposal's entry, from ledger proposals.")]
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
    days: Annotated[
        int, typer.Option("--days", min=1, help="For how many days it can be approved, if the run is frozen.")
    ] = 14,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Change a grade to what it comes to now; after the freeze, propose it for somebody else to approve."""
    from authoring.course_file import load_course
    from coursewright.run_grades import grade_of
    from release.amending import Change

    run = load_course(course)
    now = datetime.now(UTC)
    after = None if withdraw else grade_of(course, run, learner, at=now)
    with open_ledger(ledger, key=open_key(key)) as opened:
        if opened.is_frozen(run.id, run.run):
            change = Change(learner, run.id, run.run, after, actor, reason)
            index = opened.propose(change, expires=now + timedelta(days=days), at=now)
            say(f"Proposed by entry {index}; nothing is changed before somebody else runs ledger approve {index}.")
            return
        index = opened.amend(learner, run.id, run.run, after=after, actor=actor, reason=reason, at=now)
    say(f"{learner}: {'withdrawn' if withdraw else 'amended'} in {run.id} ({run.run}) by entry {index}.")


def approve(
    proposal: ProposalArgument, actor: ActorOption, ledger: LedgerOption = DEFAULT_LEDGER, key: KeyOption = DEFAULT_KEY
) -> None:
    """Approve an amendment that somebody else proposed; from now on it is in force."""
    with open_ledger(ledger, key=open_key(key)) as opened:
        index = opened.approve(proposal, actor=actor, at=datetime.now(UTC))
    say(f"What entry {proposal} proposed is in force by entry {index}.")


def withdraw(
    proposal: ProposalArgument,
    actor: ActorOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the ledger, so leave names out of it.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Withdraw a proposed amendment, or turn it down."""
    with open_ledger(ledger, key=open_key(key)) as opened:
        index = opened.withdraw(proposal, actor=actor, reason=reason, at=datetime.now(UTC))
    say(f"What entry {proposal} proposed is withdrawn by entry {index}.")


def proposals(ledger: LedgerOption = DEFAULT_LEDGER, as_json: JsonOption = False) -> None:
    """List the amendments that are proposed and wait for somebody else."""
    now = datetime.now(UTC)
    with open_ledger(ledger) as opened:
        waiting = {index: each for index, each in opened.proposals().items() if each.expires > now}
    if as_json:
        print_json(waiting)
        return
    if waiting:
        print_table(["entry", "run", "grade", "by", "because", "until"], [_row(*each) for each in waiting.items()])
    say(f"{counted(len(waiting), 'proposal')} waiting for somebody else.")


def forget(
    learner: Annotated[str, typer.Argument(metavar="LEARNER", help="Whom to forget.")],
    actor: ActorOption,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Delete what tells which entries are a learner's; the entries stay, and the ledger still verifies."""
    with open_ledger(ledger, key=open_key(key)) as opened:
        if not opened.forget(learner, actor=actor, at=datetime.now(UTC)):
            raise CoursewrightError(f"{ledger}: the ledger knows no learner {learner}; nothing was there to forget.")
    say(f"{learner} is forgotten here. Copies made before, such as backups, still know: forget the learner there too.")


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
    from release.ledger_proofs import read_head
    from release.ledger_verify import verify_ledger

    keys = trusted(ledger, trust)
    with open_ledger(ledger) as opened:
        found = verify_ledger(opened.store, keys=keys, earlier=None if earlier is None else read_head(earlier))
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
    entry: Annotated[int | None, typer.Argument(metavar="[ENTRY]", help="The entry's number, from 0.")] = None,
    since: Annotated[
        Path | None, typer.Option("--from", metavar="HEAD", help="A head that somebody kept (from ledger head).")
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: JsonOption = False,
) -> None:
    """Prove that an entry is in the ledger, or that it only grew since a head, to somebody who has only heads."""
    from release.ledger_proofs import read_head

    if (entry is None) == (since is None):
        raise typer.BadParameter("name either an ENTRY, or a head with --from.")
    with open_ledger(ledger) as opened:
        proof = opened.prove(entry) if entry is not None else opened.extends(read_head(since or Path()))
    if as_json:
        print_json(proof)
    else:
        _say_proof(proof)
    if not proof.holds:
        raise CoursewrightError(f"{ledger}: the proof does not hold; run ledger verify.")


def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="What ledger prove --json printed.")],
    trust: Annotated[list[str], typer.Option("--trust", metavar="DID", help="Who may have signed; may be repeated.")],
    kept: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="The head that you kept, from which it has to start.")
    ] = None,
) -> None:
    """Check a proof without the ledger, as an outsider does."""
    from release.ledger_proofs import GrowthProof, fault, read_head, read_proof

    read = read_proof(proof)
    if found := fault(read, keys=trust, kept=None if kept is None else read_head(kept)):
        say(f"NOT PROVED: {found}.")
        raise typer.Exit(1)
    if isinstance(read, GrowthProof):
        say(f"Proved: the first {read.earlier.size} of {read.head.size} entries are as they were.")
    else:
        say(f"Proved: this is entry {read.index} of {read.head.size}:\n{read.body}")


def _say_proof(proof: Any) -> None:
    from release.ledger_proofs import GrowthProof

    if isinstance(proof, GrowthProof):
        say(f"The ledger of {proof.head.size} entries begins with the {proof.earlier.size} of the earlier head:")
    else:
        say(proof.body)
        say(f"Entry {proof.index} is under the head of {proof.head.size} entries, root {proof.head.root}:")
    for node in proof.path:
        say(f"  {node}")


def _row(index: int, proposal: Any) -> tuple[str, ...]:
    before, after = ("none" if each is None else f"{each.grade}" for each in (proposal.before, proposal.after))
    run, until = f"{proposal.course} ({proposal.run})", f"{proposal.expires:%Y-%m-%d %H:%M} UTC"
    return str(index), run, f"{before} to {after}", proposal.actor, proposal.reason, until


def _latest_head(ledger: str, found: Any) -> Any:
    if found is None:
        raise CoursewrightError(f"{ledger}: the ledger is empty, so nothing is signed yet; append grades first.")
    return found
