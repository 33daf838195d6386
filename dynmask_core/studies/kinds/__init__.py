"""The kinds of study, one file each. Command line, page and reports ask the kind; none checks for a certain name."""

from typing import Any

from dynmask_core.studies.config import CHECKS
from dynmask_core.studies.kinds.base import StudyKind
from dynmask_core.studies.kinds.compare import Compare
from dynmask_core.studies.kinds.curve import LearningCurve
from dynmask_core.studies.kinds.sweep import SettingsSweep

KINDS: dict[str, StudyKind[Any]] = {kind.name: kind for kind in (Compare(), SettingsSweep(), LearningCurve())}
"""In the order in which they are offered to users."""
CHECKS.update({name: kind.check for name, kind in KINDS.items()})

__all__ = ["KINDS", "StudyKind"]
