"""Submitted notebook files that came back broken: what can be read of them for certain, and nothing else.

The way of a file, one module a step::

    bytes -> text            text.py        encodings; what is no notebook at all
    text -> JSON             document.py    commas, text around it, merges, a missing end
    JSON -> cells            notebook.py    formats, cells of a wrong shape
    cells -> the template's  identify.py    cells that lost their grade ids, or were merged

and :mod:`autograder.salvage.which_file` finds the file for each notebook of an assignment.

A repair is made when nothing else can be meant, and every repair is a sentence for the person who reads the record.
What could be meant in two ways is a :class:`authoring.notebook_file.NotebookError`: the submission then has no score.
"""
