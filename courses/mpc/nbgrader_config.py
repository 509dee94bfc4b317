"""Makes this folder a plain nbgrader course as well: `nbgrader generate_assignment` and `autograde` work in it."""

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "mpc"
c.Execute.timeout = 5  # seconds a cell; every cell of the reference solutions takes well below one
