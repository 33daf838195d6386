"""What guessing hidden words shows beside what every run does."""
