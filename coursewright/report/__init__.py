"""A course's report: one HTML page that holds everything it shows.

:mod:`~coursewright.report.facts` gathers what is to be said from a course folder, :mod:`~coursewright.report.plots`
draws, :mod:`~coursewright.report.page` writes the page.
"""
