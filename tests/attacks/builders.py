"""Changes submissions in ways that no text file can hold; attacks name the function that does theirs."""
