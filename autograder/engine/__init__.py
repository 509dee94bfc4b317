"""Runs notebooks' cells in forked, jailed children of a warm process.

::

    Engine (pool.py)          in the grader's process: hands out jobs, watches clocks, collects what the cells did
      └─ zygote.py            a process that has imported the assignment's libraries; forks, and kills
           ├─ workspace       one per notebook: the submitted cells, locked in (workspace.py)
           └─ examiner        one per notebook: the test cells, locked in too (examiner.py)
                                  both: place.py, shell.py, jail.py; between them: autograder/isolated

Nothing here knows about points.
"""
