"""Submissions become grade records."""
