"""Scores of one form on the scale of another, so that nobody gains or loses by the form that they happened to get."""
