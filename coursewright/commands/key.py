"""The issuer's keys: where they are published, and how one follows another."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.output import print_json, print_table, say
from coursewright.registry import (
    DEFAULT_KEY,
    DEFAULT_LEDGER,
    KeyOption,
    LedgerOption,
    issuer_file,
    open_sound_ledger,
    passphrase,
    read_issuer,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Which key, as key list shows it.")]


def show(key: KeyOption = DEFAULT_KEY, as_json: JsonOption = False) -> None:
    """List the issuer's keys: the one that signs, earlier ones, and those that ended."""
    issuer = read_issuer(issuer_file(key))
    current = issuer.ring[-1]
    rows = [
        {
            "key": each.did,
            "state": _state(each.compromised, each.ends is not None, each is current),
            "ends": "" if each.ends is None else each.ends.isoformat(),
        }
        for each in issuer.ring
    ]
    if as_json:
        print_json({"issuer": issuer.id, "keys": rows})
        return
    print_table(list(rows[0]), [list(row.values()) for row in rows])
    say(f"Others know the issuer as {issuer.id}")


def web(
    address: Annotated[
        str, typer.Argument(metavar="URL", help="An https address, such as https://example.org/credentials.")
    ],
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Give the issuer a place on the web, for its keys and status lists; its DID is then a did:web."""
    from release.credentials.did import address_of
    from release.credentials.key_ring import on_the_web, write_issuer

    issuer = on_the_web(read_issuer(issuer_file(key)), address)
    write_issuer(issuer_file(key), issuer)
    say(f"Others know the issuer as {issuer.id}")
    say(
        f"Its keys are to be at {address_of(issuer.id)}, its status lists below {issuer.lists}: see credential publish."
    )


def rotate(ledger: LedgerOption = DEFAULT_LEDGER, key: KeyOption = DEFAULT_KEY) -> None:
    """Sign with a new key from now on; what the old one signed stays valid."""
    from release import keys
    from release.credentials.key_ring import with_key, write_issuer

    words = passphrase(f"Passphrase of {key}")
    old, new = keys.load(key, words), keys.generate()
    kept = key.with_name(f"{key.stem}-{old.did[-8:]}{key.suffix}")
    waiting = key.with_name(f"{key.stem}-{new.did[-8:]}{key.suffix}")
    keys.save(new, waiting, words)
    issuer = with_key(read_issuer(issuer_file(key)), new.did)
    with open_sound_ledger(ledger, issuer.trust(), key=new) as opened:
        write_issuer(issuer_file(key), issuer)
        opened.change_key(old.did, at=datetime.now(UTC))
    if not kept.exists():
        kept.hardlink_to(key)
    waiting.replace(key)
    say(f"{new.did} signs from now on, with the same passphrase; the old key is kept as {kept}.")
    say("Publish it before you issue: credential publish.")


def retire(
    which: KeyArgument,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="From when on; by default now.")] = "",
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Put an old key aside: what it signs from a moment on does not count."""
    _end(which, at, key, compromised=False)


def compromised(
    which: KeyArgument,
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="Since when others may have had it.")],
    key: KeyOption = DEFAULT_KEY,
) -> None:
    """Say that somebody else may have a key: what it signed since then does not count."""
    _end(which, since, key, compromised=True)


def _end(which: str, when: str, key: Path, *, compromised: bool) -> None:
    from release.credentials.key_ring import ended, write_issuer

    issuer = read_issuer(issuer_file(key))
    if not compromised and which.removeprefix("did:key:") == issuer.ring[-1].did.removeprefix("did:key:"):
        raise CoursewrightError(f"{which}: this key signs now; make another with key rotate first.")
    ends = _instant(when) if when else datetime.now(UTC).replace(microsecond=0)
    write_issuer(issuer_file(key), ended(issuer, which, ends, compromised=compromised))
    say(f"What {which} signs from {ends.isoformat()} on does not count, once that is published: credential publish.")


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CoursewrightError(f"{text!r} is not a time with an offset; write it as 2026-09-14T12:00Z.")
    return found.astimezone(UTC)


def _state(compromised: bool, ended: bool, current: bool) -> str:
    if compromised:
        return "compromised"
    if ended:
        return "retired"
    return "signs" if current else "vouches for what it signed"
