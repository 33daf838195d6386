"""`dynmask bench`: ratios against peers that take turns in one run; one file per suite."""
