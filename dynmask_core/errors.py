"""The one error that bad input raises."""

from __future__ import annotations

from typing import Any, Self

from dynmask_core import messages
from dynmask_core.remedies import Remedy


class InputError(ValueError):
    """Input that cannot be used, with one sentence that says what is wrong and what to do.

    `code` names the sentence (`error.<code>` in the locales), `params` fills its placeholders, `str(error)`
    is the English sentence and `sentence(lang)` the same in another language. remedies: settings that would help.
    """

    remedies: tuple[Remedy, ...] = ()

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(messages.text(f"error.{code}", **params))

    def sentence(self, lang: str = "en") -> str:
        """The sentence in `lang`, a key of `messages.LANGUAGES`."""
        return messages.text(f"error.{self.code}", lang, **self.params)

    def mended_by(self, *remedies: Remedy) -> Self:
        """The same error, which offers these settings."""
        self.remedies = remedies
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers are processes: the default pickle of an exception would pass the sentence instead of the code.
        return (_rebuild, (self.code, self.params, self.remedies))


def _rebuild(code: str, params: dict[str, Any], remedies: tuple[Remedy, ...]) -> InputError:
    return InputError(code, **params).mended_by(*remedies)
