"""Questions to trained models."""
