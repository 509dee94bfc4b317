"""Runs notebooks' cells in forked, jailed children of a warm process.

::

    Engine (pool.py)          in the grader's process: hands out jobs, watches clocks, collects what the cells did
      └─ zygote.py            a process that has imported the assignment's libraries, and forks
           └─ keeper          one per submission: new namespaces, and the hand that kills (zygote.py)
                └─ workspace  the submission's cells, without privileges (workspace.py, shell.py, jail.py)

Nothing here knows about points.
"""
