"""What a batch runs with, as one hash: records that share it were made by the same interpreter and libraries."""

import hashlib
import platform
from functools import cache
from importlib.metadata import distributions, version

GRADER = f"coursewright {version('coursewright')}"


@cache
def environment_hash() -> str:
    """``sha256:…`` of the interpreter's version, the machine's kind and every installed distribution's version."""
    installed = sorted({f"{found.name.lower()}=={found.version}" for found in distributions()})
    lines = [platform.python_implementation(), platform.python_version(), platform.machine(), *installed]
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
