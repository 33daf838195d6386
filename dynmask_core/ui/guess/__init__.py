"""What the task of guessing hidden words shows in addition to what every run shows."""
