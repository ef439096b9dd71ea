"""What screens and answers show, composed from the stations."""
