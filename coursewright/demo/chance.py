"""Where the demo's chance comes from: the seed, and what is chosen."""

import random


def chance(seed: int, *about: str) -> random.Random:
    """Random numbers for one purpose, the same for the same seed whatever else was drawn."""
    return random.Random("/".join(("coursewright demo", str(seed), *about)))  # noqa: S311  (to be drawn again, no secret)
