"""What leaves the house: weekly publication, verified grades, eligibility, credentials."""

from release.eligibility import evaluate as evaluate
