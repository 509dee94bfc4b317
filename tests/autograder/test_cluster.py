"""A batch on a Dask cluster: real scheduler and workers that talk over TCP, one of which is killed half-way."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest

from autograder.batch import plan, run
from autograder.cluster import Cluster, coordinator
from autograder.cluster.coordinator import ClusterError
from tests.autograder.dask_cluster import Dask, cluster, kill, wait_for
from tests.autograder.light_class import course, everything, mixed

pytestmark = pytest.mark.integration

CLASS = {
    **mixed(24),
    "lucky": "print(np.random.default_rng().random(), __import__('uuid').uuid4())\n    return 4",
    # the last ones take long enough that a worker is busy when another has come half-way
    "slow": "import time; time.sleep(1.5)\n    return 4",
    "slower": "import time; time.sleep(1.5)\n    return 4",
}


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    with cluster(tmp_path_factory.mktemp("dask"), workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def graded_here(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A class that waits to be graded, and what grading on this machine leaves of it."""
    fresh = course(tmp_path_factory.mktemp("fresh") / "course", CLASS)
    here = shutil.copytree(fresh, fresh.parents[1] / "here" / "course")
    assert len(list(run(plan(here, "ps"), workers=2))) == len(CLASS)
    return fresh, everything(here)


@pytest.fixture
def waiting(graded_here: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(graded_here[0], tmp_path / "course"))


def engines_of(pid: int) -> set[str]:
    """The warm processes that a worker has started."""
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()) | {
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }


def busy_worker(dask: Dask) -> subprocess.Popen[bytes]:
    """A worker that has parcels to grade, and is warm if one of them is."""
    with distributed.Client(dask.address, set_as_default=False) as client:
        pids = client.run(os.getpid)
        busy = [pids[address] for address, tasks in client.processing().items() if tasks]
    return max((worker for worker in dask.workers if worker.pid in busy), key=lambda one: len(engines_of(one.pid)))


def test_a_worker_is_killed_half_way_and_everybody_is_graded_once_with_the_same_bytes(
    dask: Dask, waiting: Path, graded_here: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "_MOST", 2)
    with distributed.Client(dask.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    seen = []
    for result in run(plan(waiting, "ps"), workers=1, cluster=Cluster(dask.address)):
        seen.append(result.record.learner)
        if len(seen) == 5:
            victim = busy_worker(dask)
            orphans = engines_of(victim.pid)
            kill(victim)
    assert sorted(seen) == sorted(CLASS)
    assert everything(waiting) == graded_here[1]
    wait_for(lambda: "" if any(Path(f"/proc/{pid}").exists() for pid in orphans) else "gone", "its engines are gone")


def test_files_travel_through_a_store_of_which_nothing_is_left(
    dask: Dask, waiting: Path, graded_here: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    store = (tmp_path / "store").as_uri()
    command = ["grade", waiting, "ps", "--dask", dask.address, "--store", store, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "coursewright", *map(str, command)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["summary"]["submissions"] == len(CLASS)
    assert everything(waiting) == graded_here[1]
    assert list((tmp_path / "store").iterdir()) == []


def test_a_worker_with_other_versions_is_refused(dask: Dask, waiting: Path, tmp_path: Path) -> None:
    for worker in dask.workers:
        kill(worker)
    dask.workers.clear()
    (tmp_path / "oddity-1.0.dist-info").mkdir()
    (tmp_path / "oddity-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: oddity\nVersion: 1.0\n")
    dask.add_worker(PYTHONPATH=str(tmp_path))
    with pytest.raises(ClusterError, match=r"worker on .*other versions than this machine \(oddity\): run this"):
        list(run(plan(waiting, "ps"), workers=1, cluster=Cluster(dask.address)))
    assert not (waiting / "records").exists()
