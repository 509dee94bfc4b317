"""Runs commands as a person does, in a folder of their own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coursewright.__main__ import main


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a fresh folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("COURSEWRIGHT_LEDGER", "COURSEWRIGHT_KEY", "COURSEWRIGHT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)

    def run_command(*arguments: object, passphrase: str | None = "correct horse") -> Ran:
        if passphrase is None:
            monkeypatch.delenv("COURSEWRIGHT_PASSPHRASE", raising=False)
        else:
            monkeypatch.setenv("COURSEWRIGHT_PASSPHRASE", passphrase)
        capfd.readouterr()
        status = main([str(argument) for argument in arguments])
        return Ran(status, *capfd.readouterr())

    return run_command
