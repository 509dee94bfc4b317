"""What became of issued credentials: revoked, suspended or in force, and how others learn it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from coursewright.output import counted, print_json, print_table, say
from coursewright.registry import (
    DEFAULT_KEY,
    DEFAULT_LEDGER,
    KeyOption,
    LedgerOption,
    TrustOption,
    open_key,
    open_sound_ledger,
    signing_issuer,
    trusted,
)

if TYPE_CHECKING:
    from release.credentials.key_ring import IssuerFile
    from release.keys import SigningKey

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CredentialArgument = Annotated[
    str, typer.Argument(metavar="CODE|ID", help="The credential's identifying code, or its id.")
]
ActorOption = Annotated[str, typer.Option("--actor", metavar="NAME", help="Who does it; it stays in the ledger.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it stays in the ledger, so leave names out of it.")]


def revoke(
    credential: CredentialArgument,
    actor: ActorOption,
    reason: ReasonOption,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Revoke a credential, for good; the only way in which one that was issued is undone."""
    _change(credential, "revoke", actor, reason, ledger, key)


def suspend(
    credential: CredentialArgument,
    actor: ActorOption,
    reason: ReasonOption,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Suspend a credential until it is reinstated or revoked."""
    _change(credential, "suspend", actor, reason, ledger, key)


def reinstate(
    credential: CredentialArgument,
    actor: ActorOption,
    reason: ReasonOption,
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Let a suspended credential count again."""
    _change(credential, "reinstate", actor, reason, ledger, key)


def status(
    credential: Annotated[
        str | None, typer.Argument(metavar="[CODE|ID]", help="One credential, with all that happened to it.")
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    trust: TrustOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the credentials that were issued, and which of them are revoked or suspended."""
    from release.credentials.register import find, history, registered
    from release.data_integrity import xsd_time

    with open_sound_ledger(ledger, trusted(ledger, trust)) as opened:
        known = registered(opened.store)
    chosen = list(known.values()) if credential is None else [find(known, credential)]
    rows = [
        {
            "code": each.code,
            "id": each.entry.credential,
            "program": each.entry.program,
            "issued": xsd_time(each.entry.at),
            "entry": each.index,
            "state": each.state,
            "changes": history(each),
        }
        for each in chosen
    ]
    if as_json:
        print_json({"credentials": rows})
        return
    shown = ("code", "program", "issued", "entry", "state")
    print_table(shown, [[row[name] for name in shown] for row in rows], right=["entry"])
    if credential is None:
        ended = sum(row["state"] != "in force" for row in rows)
        say(f"{counted(len(rows), 'credential')} issued, {ended} not in force.")
        return
    for change in history(chosen[0]):
        say(f"{change['at']}: {change['change']} by {change['actor']}: {change['reason']}")


def publish(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; serve it at the issuer's web address.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
    key: KeyOption = DEFAULT_KEY,
    as_json: JsonOption = False,
) -> None:
    """Write what verifiers need from the issuer's website: its keys, and its status lists as of now."""
    from release.credentials.register import registered

    signing_key = open_key(key)
    issuer = signing_issuer(key, signing_key.did)
    with open_sound_ledger(ledger, issuer.trust()) as opened:
        known = list(registered(opened.store).values())
    files = _write_keys(issuer, folder)
    if issuer.web:
        from release.credentials.register import status_lists

        for document in status_lists(known, issuer.id, issuer.lists, datetime.now(UTC)):
            files += _write_list(document, issuer, signing_key, folder)
    if as_json:
        print_json({"issuer": issuer.id, "files": [str(file) for file in files]})
        return
    for file in files:
        say(str(file))
    say(f"Serve {folder} at {issuer.web}." if issuer.web else "The issuer has no web address: see key web.")


def _change(
    named: str, change: Literal["revoke", "suspend", "reinstate"], actor: str, reason: str, ledger: str, key: Path
) -> None:
    from release.credentials.register import find, registered
    from release.replay import STATES

    signing_key = open_key(key)
    issuer = signing_issuer(key, signing_key.did)
    with open_sound_ledger(ledger, issuer.trust(), key=signing_key) as opened:
        found = find(registered(opened.store), named)
        index = opened.change_status(found.entry.credential, change, actor=actor, reason=reason, at=datetime.now(UTC))
    say(f"{found.code} is {STATES[change]} by entry {index}.")
    if found.entry.status is None:
        say("It names no status list, so nobody who only has the file can see that.")
    else:
        say("Others see it once the status lists are published anew: credential publish.")


def _write_keys(issuer: "IssuerFile", folder: Path) -> list[Path]:
    """The document of the issuer's DID; without a place on the web, one for each of its keys."""
    import msgspec

    from release.credentials.did import document_of
    from release.credentials.files import write_whole

    if issuer.web:
        from release.page import checker

        documents = {"did.json": document_of(issuer.id, issuer.ring)}
        page = checker(issuer.id, issuer.name, documents["did.json"], issuer.lists)
        write_whole(folder / "check.html", page.encode())
    else:
        documents = {f"{each.did.removeprefix('did:key:')}.json": document_of(each.did, [each]) for each in issuer.ring}
    written = [
        write_whole(folder / name, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
        for name, document in documents.items()
    ]
    return [*written, folder / "check.html"] if issuer.web else written


def _write_list(document: dict[str, object], issuer: "IssuerFile", key: "SigningKey", folder: Path) -> list[Path]:
    from release.credential import to_bytes, token_of
    from release.credentials.did import method_of
    from release.credentials.files import write_whole
    from release.data_integrity import signed

    method = method_of(issuer.id, key.did)
    data = to_bytes(signed(document, key, datetime.fromisoformat(str(document["validFrom"])), method=method))
    file = folder / "status" / str(document["id"]).rpartition("/")[2]
    return [
        write_whole(file, data),
        write_whole(file.with_suffix(".jwt"), token_of(data, key).encode()),
    ]
