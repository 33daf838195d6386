"""Warnings about the data that readers of the results should know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dynmask_core import messages
from dynmask_core.remedies import Remedy


@dataclass(frozen=True)
class DataWarning:
    """code: the sentence is `warning.<code>` in the locales. params: values of its placeholders. remedies: settings
    that would mend it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()

    def text(self, lang: str = "en") -> str:
        """The sentence in `lang`, a key of `messages.LANGUAGES`."""
        return messages.text(f"warning.{self.code}", lang, **self.params)
