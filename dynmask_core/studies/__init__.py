"""Many runs that belong together: arms compared over seeds, settings swept, learning curves; and what they show."""

from dynmask_core.studies.config import Cell, Job, Kind, StudyConfig
from dynmask_core.studies.study import Progress, Study, find_study, list_studies, same_study

__all__ = ["Cell", "Job", "Kind", "Progress", "Study", "StudyConfig", "find_study", "list_studies", "same_study"]
