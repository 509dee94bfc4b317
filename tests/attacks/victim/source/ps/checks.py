"""What the tests of this assignment compare with."""


def agrees(found, wanted, tolerance=1e-9):
    """Whether a number is the one that was wanted."""
    return isinstance(found, float) and abs(found - wanted) <= tolerance
