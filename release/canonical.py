"""Canonical JSON: one sequence of bytes for one value, for everything that is hashed or signed."""

import hashlib

import msgspec


def canonical(value: object) -> bytes:
    """UTF-8, sorted keys, no spaces; decimals as strings, times in ISO 8601."""
    return msgspec.json.encode(value, order="sorted")


def digest(value: object) -> str:
    """``sha256:…`` of the canonical bytes."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
