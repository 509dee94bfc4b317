"""Notebooks on disk become a checked :class:`~authoring.course.Course`, and then student versions."""
