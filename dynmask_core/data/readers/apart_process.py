"""Runs another script within limits: `python apart_process.py SECONDS BYTES SCRIPT …`. See `apart`.

This file imports nothing of the package, so that the process starts at once.
"""

import runpy
import sys


def _limit(seconds: int, size: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, ValueError, OSError):
        pass  # Windows has no such limits


if __name__ == "__main__":
    _limit(int(sys.argv[1]), int(sys.argv[2]))
    del sys.argv[:3]
    runpy.run_path(sys.argv[0], run_name="__main__")
