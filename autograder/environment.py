"""What a batch runs with, as one hash: records that share it were made by the same interpreter and libraries."""

import hashlib
import platform
from functools import cache
from importlib.metadata import distributions, version

GRADER = f"coursewright {version('coursewright')}"

_INTERPRETER = 3  # lines of installed() before the libraries


@cache
def environment_hash(conditions: str) -> str:
    """``sha256:…`` of the interpreter, the machine's kind, every installed distribution, and further conditions."""
    interpreter, libraries = installed()[:_INTERPRETER], installed()[_INTERPRETER:]
    lines = [*interpreter, conditions, *libraries]
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


@cache
def installed() -> tuple[str, ...]:
    """The interpreter, its version and the machine's kind; then every installed distribution, ``name==version``."""
    libraries = sorted({f"{found.name.lower()}=={found.version}" for found in distributions()})
    return (platform.python_implementation(), platform.python_version(), platform.machine(), *libraries)
