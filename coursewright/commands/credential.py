"""Credentials: issued once to whoever has earned them, and verified by anybody."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from authoring.errors import CoursewrightError
from coursewright.fetching import DidOption, read_documents, read_named
from coursewright.output import counted, print_json, print_table, say
from coursewright.progress import progress
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
    from collections.abc import Iterator

    from authoring.program import Program
    from release.credential import Issuer
    from release.credentials.issuing import Delivered
    from release.keys import SigningKey
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
    from release.credential import Issuer, token_of
    from release.credentials.files import write_whole

    if name is not None and (learner is None or len(learner) != 1):
        raise CoursewrightError("--name is the name of one learner: say which with --learner.")

    wanted, signing_key = read_program(program), open_key(key)
    described = signing_issuer(key, signing_key.did)
    issuer = Issuer(name=described.name, url=described.url, id=described.id, lists=described.lists)
    rows: list[dict[str, Any]] = []
    with open_sound_ledger(ledger, described.trust(), key=signing_key) as opened:
        delivered = _delivered(wanted, opened, learner, name, issuer, signing_key)
        with progress("Issuing", None) as advance:
            for each in delivered:
                file = out / f"{wanted.id}-{each.code}.json"
                if each.credential is not None:
                    write_whole(file, each.credential)
                    write_whole(file.with_suffix(".jwt"), token_of(each.credential, signing_key).encode())
                state = "issued" if each.new else "issued earlier" if each.credential else "issued earlier, not remade"
                rows.append(
                    {"learner": each.learner, "code": each.code, "entry": each.entry, "file": str(file), "state": state}
                )
                advance(each.learner)
    if as_json:
        print_json({"program": wanted.id, "credentials": rows})
        return
    print_table(list(rows[0]) if rows else ["learner"], [list(row.values()) for row in rows], right=["entry"])
    new = sum(row["state"] == "issued" for row in rows)
    say(f"{counted(len(rows), 'credential')} of {wanted.title}, {new} of them new.")


def _delivered(
    program: "Program",
    ledger: "Ledger",
    learners: list[str] | None,
    name: str | None,
    issuer: "Issuer",
    key: "SigningKey",
) -> "Iterator[Delivered]":
    """The credentials of the named learners, who must have earned them, or of everybody who has."""
    from release.credential import issue as issue_one
    from release.credentials.issuing import Delivered, issue_to_all

    now = datetime.now(UTC)
    if learners is None:
        yield from issue_to_all(program, ledger, ledger.learners(), issuer=issuer, key=key, at=now)
        return
    for each in learners:
        earlier = ledger.credential_of(program.id, each) is not None
        issued = issue_one(program, ledger, each, issuer=issuer, key=key, at=now, name=name)
        yield Delivered(each, issued.id, issued.entry, issued.at, not earlier, issued.credential)


def verify(
    file: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="The credential: JSON, a token, or a badge (PNG, SVG).")
    ],
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="DID", help="The DID of who should have issued it.")
    ] = None,
    did: DidOption = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="FILE|URL", help="A status list that the credential names."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a credential: what it says is what its issuer signed, and it was not revoked."""
    from release.verify import verify as verify_one

    lists = [read_named(each) for each in status or []]
    found = verify_one(
        read_named(file), at=datetime.now(UTC), issuer=issuer, documents=read_documents(did), lists=lists
    )
    if as_json:
        print_json(found)
    else:
        say(f"{'Verified' if found.ok else f'NOT VERIFIED ({found.answer})'}: {found.message}")
        if found.ok and issuer is None:
            say("Whether that issuer is who it should be is for you to say: compare the DID, or give it as --issuer.")
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
    did: DidOption = None,
) -> None:
    """Write a page that shows a credential and has the reader's own browser verify it."""
    from release.page import write_page

    path = out or file.with_suffix(".html")
    write_page(file.read_bytes(), path, at=datetime.now(UTC), address=address, documents=read_documents(did))
    say(str(path))
