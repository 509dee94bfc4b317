"""What a batch runs with, as one hash: records that share it were made by the same interpreter and libraries."""

import hashlib
import platform
from functools import cache
from importlib.metadata import distributions, version

GRADER = f"coursewright {version('coursewright')}"


@cache
def environment_hash(conditions: str) -> str:
    """``sha256:…`` of the interpreter, the machine's kind, every installed distribution, and further conditions."""
    installed = sorted({f"{found.name.lower()}=={found.version}" for found in distributions()})
    lines = [platform.python_implementation(), platform.python_version(), platform.machine(), conditions, *installed]
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
