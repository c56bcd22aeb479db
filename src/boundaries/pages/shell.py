"""The page shell: one HTML file that needs nothing else, and that cannot call out.

Goes in: a title, a body, styles, scripts and data. Comes out: the text of a page with one
``<main>``, one ``<h1>`` (in the body), British English, and a Content-Security-Policy that names
the SHA-256 of every script in it: the browser itself refuses any other script and any address.
Used by the map and the report. Next: `write_page`, whole or not at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from boundaries.pages.assets import require_self_contained
from boundaries.pages.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["embed_json", "finish_page", "render_template", "template_text", "write_page"]

_POLICY_MARK: Final = "@@CONTENT-SECURITY-POLICY@@"
_SCRIPT: Final = re.compile(
    r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE
)


@cache
def _templates() -> Environment:
    """Templates with every value escaped unless it is marked as HTML."""
    return Environment(
        loader=PackageLoader("boundaries.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render_template(name: str, values: Mapping[str, Any]) -> Markup:
    """Fill in a template of ours; text in ``values`` is escaped, `Markup` is not.

    Parameters
    ----------
    name
        Path below ``pages/templates``.
    values
        Everything that the template names.

    Raises
    ------
    jinja2.UndefinedError
        When the template names a value that is not given.
    """
    return Markup(_templates().get_template(name).render(**values))  # noqa: S704 - autoescaped


def template_text(name: str) -> Markup:
    """Return a file below ``pages/templates`` as it is: our own CSS or JavaScript."""
    loader = _templates().loader
    assert loader is not None  # noqa: S101 - set above
    text, _, _ = loader.get_source(_templates(), name)
    return Markup(text)  # noqa: S704 - a file of this package


def embed_json(data: object, element_id: str) -> Markup:
    r"""Put data into a page so that nothing in it can be taken for HTML.

    Parameters
    ----------
    data
        Anything that JSON holds; keys and numbers are written as short as JSON allows.
    element_id
        Id of the ``<script type="application/json">`` that holds it.

    Examples
    --------
    >>> print(embed_json({"name": "<b>"}, "data"))
    <script type="application/json" id="data">{"name":"\u003cb>"}</script>
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(f'<script type="application/json" id="{element_id}">{safe}</script>')  # noqa: S704 - made safe above


def finish_page(html: str) -> str:
    """Write the policy into a page made with ``templates/page.html`` and check the page.

    Returns
    -------
    str
        The page, ready to be saved.

    Raises
    ------
    AssetError
        When the page would load anything from outside itself.
    """
    html = str(html)  # Markup would escape the policy's quotation marks
    html = html.replace("\r\n", "\n").replace("\r", "\n")  # as browsers do before they hash
    require_self_contained(html)
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() + "'"
        for attributes, code in _SCRIPT.findall(html)
        if "application/json" not in attributes
    ]
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + (" ".join(dict.fromkeys(hashes)) or "'none'"),
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return html.replace(_POLICY_MARK, policy, 1)


def write_page(html: str, path: str | Path) -> Path:
    """Save a page as UTF-8, whole or not at all.

    Parameters
    ----------
    html
        The finished page.
    path
        Where to; a file of that name is replaced.

    Returns
    -------
    Path
        The path written.
    """
    with whole_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
    return Path(path)
