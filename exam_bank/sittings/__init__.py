"""Attempts at exams: their events, where they are kept, and what they come to."""
