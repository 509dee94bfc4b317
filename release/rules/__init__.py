"""The kinds of requirements of a program, one module each: whether one is met, why, and how it can still be."""
