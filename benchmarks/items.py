"""How long `items check` takes: every item of the sample bank over 1,000 seeds, and a bank of many such items."""

import platform
import resource
import shutil
import tempfile
import time
from pathlib import Path

from exam_bank.check import ItemTrial, try_items

COURSE = Path(__file__).resolve().parents[1] / "courses" / "mpc"
COPIES = 4  # of each item with variants, in the larger bank


def measured(root: Path, name: str) -> ItemTrial:
    """Tries the items, and prints seconds of wall clock and of both processes' CPU."""
    started, used = time.perf_counter(), cpu()
    trial = try_items(root)
    seconds, burnt = time.perf_counter() - started, cpu() - used
    variants = sum(spread.variants for spread in trial.spreads)
    print(
        f"{name:26}{len(trial.spreads):4} templates{variants:8,} variants{seconds:8.1f} s{burnt:8.1f} s CPU"
        f"{1e6 * burnt / variants:8.0f} µs CPU a variant, {len(trial.findings)} findings"
    )
    return trial


def cpu() -> float:
    """Seconds of CPU of this process and of those that it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def larger_bank(folder: Path) -> Path:
    """Copies of the items with variants."""
    for path in COURSE.glob("items/*/*.md"):
        if "\n## Variant\n" in path.read_text():
            for number in range(COPIES):
                place = folder / "items" / path.parent.name / f"{path.stem}-{number}.md"
                place.parent.mkdir(parents=True, exist_ok=True)
                text = path.read_text()
                place.write_text("\n".join(line for line in text.split("\n") if not line.startswith("enemies:")))
    return folder


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}")
    measured(COURSE, "the sample bank")
    temporary = Path(tempfile.mkdtemp())
    try:
        measured(larger_bank(temporary), f"{COPIES} copies of each template")
    finally:
        shutil.rmtree(temporary)


if __name__ == "__main__":
    main()
