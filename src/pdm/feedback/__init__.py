"""What turned out to be true: verdicts, label rows, track record."""
