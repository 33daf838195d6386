"""The view of one run, for any task."""
