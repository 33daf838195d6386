"""What is learned: one file per task, imported automatically."""

import importlib
import pkgutil

from dynmask_core.tasks.base import TASKS, Evaluation, Loss, Result, Task, offered, register, task_of

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = ["TASKS", "Evaluation", "Loss", "Result", "Task", "offered", "register", "task_of"]
