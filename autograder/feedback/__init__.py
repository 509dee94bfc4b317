"""What learners get to see of their graded work: a page for each notebook, that stands alone and is safe to open.

Nothing of a hidden test is in it but its name, its outcome and its author's hint; nothing that a learner wrote can run,
fetch or leave its place.
"""
