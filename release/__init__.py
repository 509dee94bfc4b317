"""What leaves the house: weekly publication, verified grades, eligibility, credentials, exports."""
