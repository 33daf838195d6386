"""What a study shows, as figures and as one file that can be handed on."""

from __future__ import annotations
