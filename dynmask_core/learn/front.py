"""The front matter of a lesson: plain YAML, without aliases, tags or surprises, checked by a JSON schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from dynmask_core.config.offers import HIDEABLE
from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import Difficulty, Language
from dynmask_core.learn.limits import FRONT_CHARACTERS, FRONT_DEPTH, SCHEMA
from dynmask_core.learn.markup import shown
from dynmask_core.messages import listed

VERSION = "dynmask_lesson"
"""The key whose value is the version of the file's form."""
FENCE = re.compile(r"-{3,}\s*")
FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,79}"
"""Of a part that travels with the lesson: a plain name, no path."""
_WORDS = {"type": "string", "minLength": 1, "maxLength": 300, "pattern": r"\S"}
_LIST = {"type": "array", "maxItems": 10, "items": _WORDS}
SCHEMA_OF_FRONT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [VERSION, "id", "language", "title", "minutes", "difficulty", "goals", "licence"],
    "properties": {
        VERSION: {"const": SCHEMA},
        "id": {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60},
        "language": {"enum": list(get_args(Language))},
        "title": _WORDS | {"maxLength": 120},
        "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
        "difficulty": {"enum": list(get_args(Difficulty))},
        "goals": _LIST | {"minItems": 1},
        "prior": _LIST,
        "licence": _WORDS | {"maxLength": 120},
        "authors": _WORDS,
        "place": {"type": "integer", "minimum": 1, "maximum": 999},
        "data": {"type": "string", "pattern": f"^{FILE_NAME}$"},
        "run": {"type": "string", "pattern": f"^{FILE_NAME}\\.zip$"},
        "hide": {"type": "array", "maxItems": len(HIDEABLE), "uniqueItems": True, "items": {"enum": list(HIDEABLE)}},
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA_OF_FRONT)
ORDER = tuple(SCHEMA_OF_FRONT["properties"])


class _Handler(YAMLHandler):
    """Reads by PyYAML's safe loader, after a look at the events that it would build from; keeps the keys' lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def load(self, fm: str, **_: object) -> Any:
        if len(fm) > FRONT_CHARACTERS:
            raise InputError("lesson_front_long", line=1, most=FRONT_CHARACTERS)
        line, depth = 1, 0
        try:
            for event in yaml.parse(fm, Loader=yaml.SafeLoader):
                line = event.start_mark.line + 1
                _judge(event, line)
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > FRONT_DEPTH:
                    raise InputError("lesson_front_deep", line=line, most=FRONT_DEPTH)
            root = yaml.compose(fm, Loader=yaml.SafeLoader)
            if not isinstance(root, yaml.MappingNode):
                raise InputError("lesson_front_form", line=2)
            self._keys(root)
            return yaml.load(fm, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise InputError("lesson_yaml", line=mark.line + 1 if mark else line) from None
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("lesson_yaml", line=line) from None

    def _keys(self, root: yaml.MappingNode) -> None:
        for key, _ in root.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                # Numbers, lists, and "<<", which would take over the keys of another part.
                raise InputError("lesson_front_form", line=line)
            if key.value in self.lines:
                raise InputError("lesson_key_twice", line=line, key=shown(str(key.value)))
            self.lines[str(key.value)] = line


def _judge(event: yaml.Event, line: int) -> None:
    """Refuses what could grow (aliases) or make objects (tags)."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise InputError("lesson_alias", line=line)
    if getattr(event, "tag", None):
        raise InputError("lesson_tag", line=line)


def split(lines: list[str]) -> int:
    """The number of lines that the front matter takes, its fences included. Raises InputError if there is none."""
    if not lines or not FENCE.fullmatch(lines[0]):
        raise InputError("lesson_no_front", line=1)
    for number, line in enumerate(lines[1:], 2):
        if FENCE.fullmatch(line):
            return number
    raise InputError("lesson_front_open", line=1)


def read_front(text: str, found: list[InputError]) -> dict[str, Any]:
    """The values of the front matter, `text` with its fences. What is wrong is added to `found`.

    Raises InputError where nothing can be read. A version that is not known is told alone: all else may mean something
    different there.
    """
    handler = _Handler()
    values, _ = frontmatter.parse(text, handler=handler)
    known = {VERSION: SCHEMA} | values
    if VERSION not in values:
        raise InputError("lesson_key_missing", line=1, key=VERSION)
    if known[VERSION] != SCHEMA or isinstance(known[VERSION], bool):
        version = shown(str(known[VERSION]))
        raise InputError("lesson_version", line=handler.lines[VERSION], version=version, known=SCHEMA)
    for error in sorted(_VALIDATOR.iter_errors(values), key=lambda error: [str(part) for part in error.absolute_path]):
        found.extend(_told(error, handler.lines))
    return values


def _told(error: ValidationError, lines: dict[str, int]) -> Iterator[InputError]:
    """The library's finding as a plain sentence."""
    key = str(error.absolute_path[0]) if error.absolute_path else ""
    line, rule = lines.get(key, 1), error.validator
    if rule == "required":
        missing = next(name for name in error.validator_value if f"'{name}'" in error.message.split(" is ")[0])
        yield InputError("lesson_key_missing", line=1, key=missing)
    elif rule == "additionalProperties":
        for name in error.instance:
            if name not in error.schema["properties"]:
                known = ", ".join(ORDER)
                yield InputError("lesson_key_unknown", line=lines.get(str(name), 1), key=shown(str(name)), known=known)
    elif rule == "type":
        yield InputError(f"lesson_needs_{error.validator_value}", line=line, key=key)
    elif rule == "enum":
        known = listed(map(str, error.validator_value), 20)
        yield InputError("lesson_value_unknown", line=line, key=key, known=known)
    elif rule in ("maxLength", "maxItems", "maximum"):
        yield InputError("lesson_value_most", line=line, key=key, most=error.validator_value)
    elif rule in ("minLength", "minItems", "minimum"):
        yield InputError("lesson_value_least", line=line, key=key, least=error.validator_value)
    else:
        yield InputError("lesson_value_form", line=line, key=key)
