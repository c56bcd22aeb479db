"""Shipped scripts and styles: read from installed packages, checked, made safe to inline.

Goes in: the installed ``xstatic-leaflet``. Comes out: text that a page can carry, and a check that
a finished page calls nobody. Next: `boundaries.pages.shell`. No third-party code is kept here:
it is read at render time from the package, and refused when its SHA-256 is not the recorded one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from boundaries.errors import AssetError

__all__ = ["LEAFLET_LICENCE", "Leaflet", "leaflet", "require_self_contained"]

LEAFLET_SHA256: Final = {
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
    "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
}

LEAFLET_LICENCE: Final = """\
Leaflet 1.9.3, https://leafletjs.com
Copyright (c) 2010-2022, Volodymyr Agafonkin. Copyright (c) 2010-2011, CloudMade.
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions
and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of
conditions and the following disclaimer in the documentation and/or other materials provided with
the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""

_FIX = "Install the release named in constraints.txt: pip install 'xstatic-leaflet==1.9.3.0'."


@dataclass(frozen=True)
class Leaflet:
    """Leaflet as text to inline.

    Parameters
    ----------
    script, style
        JavaScript and CSS; nothing in them names a file or an address to load.
    licence
        Its licence (BSD 2-Clause), which every page that carries it must carry too.
    """

    script: str
    style: str
    licence: str = LEAFLET_LICENCE


def leaflet(folder: Path | None = None) -> Leaflet:
    """Read Leaflet from the installed package and check it.

    Parameters
    ----------
    folder
        Folder that holds ``leaflet.js``; found in the installed package when left out.

    Raises
    ------
    AssetError
        When the package is missing, or a file in it is not the recorded one.
    """
    home = _package_folder() if folder is None else folder
    script = _checked(home, "leaflet.js").decode("utf-8")
    style = _checked(home, "leaflet.css").decode("utf-8")
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    style = re.sub(r"^\s*behavior:.*$", "", style, flags=re.MULTILINE)  # Internet Explorer only
    style = re.sub(r"url\((images/[\w.-]+)\)", lambda found: _data_uri(home, found[1]), style)
    return Leaflet(script.replace("</script", "<\\/script").strip(), style.strip())


def require_self_contained(html: str) -> None:
    """Refuse a page that would load anything from outside itself.

    Links that a person may follow (``<a href>``) are no loading and pass.

    Raises
    ------
    AssetError
        Naming every tag and address that would be called, or CSS that would.
    """
    scan = _Scan()
    scan.feed(html)
    scan.close()
    if scan.found:
        calls = "; ".join(sorted(set(scan.found))[:5])
        raise AssetError(
            f"The page would call out: {calls}. Pages must open with the network off: "
            "put the content into the page, or leave that part out."
        )


def _package_folder() -> Path:
    try:
        spec = find_spec("xstatic.pkg.leaflet")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise AssetError(f"Leaflet is not installed, so no map can be drawn. {_FIX}")
    return Path(spec.origin).parent / "data"


def _checked(home: Path, name: str) -> bytes:
    try:
        content = (home / name).read_bytes()
    except OSError as error:
        raise AssetError(f"Leaflet's file {name} cannot be read. {_FIX}") from error
    if hashlib.sha256(content).hexdigest() != LEAFLET_SHA256[name]:
        raise AssetError(
            f"Leaflet's file {name} is not the one this release was tested with "
            f"(its SHA-256 differs). {_FIX}"
        )
    return content


def _data_uri(home: Path, name: str) -> str:
    return f"url(data:image/png;base64,{base64.b64encode(_checked(home, name)).decode('ascii')})"


class _Scan(HTMLParser):
    """Collects what a browser would load: sources of tags, and addresses in styles."""

    _LOADED: Final = frozenset({"src", "srcset", "poster", "data", "action", "background"})
    _CSS_CALL: Final = re.compile(
        r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)|@import\s+([^;]+)", re.IGNORECASE
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            loaded = name in self._LOADED or (name in {"href", "xlink:href"} and tag != "a")
            if loaded and not (value or "").strip().startswith(("data:", "#", "blob:")):
                self.found.append(f"<{tag} {name}={value}>")
            if name == "style":
                self._scan_css(value or "")

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._scan_css(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def _scan_css(self, css: str) -> None:
        self.found += [f"CSS {call[0] or call[1]}" for call in self._CSS_CALL.findall(css)]
