"""A course's items go into one file of another system."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from exam_bank.interchange.concrete import concrete_items
from exam_bank.interchange.exchanged import Kept, LeftOut
from exam_bank.interchange.formats import Format
from exam_bank.item import Item


@dataclass(frozen=True, kw_only=True)
class Export:
    """What became of the items.

    Attributes:
        kept: what is in the file.
        left: what is not, and why.
    """

    kept: tuple[Kept, ...]
    left: tuple[LeftOut, ...]


def export_items(items: Sequence[Item], form: Format, path: Path, *, variants: int | None = None) -> Export:
    """Writes the items into ``path``, replacing what is there; nothing is written if no item can go.

    Args:
        items: as their authors wrote them.
        form: the format.
        path: the file.
        variants: how many variants to write of each item that has variant code; None leaves such items out.
    """
    concrete, left = concrete_items(items, variants=variants)
    data, kept, refused = form.write(concrete)
    if kept:
        _write(data, path)
    return Export(kept=tuple(kept), left=(*left, *refused))


def _write(data: bytes, path: Path) -> None:
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", suffix=".new", delete=False) as temporary:
        try:
            temporary.write(data)
            temporary.close()
            new = Path(temporary.name)
            new.chmod(0o600)  # keys are in it
            new.replace(path)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise
