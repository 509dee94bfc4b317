"""Items come from and go to other systems, with the scores that they give.

One module for each format and direction (``moodle_read``, ``moodle_write``, …); ``formats`` lists them, ``importing``
and ``exporting`` are what the command line calls. Files from elsewhere are not trusted: they are read through
``safe_xml``, ``safe_zip``, ``safe_tar`` and ``text_file`` only.
"""
