"""What answers a warning or an error about data: other settings, offered as an option of the command and a button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dynmask_core import messages


@dataclass(frozen=True)
class Remedy:
    """Settings that would mend what a warning or an error tells.

    code: the button's words are `remedy.<code>` in the locales, filled with `params`. read: changes of `ReadOptions`
    (the file is read again). config: changes of `DataConfig`.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """What the button says, in `lang`."""
        return messages.text(f"remedy.{self.code}", lang, **self.params)
