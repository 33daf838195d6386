"""Explore masks in Transformers: two models that differ in nothing but the mask, trained side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynmask_core.classifier import MaskedTextClassifier

__version__ = "0.2.0"
__all__ = ["MaskedTextClassifier", "__version__"]


def __getattr__(name: str) -> Any:
    # Loaded on demand: it brings torch, which a page that only reads runs does without.
    if name == "MaskedTextClassifier":
        from dynmask_core.classifier import MaskedTextClassifier

        return MaskedTextClassifier
    raise AttributeError(name)
