"""Many runs that belong together (arms compared over seeds, settings swept, learning curves), and what they show."""

from dynmask_core.studies.config import Cell, Job, StudyConfig
from dynmask_core.studies.kinds import KINDS, StudyKind
from dynmask_core.studies.study import Progress, Study, find_study, list_studies, same_study

__all__ = [
    "KINDS",
    "Cell",
    "Job",
    "Progress",
    "Study",
    "StudyConfig",
    "StudyKind",
    "find_study",
    "list_studies",
    "same_study",
]
