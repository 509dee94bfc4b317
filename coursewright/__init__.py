"""The command line and the server: everything is put together here, and nothing imports it."""

__version__ = "0.1.0"
