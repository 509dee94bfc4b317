"""Plain text from strangers, for the formats that are no XML."""

from exam_bank.interchange.exchanged import MAX_FILE
from exam_bank.strict import SourceError


def decoded(data: bytes, *, file: str) -> str:
    """The text, its lines ended by line feeds.

    Raises:
        SourceError: it is too large, or neither UTF-8 nor UTF-16 with its mark.
    """
    if len(data) > MAX_FILE:
        raise SourceError(file, "", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB; split it")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(file, f"byte {error.start + 1}", "the file is not UTF-8; save it as UTF-8") from error
    if "\x00" in text:
        raise SourceError(file, "", "there are null characters in the file; save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
