"""Certificates: credentials on paper."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from coursewright.fetching import DidOption
from coursewright.output import say

FontsOption = Annotated[
    list[Path] | None,
    typer.Option("--fonts", metavar="FOLDER", help="Fonts for letters that the certificate's own fonts lack."),
]


def certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The credential: JSON or a token.")],
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the credential's page is; the QR code leads there.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default beside the credential.")
    ] = None,
    fonts: FontsOption = None,
    did: DidOption = None,
) -> None:
    """Write a credential's certificate as PDF, to print or to keep."""
    from coursewright.fetching import read_documents, read_named
    from release.certificate import certificate as typeset
    from release.credentials.files import write_whole

    credential = read_named(str(file))
    made = typeset(credential, at=datetime.now(UTC), address=address, documents=read_documents(did), fonts=fonts or ())
    path = write_whole(out or file.with_suffix(".pdf"), made)
    say(str(path))
