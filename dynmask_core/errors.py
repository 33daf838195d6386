"""The one error that bad input raises, and how a refusal of the system becomes one."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from typing import Any, Self

from dynmask_core import messages
from dynmask_core.remedies import Remedy

LONGEST = 600
"""Characters of what a sentence tells of the input: all masks have room, a file does not."""
# Line ends, other controls, and what turns the direction of writing.
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class InputError(ValueError):
    """Input that cannot be used, with one sentence that says what is wrong and what to do.

    `code` names the sentence (`error.<code>` in the locales), `params` fills its placeholders, `str(error)`
    is the English sentence and `sentence(lang)` the same in another language; there, what came from the input is cut
    if it is long, and stands in one line. remedies: settings that would help.
    """

    remedies: tuple[Remedy, ...] = ()

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(self.sentence())

    def sentence(self, lang: str = "en") -> str:
        """The sentence in `lang`, a key of `messages.LANGUAGES`."""
        told = {name: _quoted(value) if isinstance(value, str) else value for name, value in self.params.items()}
        return messages.text(f"error.{self.code}", lang, **told)

    def mended_by(self, *remedies: Remedy) -> Self:
        """The same error, which offers these settings."""
        self.remedies = remedies
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers are processes: the default pickle of an exception would pass the sentence instead of the code.
        return (_rebuild, (self.code, self.params, self.remedies))


def _quoted(value: str) -> str:
    plain = _UNPRINTED.sub(" ", value[: LONGEST + 1])
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"


def _rebuild(code: str, params: dict[str, Any], remedies: tuple[Remedy, ...]) -> InputError:
    return InputError(code, **params).mended_by(*remedies)


def kind_of(error: BaseException) -> str:
    """What a server's log says of an error: its code or type, and nothing of the input, which may be a reader's."""
    return error.code if isinstance(error, InputError) else type(error).__name__


REFUSALS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "not_allowed",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
}
"""Codes of errors, by what the system gives as its reason."""


def of_system(error: OSError, tell: Callable[[str], str] = str) -> InputError:
    """What the system refused, as a sentence that names the file and says what to do.

    tell: how a path is written; pages do not show strangers where on the server a file lies.
    """
    why = error.strerror or str(error) or type(error).__name__
    if isinstance(error, TimeoutError):
        return InputError("no_answer", why=why)
    if error.filename is None:
        return InputError("system_somewhere", why=why)
    return InputError(REFUSALS.get(error.errno or 0, "system"), path=tell(str(error.filename)), why=why)
