"""`dynmask bench`: ratios against peers, interleaved in one run; one file per suite."""
