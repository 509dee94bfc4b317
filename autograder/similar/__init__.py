"""Answers of different learners that are alike in a way that chance does not explain.

The method is winnowing (S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003)::

    text -> tokens                     tokens.py       names, literals, comments and blanks do not count
    tokens -> fingerprints             winnowing.py    some of the hashes of all runs of K tokens
    fingerprints -> pairs of learners  pairs.py        without what the author gave, weighed by how rare they are
    a pair -> what it has in common    fragments.py    for the eye

It finds what is alike, and cannot say why. :mod:`autograder.similar.assignment` puts it together.
"""
