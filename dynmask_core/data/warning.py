"""Something about the data that a reader of results should know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dynmask_core import messages


@dataclass(frozen=True)
class DataWarning:
    """`code` names the sentence `warning.<code>`, `params` what its placeholders stand for."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """The sentence in `lang`, a key of `messages.LANGUAGES`."""
        return messages.text(f"warning.{self.code}", lang, **self.params)
