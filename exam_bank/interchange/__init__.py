"""Items come from and go to other systems, with the scores that they give.

One module for each format and direction (``moodle_read``, ``moodle_write``, …). :mod:`~exam_bank.interchange.formats`
lists them; :mod:`~exam_bank.interchange.importing` and :mod:`~exam_bank.interchange.exporting` are what the command line
calls. Files from elsewhere are not trusted: they are read through :mod:`~exam_bank.interchange.safe_xml` and
:mod:`~exam_bank.interchange.safe_zip` only.
"""
