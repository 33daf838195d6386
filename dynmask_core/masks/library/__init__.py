"""Every strategy, one file each. A file put here is found by itself."""
