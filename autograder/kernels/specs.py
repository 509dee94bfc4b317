"""Which kernel a notebook asks for, and where it is installed."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from authoring.errors import CoursewrightError
from autograder.engine.protocol import Kernel


def kernel_name(notebook: NotebookNode) -> str | None:
    """The name of the notebook's kernel, or None if the language is Python's or is not said."""
    spec = notebook.metadata.get("kernelspec", {})
    language = spec.get("language") or notebook.metadata.get("language_info", {}).get("name") or "python"
    return None if str(language).lower() == "python" else str(spec.get("name") or language)


def find(name: str) -> Kernel:
    """The kernel of that name, as Jupyter finds it.

    Raises:
        CoursewrightError: it is not installed.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel as error:
        raise CoursewrightError(
            f"the notebooks ask for the kernel {name}, which is not installed here: install it "
            "(`jupyter kernelspec list` shows those that are there)."
        ) from error
    spec_file = json.dumps(spec.to_dict())
    return Kernel(name=name, spec=spec_file, folders=_folders(spec.argv, spec.env))


def _folders(command: list[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders that the kernel needs, as far as they can be known: where its program is installed.

    Of ``julia/bin/julia`` that is ``julia``; of a path in ``/usr`` there is nothing to say, since that is always there.
    A folder that the kernel's description names in an environment variable is one too. Never is it one that has a home
    or the working folder in it, nor a ``.local``, which holds more than programs.
    """
    found = {Path(value) for value in environment.values() if value.startswith("/") and Path(value).is_dir()}
    program = shutil.which(command[0]) if command else None
    if program:
        path = Path(program).resolve()
        found.add(path.parents[1] if path.parent.name == "bin" and not _is_private(path.parents[1]) else path.parent)
    return tuple(sorted(str(path) for path in found if not _is_private(path)))


def _is_private(folder: Path) -> bool:
    """Whether others than the kernel have something in there."""
    inside = (Path.home().resolve(), Path.cwd(), Path("/usr"), Path("/home"))
    return folder.name == ".local" or any(one.is_relative_to(folder) for one in inside)
