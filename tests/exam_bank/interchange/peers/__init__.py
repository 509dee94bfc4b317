"""What other systems give for an answer, written from their documentation and not from our exporters.

They read what we export with Python's own XML parser, and calculate with floats, as those systems do.
"""
