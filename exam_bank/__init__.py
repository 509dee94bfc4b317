"""Items become variants, forms, scores and honest statistics."""
