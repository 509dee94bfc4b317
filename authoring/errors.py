"""The one base of every error that a person can mend."""


class CoursewrightError(Exception):
    """Something that a person can mend: the message names the file, the place and what to do.

    The command line prints the message as one line and exits with 1; any other exception is a bug.
    """
