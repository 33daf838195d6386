"""`python -m dynmask_core` is `dynmask`."""

import sys

from dynmask_core.cli import main

sys.exit(main())
