"""Credentials: issued once to whoever has earned them, and verified by anybody."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import counted, print_json, print_table, say
from coursewright.registry import (
    DEFAULT_KEY,
    DEFAULT_LEDGER,
    KeyOption,
    LedgerOption,
    issuer_file,
    open_key,
    open_sound_ledger,
    read_issuer,
)

if TYPE_CHECKING:
    from authoring.program import Program
    from release.ledger import Ledger

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def issue(
    program: Annotated[Path, typer.Argument(metavar="PROGRAM", help="The program's file.")],
    learner: Annotated[
        list[str] | None, typer.Option("--learner", metavar="ID", help="Only this learner, who must have earned it.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The one learner's name, if the learner wants it to be shown.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the credentials go.")] = Path(
        "credentials"
    ),
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
    as_json: JsonOption = False,
) -> None:
    """Issue a program's credential to everybody who has earned it."""
    from authoring.program_file import read_program
    from release.credential import Issuer
    from release.credential import issue as issue_one

    if name is not None and (learner is None or len(learner) != 1):
        raise CoursewrightError("--name is the name of one learner: say which with --learner.")
    wanted, described, signing_key = read_program(program), read_issuer(issuer_file(key)), open_key(key)
    issuer = Issuer(name=described.name, url=described.url)
    rows = []
    with open_sound_ledger(ledger, [signing_key.did], key=signing_key) as opened:
        for each in learner or _eligible(wanted, opened):
            issued = issue_one(wanted, opened, each, issuer=issuer, key=signing_key, at=datetime.now(UTC), name=name)
            file = _write(out / f"{wanted.id}-{issued.code}.json", issued.credential)
            rows.append({"learner": each, "code": issued.code, "entry": issued.entry, "file": str(file)})
    if as_json:
        print_json({"program": wanted.id, "credentials": rows})
        return
    print_table(list(rows[0]) if rows else ["learner"], [list(row.values()) for row in rows], right=["entry"])
    say(f"{counted(len(rows), 'credential')} of {wanted.title}.")


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The credential.")],
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="DID", help="The did:key of who should have issued it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a credential: what it says is what its issuer signed."""
    from release.verify import verify as verify_one

    found = verify_one(file.read_bytes(), at=datetime.now(UTC), issuer=issuer)
    if as_json:
        print_json(found)
    else:
        say(f"{'Verified' if found.ok else f'NOT VERIFIED ({found.answer})'}: {found.message}")
        if found.ok and issuer is None:
            say("Whether that issuer is who it should be is for you to say: compare the key, or give it as --issuer.")
    if not found.ok:
        raise typer.Exit(1)


def page(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The credential.")],
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the page will be published; its QR code leads there.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default beside the credential.")
    ] = None,
) -> None:
    """Write a page that shows a credential and has the reader's own browser verify it."""
    from release.page import write_page

    path = out or file.with_suffix(".html")
    write_page(file.read_bytes(), path, at=datetime.now(UTC), address=address)
    say(str(path))


def _eligible(program: "Program", ledger: "Ledger") -> list[str]:
    from release.eligibility import evaluate

    return [learner for learner in ledger.learners() if evaluate(program, ledger, learner).met]


def _write(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(data)
    return new.replace(file)
