"""Changes a submission's folder in ways that no text file can hold: each function is named by the attacks that use it."""
