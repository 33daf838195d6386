"""What is seen of one run, whatever its task."""
