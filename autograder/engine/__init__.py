"""Runs notebooks' cells in forked, jailed children of a warm process.

::

    Engine (pool.py)          in the grader's process: hands out jobs, watches clocks, collects what the cells did
      └─ zygote.py            a process that has imported the assignment's libraries; forks, and kills
           └─ workspace       one per submission: its cells, locked in (workspace.py, shell.py, jail.py)

Nothing here knows about points.
"""
