"""What would embarrass an instructor, found before learners find it."""
