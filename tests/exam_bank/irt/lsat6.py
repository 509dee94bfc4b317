"""Section 6 of the Law School Admission Test: 1,000 examinees, 5 items (Bock and Lieberman 1970)."""

import numpy as np

# How often each pattern of answers came, from 00000 to 11111 in binary order with item 1 first.
COUNTS = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173]
COUNTS += [11, 61, 28, 298]
PATTERNS = np.array([[float(bit) for bit in f"{pattern:05b}"] for pattern in range(32)])
LSAT6 = np.repeat(PATTERNS, COUNTS, axis=0)
