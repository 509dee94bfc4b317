"""Use of the network.

Work is graded without one, learners study on trains, and what a page serves today is not what it serves in a later
run. Found are imports of libraries that fetch, addresses given to calls that read, installs, pictures from other
sites, and cells that fail in the trial because nothing answers.
"""

import ast
import re
from collections.abc import Iterator

from authoring.check.context import CheckedCell, Context
from authoring.check.finding import Finding, Severity
from authoring.check.python_source import calls, keyword, text_of
from authoring.check.text import pictures

NAME = "network"
_FETCHING = """
    requests httpx aiohttp urllib3 socket ftplib smtplib imaplib poplib telnetlib paramiko websocket websockets
    yfinance gdown kagglehub wget pandas_datareader huggingface_hub
"""
_LIBRARIES = frozenset(_FETCHING.split())
_MODULES = frozenset({"urllib.request", "http.client", "xmlrpc.client"})
_FETCHERS = re.compile(r"(?:^|\.)(?:fetch_\w+|get_rdataset|urlopen|urlretrieve|YouTubeVideo|VimeoVideo)$")
_ADDRESS = re.compile(r"(?i)(?:https?|ftp|s3|gs)://")
_SHELL = re.compile(r"^\s*[!%]\s*(pip3?|conda|mamba|uv|wget|curl|git)\s+(install|clone|add|[^\s]*://|-)", re.MULTILINE)
_NO_ANSWER = re.compile(
    r"gaierror|URLError|ConnectionError|ConnectionRefused|Name or service not known|Network is unreachable"
    r"|Temporary failure in name resolution|Max retries exceeded"
)
_MEND = "Put what it fetches into the assignment's folder and read it from there."


def find(context: Context) -> Iterator[Finding]:
    """Findings about each cell, and about each cell that failed for want of a network."""
    for cell in context.cells:
        for message in dict.fromkeys((*_in_markdown(cell), *_in_code(cell))):
            yield cell.place.finding(NAME, Severity.ERROR, message, _MEND)
    for assignment in context.assignments:
        for cell, trial in assignment.tried(assignment.trials.reference if assignment.trials else ()):
            shown = " ".join(f"{output.get('ename', '')} {output.get('evalue', '')}" for output in trial.outputs)
            if _NO_ANSWER.search(f"{trial.message} {shown}"):
                yield cell.place.finding(NAME, Severity.ERROR, "the cell fails where there is no network", _MEND)


def _in_markdown(cell: CheckedCell) -> Iterator[str]:
    for picture in pictures(cell.tokens):
        if _ADDRESS.match(picture.target) or picture.target.startswith("//"):
            yield f"the picture {picture.target} comes from another site"


def _in_code(cell: CheckedCell) -> Iterator[str]:
    if cell.kind != "code":
        return
    for found in _SHELL.finditer(cell.source):
        yield f"the cell runs {found.group(1)} {found.group(2)}".removesuffix(" -")
    if cell.tree is None:
        return
    for module in _imported(cell.tree):
        if module in _MODULES or module.partition(".")[0] in _LIBRARIES:
            yield f"the cell imports {module}"
    for called, call in calls(cell.tree):
        if address := _address(call):
            yield f"{called.lstrip('.')}(…) is given the address {address}"
        elif _FETCHERS.search(called):
            yield f"{called.lstrip('.')}(…) fetches from the network"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (
                f"{node.module}.{alias.name}" for alias in node.names if f"{node.module}.{alias.name}" in _MODULES
            )


def _address(call: ast.Call) -> str | None:
    """The address that a call gets as its first argument or as ``url=``; printing one is no use of the network."""
    first = text_of(call.args[0] if call.args else keyword(call, "url"))
    is_shown = isinstance(call.func, ast.Name) and call.func.id in {"print", "Markdown", "HTML", "str", "len"}
    return first if first and _ADDRESS.match(first) and not is_shown else None
