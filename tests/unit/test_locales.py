"""Both languages are complete, and every sentence that the code asks for exists."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynmask_core import messages
from dynmask_core.data import list_samples
from dynmask_core.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


def sources() -> list[Path]:
    found = [*(ROOT / "dynmask_core").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    return [path for path in found if path.is_file()]


def placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or method so named."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield path, node


def literal(node: ast.expr) -> list[str]:
    """The strings that an argument can be, where they stand in the source."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literal(node.body) + literal(node.orelse)
    return []


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(lang: str) -> None:
    english, other = messages.catalogue("en"), messages.catalogue(lang)
    assert set(other) == set(english)
    for key, sentence in english.items():
        assert placeholders(other[key]) == placeholders(sentence), key
        assert other[key].strip() == other[key] != ""


def test_the_chinese_catalogue_is_in_chinese() -> None:
    english, chinese = messages.catalogue("en"), messages.catalogue("zh")
    for key, sentence in chinese.items():
        words = re.sub(r"\{[^}]*\}", "", english[key])
        if len(re.findall(r"[A-Za-z]{2,}", words)) >= 4:
            assert re.search(r"[\u4e00-\u9fff]", sentence), key


def errors() -> list[tuple[str, str, set[str] | None]]:
    found = []
    for path, call in calls("InputError"):
        for code in literal(call.args[0]) if call.args else []:
            names = {keyword.arg for keyword in call.keywords}
            found.append((path.name, code, None if None in names else {name for name in names if name}))
    return found


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_error_has_its_sentence(lang: str) -> None:
    assert errors()
    for file, code, given in errors():
        sentence = messages.catalogue(lang).get(f"error.{code}")
        assert sentence is not None, f"{file}: error.{code}"
        if given is not None:
            assert placeholders(sentence) <= given, f"{file}: error.{code}"


def test_every_sentence_that_the_screen_asks_for_exists() -> None:
    known = messages.catalogue("en")
    for path, call in calls("t", "text", "say"):
        for key in literal(call.args[0]) if call.args else []:
            by_t = isinstance(call.func, ast.Name) and call.func.id in ("t", "say")
            if not by_t and not KEY.fullmatch(key):
                continue  # st.text and the like
            assert key in known, f"{path.name}: {key}"
            given = {keyword.arg for keyword in call.keywords}
            if by_t and None not in given:
                assert placeholders(known[key]) <= given, f"{path.name}: {key}"


def test_every_key_built_from_a_name_exists() -> None:
    """Keys such as t(f"state.{state}"): at least one key must begin and end so."""
    known = messages.catalogue("en")
    for path, call in calls("t", "text", "say"):
        if call.args and isinstance(call.args[0], ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in call.args[0].values]
            pattern = "".join(re.escape(part) if isinstance(part, str) else ".+" for part in parts)
            assert any(re.fullmatch(pattern, key) for key in known), f"{path.name}: {pattern}"


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_sample_has_a_title_and_a_description(lang: str) -> None:
    for sample in list_samples():
        assert f"sample.{sample.name}" in messages.catalogue(lang)
        assert f"sample.{sample.name}.about" in messages.catalogue(lang)


def test_an_error_speaks_both_languages() -> None:
    error = InputError("unknown_strategy", name="x", known="none")
    assert str(error) == error.sentence("en")
    assert error.sentence("zh") != error.sentence("en")


def test_a_missing_word_does_not_pass_unnoticed() -> None:
    with pytest.raises(KeyError):
        messages.text("no.such.key")
    with pytest.raises(KeyError):
        messages.text("error.bad_setting", name="x")
    with pytest.raises(KeyError):
        messages.catalogue("fr")
