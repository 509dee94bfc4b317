"""One run of the sample course with fictional learners, played from beginning to end.

:mod:`coursewright.demo.story` has the steps, as a list. The folder is the state: each step reads what the steps before
it left there, through the same functions that the commands use. Whatever is chosen at random comes from the seed.
"""
