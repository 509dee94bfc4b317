"""Badges: images that carry their credential."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from coursewright.fetching import DidOption, read_documents, read_named
from coursewright.output import say


def badge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Credentials: JSON files or tokens.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where to; by default beside the credential.")
    ] = None,
    did: DidOption = None,
) -> None:
    """Draw a credential's badge, as PNG and SVG, with the credential in it."""
    from release.credentials.badge import BadgeError
    from release.credentials.badge import badge as drawn
    from release.credentials.files import write_whole
    from release.credentials.proofs import read
    from release.verify import Answer, verify

    documents = read_documents(did)
    for file in files:
        credential = read_named(str(file)).strip()
        found = verify(credential, at=datetime.now(UTC), documents=documents)
        if found.answer not in (Answer.VERIFIED, Answer.UNKNOWN_STATUS):
            raise BadgeError(f"{file}: no badge is drawn of it ({found.answer}). {found.message}")
        secured = read(credential)
        for form in ("png", "svg"):
            place = (out or file.parent) / f"{file.stem}.{form}"
            write_whole(place, drawn(secured, credential, "png" if form == "png" else "svg"))
            say(str(place))
