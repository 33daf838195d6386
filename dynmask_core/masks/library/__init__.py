"""Every strategy, one file each. Files put here are found automatically."""
