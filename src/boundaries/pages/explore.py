"""An option to explore or plot in a notebook, with layers of the reader's own on top.

Goes in: an `Option`. Comes out: `OptionMap` (a folium map that opens with no network), or
matplotlib axes. Nothing comes next. Colours are those of the run's map and report.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import folium

from boundaries.pages import words
from boundaries.pages.assets import leaflet
from boundaries.pages.credit import credit_line
from boundaries.pages.figure import OfflineMap, map_parts
from boundaries.pages.identity import identify
from boundaries.pages.map import RunMap, generator
from boundaries.pages.naming import neighbourhood_names, standing
from boundaries.pages.pictures import draw_on, outlines
from boundaries.pages.readable import for_readers
from boundaries.pages.shell import finish_page, render_template, template_text
from boundaries.run.views import layer_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd
    from matplotlib.axes import Axes

    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run

__all__ = ["OptionMap", "explore_option", "plot_option"]

_OPACITY: Final = 0.65


class OptionMap(OfflineMap):
    """A folium map of one option that opens with no network.

    Layers of your own go on top: with `add_layer`, or as on any folium map (``….add_to(m)``,
    geopandas' ``….explore(m=m, legend=False)``). What would need a file from somebody else's server
    (icons, tiles, a legend of geopandas) is refused when the map is shown or saved.

    Parameters
    ----------
    run, option
        What is drawn, made ready for readers.
    identities
        Colours of the run.
    """

    def __init__(self, run: Run, option: Option, identities: Identities) -> None:
        bounds = run.place.lsoas.to_crs(4326).total_bounds
        west, south, east, north = (float(value) for value in bounds)
        super().__init__(((south + north) / 2, (west + east) / 2))
        self.fit_bounds([[south, west], [north, east]])
        self._shown = (run, option, identities)

    def add_layer(
        self, frame: gpd.GeoDataFrame, *, columns: Iterable[str] = (), colour: str = "#b00020"
    ) -> OptionMap:
        """Put points, lines or polygons of your own on top; return the map.

        Parameters
        ----------
        frame
            With a CRS, any; missing and empty shapes are left out.
        columns
            What to say of a shape when the pointer is on it.
        colour
            Of lines and points.
        """
        known = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        names = [str(name) for name in columns]
        table = known[[*names, known.geometry.name]].assign(
            **{name: _safe(known[name]) for name in names}
        )
        marker = folium.CircleMarker(radius=6, color=colour, fill=True, fill_opacity=0.8)
        folium.GeoJson(
            table.to_json(to_wgs84=True, drop_id=True),
            marker=marker,
            style_function=lambda _: {"color": colour, "fillColor": colour, "weight": 2},
            tooltip=folium.GeoJsonTooltip(names) if names else None,
        ).add_to(self)
        return self

    def page(self) -> RunMap:
        """Return the map as a page of its own.

        Raises
        ------
        AssetError
            When a layer on the map would call out.
        """
        run, option, identities = self._shown
        library = leaflet()
        parts = map_parts(self, library)
        title = f"{run.place.name}: {option.title}"
        lines = words.attribution_lines(run.place.sources)
        body = render_template(
            "explore.html",
            {
                "title": title,
                "tag": standing(option),
                "map": parts.body,
                "rows": _rows(option, identities),
                "credit": credit_line(lines),
                "licence": library.licence,
            },
        )
        page = render_template(
            "page.html",
            {
                "title": title,
                "generator": generator(),
                "styles": [*parts.styles, template_text("explore.css")],
                "head": parts.head,
                "body_class": "",
                "body": body,
                "data": "",
                "scripts": list(parts.scripts),
            },
        )
        return RunMap(finish_page(page))

    def save(self, outfile: Any, close_file: bool = True, **_: Any) -> Path:  # noqa: ARG002, FBT001, FBT002 - as folium
        """Write the map as one file that opens with no network; return where it is.

        Raises
        ------
        AssetError
            When a layer on the map would call out.
        """
        return self.page().save(outfile)

    def _repr_html_(self, **_: object) -> str:
        """Show the map in a notebook."""
        return self.page()._repr_html_()

    def __repr__(self) -> str:
        run, option, _ = self._shown
        return f"OptionMap({run.place.name!r}, {option.option_id!r})"


def explore_option(
    option: Option, *, practices: bool = True, opacity: float = _OPACITY
) -> OptionMap:
    """Draw an option on a folium map.

    Parameters
    ----------
    option
        An option of a run.
    practices
        Whether to draw the practices.
    opacity
        How much the colours of neighbourhoods cover (0–1).

    Raises
    ------
    AssetError
        When Leaflet is missing or is not the tested release.
    """
    run = for_readers(option.home)
    option, identities = run.option(option.option_id), identify(run)
    drawn = OptionMap(run, option, identities)
    _add_lsoas(drawn, run, option, identities, opacity)
    if practices:
        _add_practices(drawn, run, option)
    return drawn


def _add_lsoas(
    drawn: OptionMap, run: Run, option: Option, identities: Identities, opacity: float
) -> None:
    names = neighbourhood_names(option)
    layer = layer_of(run, option, "lsoas")
    shapes = layer.set_geometry(outlines(layer))[["lsoa_name", "neighbourhood", "geometry"]]
    colours = {label: identities.colour(option.option_id, label) for label in names}

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        colour = colours.get(feature["properties"]["label"], "#dddddd")
        return {"color": "#ffffff", "weight": 0.6, "fillColor": colour, "fillOpacity": opacity}

    table = shapes.assign(
        label=shapes["neighbourhood"],
        neighbourhood=_safe(shapes["neighbourhood"].map(names)),
        lsoa_name=_safe(shapes["lsoa_name"]),
    )
    fields = ["lsoa_name", "neighbourhood"]
    tooltip = folium.GeoJsonTooltip(fields, aliases=["LSOA", "Neighbourhood"])
    text = table.reset_index().to_json(to_wgs84=True)
    folium.GeoJson(text, name="Neighbourhoods", style_function=style, tooltip=tooltip).add_to(drawn)


def _add_practices(drawn: OptionMap, run: Run, option: Option) -> None:
    layer = layer_of(run, option, "practices")
    known = layer[~layer.geometry.is_empty & layer.geometry.notna()]
    if known.empty:
        return
    fields = {
        "practice_name": "Practice",
        "pcn_name_now": "PCN today",
        "pcn_name_option": "PCN in this option",
        "neighbourhood_name": "Neighbourhood",
    }
    table = known[["moved", "geometry"]].assign(
        **{name: _safe(known[name].fillna("none")) for name in fields}
    )

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        moved = feature["properties"]["moved"]
        return {"fillColor": "#000000" if moved else "#ffffff", "radius": 7 if moved else 5}

    marker = folium.CircleMarker(radius=5, color="#202020", weight=1.5, fill=True, fill_opacity=1)
    folium.GeoJson(
        table.to_json(to_wgs84=True),
        name="Practices",
        marker=marker,
        style_function=style,
        tooltip=folium.GeoJsonTooltip(list(fields), aliases=list(fields.values())),
    ).add_to(drawn)


def _safe(column: Any) -> Any:
    """Escape names: the tooltip of a map takes them for HTML."""
    return column.map(lambda name: escape(str(name)))


def _rows(option: Option, identities: Identities) -> list[dict[str, str]]:
    table, names = option.table, neighbourhood_names(option)
    rows = []
    for label in table.index:
        residents, share = table.at[label, "residents"], table.at[label, "alignment"]
        rows.append(
            {
                "colour": identities.colour(option.option_id, str(label)),
                "name": names[str(label)],
                "residents": words.people(residents, missing="*"),
                "aligned": words.share(share),
                "pcns": str(table.at[label, "pcns"]),
            }
        )
    return rows


def plot_option(
    option: Option,
    ax: Axes | None = None,
    *,
    practices: bool = True,
    labels: bool = True,
    figsize: tuple[float, float] = (8.0, 7.0),
) -> Axes:
    """Draw an option with matplotlib, in EPSG:27700.

    Parameters
    ----------
    option
        An option of a run.
    ax
        Axes to draw on; those of a new figure by default.
    practices, labels
        Whether to draw the practices, and to write the names of neighbourhoods.
    figsize
        Inches of the new figure.
    """
    run = for_readers(option.home)
    option = run.option(option.option_id)
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=figsize, layout="constrained")
    shapes: gpd.GeoSeries = outlines(run.place.lsoas)
    draw_on(
        ax, run, option, shapes=shapes, identities=identify(run), practices=practices, names=labels
    )
    ax.set_title(option.title)
    credit = credit_line(words.attribution_lines(run.place.sources))
    ax.text(0, -0.02, f"{standing(option)}. {credit}", transform=ax.transAxes, fontsize=6)
    return ax
