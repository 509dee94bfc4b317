"""Notebooks whose kernel is not Python's: R, Julia, Bash and whatever else speaks Jupyter's protocol.

::

    zygote                 the same warm process, with what speaks to kernels imported (driver.py)
      ├─ workspace         in place of an IPython shell: starts the kernel, and has it run cell after cell (driver.py)
      │    └─ kernel       in the same jail; speaks over 127.0.0.1 of a network that leads nowhere
      └─ examiner          goes through the cells, and believes nothing but the form of what comes back (relay.py)

Tests run where the answers run, as in nbgrader, for only there is their language. ``specs.py`` finds the kernel.
"""
