"""A batch on the workers of a Dask cluster, on this machine or many.

The coordinator (:mod:`.coordinator`) reads submissions and writes records; the workers (:mod:`.worker`) grade parcels
of them in warm processes of their own. They share no disk: what goes between them are bytes (:mod:`.parcels`), inside
Dask's messages or through a store (:mod:`.store`). Records and notebooks are the same as without a cluster.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """Where to grade."""

    address: str  # of the Dask scheduler, such as "tcp://10.0.0.5:8786"
    store: str = ""  # a folder as an fsspec URL, such as "s3://bucket/grading"; "" sends everything in messages
