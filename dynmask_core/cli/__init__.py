"""DynMask without a browser: `dynmask COMMAND`, one file per command."""

from dynmask_core.cli.main import main

__all__ = ["main"]
