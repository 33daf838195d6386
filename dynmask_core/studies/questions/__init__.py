"""Questions to the trained models of a study, answered over its seeds."""

from dynmask_core.studies.questions.base import OverSeeds, Question, Series, Verdict
from dynmask_core.studies.questions.faithfulness import FAITHFULNESS
from dynmask_core.studies.questions.thresholds import THRESHOLDS

QUESTIONS: dict[str, Question] = {one.name: one for one in (FAITHFULNESS, THRESHOLDS)}
"""By the name that `dynmask ask --what` has for them, in the order in which they are shown."""

__all__ = ["QUESTIONS", "OverSeeds", "Question", "Series", "Verdict"]
