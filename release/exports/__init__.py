"""Grades for other systems, and grades from them: one small module for each format and direction.

What goes out is a :class:`~release.exports.table.GradeTable`; what comes in becomes
:class:`~release.exports.evidence.ImportedGrades`, which names its source and holds no verdict.
"""
