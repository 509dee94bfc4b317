"""What leaves the house: weekly publication, verified grades, eligibility, credentials, exports."""

from release.eligibility import evaluate as evaluate
from release.verify import verify as verify
