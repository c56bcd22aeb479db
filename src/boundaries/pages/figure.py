"""folium and branca made to keep to our page: nothing fetched, no flags, the same text every time.

Goes in: where the map looks. Comes out: the ``<div>`` and the scripts of a folium map. Next:
`boundaries.pages.map`, which puts them into our own shell.

This module alone leans on branca's insides (`_children`, the figure's three parts), which is why
branca is held below 0.9. folium's own page links nine files on other people's servers, and
branca's ``embedded=True`` downloads them at render time; here the links are dropped and the text
of the installed package is put in instead. Only Leaflet is needed: no jQuery, no Bootstrap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import folium
from branca.element import CssLink, Figure, JavascriptLink
from folium.utilities import JsCode
from markupsafe import Markup

from boundaries.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.pages.assets import Leaflet

__all__ = ["MAP_NAME", "MapParts", "OfflineMap", "map_parts"]

MAP_NAME: Final = "boundaries"
"""Ends the name of the map's element and variable: ``map_boundaries``."""

_UNLESS_STILL: Final = JsCode('!matchMedia("(prefers-reduced-motion: reduce)").matches')
"""Nothing glides for readers who asked their system for less motion."""

_CONSTRAINTS: Final = re.compile(r"<meta name=\"viewport\".*?/>", re.DOTALL)
_CODE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class OfflineMap(folium.Map):
    """A folium map that needs Leaflet only, and has the same name on every run.

    Parameters
    ----------
    centre
        Latitude and longitude.
    """

    default_js: list[tuple[str, str]] = [("leaflet", "leaflet.js")]  # noqa: RUF012 - folium declares it so
    default_css: list[tuple[str, str]] = [("leaflet_css", "leaflet.css")]  # noqa: RUF012 - as above

    def __init__(self, centre: Sequence[float]) -> None:
        super().__init__(
            location=list(centre),
            tiles=None,
            zoom_start=11,
            zoom_snap=0.1,
            min_zoom=8,
            max_zoom=18,
        )
        self._name = "map"
        self._id = MAP_NAME
        still = {"zoom_animation": _UNLESS_STILL, "fade_animation": _UNLESS_STILL}
        options: dict[str, Any] = {**self.options, **still}
        self.options = options


@dataclass(frozen=True)
class MapParts:
    """A folium map taken apart.

    Parameters
    ----------
    head
        Styles that fix the map's size.
    body
        The map's element.
    scripts
        Code in order: the library, the switches folium sets, the map itself.
    styles
        The library's CSS.
    """

    head: Markup
    body: Markup
    scripts: tuple[Markup, ...]
    styles: tuple[Markup, ...]


def map_parts(drawn: OfflineMap, library: Leaflet) -> MapParts:
    """Render a folium map and put the library's text where folium would link to it.

    Raises
    ------
    AssetError
        When something on the map links to a file that is not shipped with this package.
    """
    figure = Figure()
    figure.add_child(drawn)
    for child in figure._children.values():  # noqa: SLF001 - as branca's own render does
        child.render()
    head = []
    for name, element in figure.header._children.items():  # noqa: SLF001 - branca has no other way
        if isinstance(element, (JavascriptLink, CssLink)):
            if name not in {"leaflet", "leaflet_css"}:
                raise AssetError(
                    f"The map asks for {element.url}, which this package does not ship."
                )
        elif name != "meta_http":
            head.append(str(element.render()))
    text = _CONSTRAINTS.sub("", "\n".join(head))
    switches = _CODE.findall(text)
    return MapParts(
        head=Markup(_CODE.sub("", text)),  # noqa: S704 - folium's own template, no data in it
        body=Markup(figure.html.render()),  # noqa: S704 - as above
        scripts=tuple(
            Markup(code)  # noqa: S704 - Leaflet's and folium's own code
            for code in (library.script, *switches, str(figure.script.render()))
        ),
        styles=(Markup(library.style),),  # noqa: S704 - Leaflet's own
    )
