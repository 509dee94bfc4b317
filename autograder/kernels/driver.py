"""The workspace of a notebook with another kernel: starts it, and has nbclient run one cell after the other in it.

It is process 1 of its jail, which nothing in there can kill or trace. The kernel is a process beside it; they speak
over the loopback of a network that leads nowhere else.
"""

import asyncio
import os
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.protocol import Cell, Done, Frames, Kernel, Ran, frame
from autograder.engine.shell import Recorder
from autograder.kernels.relay import START_SECONDS

_INTERRUPTED = "CellTimeoutError"
_SETTLE_SECONDS = 4  # what an interrupted cell may take to end
_DEAD_STATUS = 1
_cells = msgspec.msgpack.Decoder(Cell)


def serve(examiner: socket.socket, kernel: Kernel, recorder: Recorder, seconds: float) -> None:
    """Start the kernel, and answer the examiner until it hangs up.

    Args:
        examiner: the socket to it.
        kernel: what to start.
        recorder: takes the outputs of cells, and bounds them.
        seconds: the time for each cell.

    Raises:
        RuntimeError: the kernel does not start.
    """
    asyncio.run(_Driver(kernel, recorder, seconds).serve(examiner))


class _Driver:
    """A kernel that runs, and the client of it."""

    def __init__(self, kernel: Kernel, recorder: Recorder, seconds: float) -> None:
        self._recorder = recorder
        self._seconds = seconds
        self._reply: dict[str, Any] = {}
        folder = Path(tempfile.mkdtemp(prefix="k"))
        (folder / "kernels" / kernel.name).mkdir(parents=True)
        (folder / "kernels" / kernel.name / "kernel.json").write_text(kernel.spec)
        os.environ["JUPYTER_RUNTIME_DIR"] = str(folder)
        self._manager = AsyncKernelManager(
            kernel_name=kernel.name,
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(folder / "kernels")]),
            connection_file=str(folder / "connection.json"),
        )
        self._client = NotebookClient(
            new_notebook(),
            km=self._manager,
            startup_timeout=int(START_SECONDS),
            timeout_func=lambda _: seconds,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": _INTERRUPTED, "evalue": _text(seconds), "traceback": []},
            iopub_timeout=_SETTLE_SECONDS,
            raise_on_iopub_timeout=True,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            on_cell_executed=self._executed,
        )

    async def serve(self, examiner: socket.socket) -> None:
        """Run the cells that come, until none comes any more."""
        frames = Frames()
        async with self._client.async_setup_kernel(cwd=os.getcwd()):  # noqa: PTH109
            examiner.sendall(frame(Done()))  # the kernel is there
            while data := examiner.recv(1 << 20):
                for received in frames.feed(data):
                    examiner.sendall(frame(await self._run(_cells.decode(received))))
            os._exit(0)  # the jail ends with this process, and the kernel with it

    def _executed(self, *, execute_reply: dict[str, Any], **_: Any) -> None:
        self._reply = execute_reply["content"]

    async def _run(self, cell: Cell) -> Ran:
        started = time.monotonic()
        self._client.nb.cells = [new_code_cell(cell.source)]
        try:
            executed = await self._client.async_execute_cell(self._client.nb.cells[0], 0)
        except CellTimeoutError:
            signal.pause()  # the kernel does not let itself be interrupted: let the examiner's patience run out
            raise
        except DeadKernelError:
            os._exit(_DEAD_STATUS)
        timeout = self._reply.get("ename") == _INTERRUPTED
        self._record(executed.outputs)
        failed = timeout or any(output["output_type"] == "error" for output in self._recorder.outputs)
        return Ran(
            cell=cell.number,
            status="timeout" if timeout else "error" if failed else "ok",
            outputs=self._recorder.outputs,
            error=str(self._reply.get("ename") or "error") if failed else "",
            seconds=time.monotonic() - started,
        )

    def _record(self, outputs: list[NotebookNode]) -> None:
        """Take the outputs as those of a Python cell are taken: of a known form, and not too many."""
        recorder = self._recorder
        recorder.begin()
        for output in outputs:
            match output:
                case {"output_type": "stream", "name": str(name), "text": str(text)}:
                    recorder.stream(name, text)
                case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
                    recorder.show(dict(data), dict(metadata))
                case {"output_type": "execute_result", "data": dict(data), "metadata": dict(metadata)}:
                    recorder.result(dict(data), dict(metadata), int(output.get("execution_count") or 0))
        errors = [output for output in outputs if output["output_type"] == "error"]
        if self._reply.get("status") == "error" and not errors:  # some kernels say it in the reply alone
            errors = [NotebookNode(self._reply)]
        for error in errors:
            traceback = [str(line) for line in error.get("traceback") or []]
            recorder.error(str(error.get("ename", "")), str(error.get("evalue", "")), traceback)


def _text(seconds: float) -> str:
    return f"the cell ran for {seconds:g} s, longer than is allowed"
