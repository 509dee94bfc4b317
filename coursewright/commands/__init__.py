"""One module for each group of commands; a module is imported only when one of its commands is called.

A command is a plain function with Typer's annotations. It parses, calls one of the packages, and shows the result;
what it knows about courses, grades or exams belongs into those packages.
"""
