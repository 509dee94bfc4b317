"""Runs test cells where the submitted code is not: the examiner and the workspace.

::

    examiner.py    the test cells' side; trusted        workspace.py   the submitted code's side; never trusted
      names.py     which names come from where            operations.py  what may be asked of an object
      author.py    which of the author's code runs twice   describe.py    what the examiner is told of a class
      judges.py    the author's modules of assertions
      classes.py   stand-ins for the learner's classes
      special.py   their operators, one rule each
           └──────────────── messages.py: frames over one socket ────────────────┘
                codec.py, arrays.py, shared.py: data, closed and bounded

``docs/isolated-tests.md`` says what crosses, what does not, and why; ``docs/isolation-protocol.md`` how it is written.
Nothing here knows about points.
"""
