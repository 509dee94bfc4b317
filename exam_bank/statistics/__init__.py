"""What responses say about items and learners, each figure with its uncertainty."""
