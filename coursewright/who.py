"""Who is at the keyboard, where nobody says so."""

import getpass
import os


def current_user() -> str:
    """The name of the account that runs the command, or its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in a container
        return f"user {os.getuid()}"
