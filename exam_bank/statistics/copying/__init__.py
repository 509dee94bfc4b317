"""Answers that agree more often than two learners' abilities explain. What that means, a person decides."""
