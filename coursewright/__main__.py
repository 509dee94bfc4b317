"""The command ``coursewright``: runs a command and turns what went wrong into one line and an exit status.

Exit status: 0 done; 1 findings, failures, or an error that a person can mend; 2 bad usage; 130 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from authoring.errors import CoursewrightError
from coursewright.printable import one_line

SHOW_TRACEBACK = "COURSEWRIGHT_TRACEBACK"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (by default those of the process).

    Returns:
        The exit status.
    """
    from coursewright.command_line import command_line

    _put_interpreter_on_path()
    do_without_iri_grammar()
    try:
        command_line().main(args=arguments, prog_name="coursewright")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except CoursewrightError as error:
        return _fail(error, str(error))
    except OSError as error:
        return _fail(error, _about_file(error))
    except Exception as error:  # noqa: BLE001  (the last resort: nobody is to see a traceback unasked)
        return _fail(error, _about_bug(error))
    return 0


def _fail(error: BaseException, message: str) -> int:
    if os.environ.get(SHOW_TRACEBACK):
        traceback.print_exception(error)
    print(f"coursewright: {one_line(message)}", file=sys.stderr)  # noqa: T201
    return 1


def _about_file(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return _about_bug(error)
    return f"{os.fsdecode(error.filename)}: {error.strerror}."


def _about_bug(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return (
        f"this is a bug in coursewright, not in your course; please report it with the traceback that"
        f" {SHOW_TRACEBACK}=1 shows ({type(error).__name__}{place}: {error})."
    )


def _put_interpreter_on_path() -> None:
    """Let nbgrader find ``alembic`` beside the interpreter, though nobody activated the environment."""
    folder = str(Path(sys.executable).parent)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if folder not in folders:
        os.environ["PATH"] = os.pathsep.join([folder, *folders])


def do_without_iri_grammar() -> None:
    """Keep jsonschema from building a parser for international addresses, which takes 1.5 s at every start.

    It does so when ``rfc3987_syntax`` can be imported, and does without when it cannot; no notebook format asks for it.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is how an import is forbidden


if __name__ == "__main__":
    sys.exit(main())
