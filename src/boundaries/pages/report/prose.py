"""Prose that is the same in every report: method, limits of the evidence, glossary.

Goes in: ``templates/report/prose.toml``. Comes out: pairs and sentences.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from boundaries.pages.shell import template_text

__all__ = ["glossary", "limits", "method_paragraphs"]


@cache
def _prose() -> dict[str, Any]:
    return tomllib.loads(template_text("report/prose.toml"))


def method_paragraphs() -> list[tuple[str, str]]:
    """Return heading and paragraph of each part of the method."""
    return [(part["heading"], part["text"]) for part in _prose()["method"]]


def limits() -> list[str]:
    """Return what the evidence cannot say, a sentence each."""
    return list(_prose()["limits"])


def glossary() -> list[tuple[str, str]]:
    """Return terms and meanings, in the order of the alphabet."""
    return [(part["term"], part["meaning"]) for part in _prose()["glossary"]]
