"""Summaries of work: what a learner chose to show an admissions office, from the ledger alone."""
