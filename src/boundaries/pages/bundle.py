"""Our own scripts: modules that say what they import, joined into one that a page can carry.

Goes in: the name of a module below ``pages/templates``. Comes out: it and everything that it
imports, each once and before what uses it, in one scope that the rest of the page cannot see.
Next: `boundaries.pages.map`. A module is read here as plainly as it is written: ``import { a, b }
from "./x.js";`` and ``export`` before a declaration, each at the start of a line, and nothing else
of either; no two modules may declare the same name, since they come to share a scope.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from boundaries.errors import AssetError
from boundaries.pages.shell import template_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bundle"]

_IMPORT: Final = re.compile(
    r"^import \{(?P<names>[^}]*)\} from \"(?P<path>\.[^\"]+)\";\n", re.MULTILINE
)
_OTHER: Final = re.compile(r"^(?:import|export) .*$", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:function|const|let) )", re.MULTILINE)
_DECLARED: Final = re.compile(
    r"^(?P<export>export )?(?:function|const|let) (?P<name>\w+)", re.MULTILINE
)


@cache
def bundle(entry: str, *, gives: Sequence[str] = ()) -> Markup:
    """Return a module and all that it imports as one script.

    Parameters
    ----------
    entry
        Path below ``pages/templates``, such as ``map/main.js``.
    gives
        Names, of the entry or of what it imports, that the script returns as one object; without
        any it returns nothing.

    Raises
    ------
    AssetError
        When a module imports what its neighbour does not export, is written in a way that this
        does not read, or declares a name that another has.
    """
    texts: dict[str, str] = {}
    _collect(entry, texts)
    _refuse_twins(texts)
    body = "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts.values())
    end = f"return {{ {', '.join(gives)} }};\n" if gives else ""
    return Markup('(() => {\n"use strict";\n') + Markup(body) + Markup(end) + Markup("})();")  # noqa: S704 - files of this package


def _collect(path: str, texts: dict[str, str], above: tuple[str, ...] = ()) -> None:
    """Add a module after all that it imports; in a ring the one that was asked first comes last."""
    if path in texts or path in above:
        return
    text = str(template_text(path))
    for found in _IMPORT.finditer(text):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), found["path"]))
        _collect(other, texts, (*above, path))
        exported = {
            one["name"] for one in _DECLARED.finditer(str(template_text(other))) if one["export"]
        }
        wanted = {name.strip() for name in found["names"].split(",") if name.strip()}
        if missing := sorted(wanted - exported):
            raise AssetError(
                f"{path} imports {', '.join(missing)} from {other}, which does not export it: "
                "put `export` before its declaration there."
            )
    left = _OTHER.search(_EXPORT.sub("", _IMPORT.sub("", text)))
    if left is not None:
        raise AssetError(
            f'{path}: "{left[0]}" cannot be bundled: write import {{ a, b }} from "./x.js"; '
            "or export before a declaration."
        )
    texts[path] = text


def _refuse_twins(texts: dict[str, str]) -> None:
    first: dict[str, str] = {}
    for path, text in texts.items():
        for found in _DECLARED.finditer(text):
            other = first.setdefault(found["name"], path)
            if other != path:
                raise AssetError(
                    f"{found['name']} is declared in {other} and in {path}: they share a scope "
                    "in the page, so give one of them another name."
                )
