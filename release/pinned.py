"""The JSON-LD contexts that credentials may name: embedded, pinned by SHA-256, and never fetched."""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR_2 = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
STATUS_LIST_V1 = "https://www.w3.org/ns/credentials/status/v1"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"

CONTEXTS = {  # where each comes from is told in contexts/README.md
    CREDENTIALS_V2: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OPEN_BADGES_3: ("open-badges-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    CLR_2: ("clr-2.0.1.json", "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"),
    STATUS_LIST_V1: (
        "bitstring-status-list-v1.json",
        "fda5add353231e6a6884a46b12e6c75464281900cb348284d9c360f62381d9f7",
    ),
    DATA_INTEGRITY_V2: ("data-integrity-v2.json", "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4"),
}


def context_bytes(url: str) -> bytes:
    """The context as it was published.

    Raises:
        KeyError: it is not one of the embedded ones.
        RuntimeError: the installed file is not the pinned one.
    """
    name, pinned = CONTEXTS[url]
    data = files("release").joinpath("contexts", name).read_bytes()
    if hashlib.sha256(data).hexdigest() != pinned:
        raise RuntimeError(f"the installed context {name} is not the one that is pinned: install coursewright anew")
    return data


@cache
def context(url: str) -> Any:
    """The context as JSON; raises as :func:`context_bytes`."""
    return json.loads(context_bytes(url))
