"""One option of a run, and every way to look at it, take it apart and carry it elsewhere.

Goes in: a plan, its measures, what the solver proved. Comes out: `Option`, whose tables and layers
are those of `boundaries.run.views`. Next: `boundaries.run.run` holds the options of a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from boundaries.errors import PlanError
from boundaries.guard import Guarded
from boundaries.run import views
from boundaries.run.claims import OPTION_ID
from boundaries.run.shown import gap_words, option_html, share_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from boundaries.measure.measures import Measures
    from boundaries.pages.explore import OptionMap
    from boundaries.plan import Plan
    from boundaries.run.run import Run

__all__ = ["Option"]


@dataclass(frozen=True, eq=False, repr=False)
class Option(Guarded):
    """One option of a run: a plan, its measures, and what is known of its optimum.

    ``run["move-1"]`` gives one. Two options are equal when they have the same id and plan.

    Parameters
    ----------
    option_id
        ``as-is``, ``as-is-grouped``, ``move-0`` …, ``best-fit``, ``closest``, ``teams-stay``,
        ``footprint`` (with ``-k5`` behind it where a range of neighbourhood counts was asked for),
        or a scored plan's own name.
    family
        ``as-is``, ``as-is-grouped``, ``ladder``, ``best-fit``, ``closest``, ``teams-stay``,
        ``footprint`` or ``scored``.
    title
        A few words for people, e.g. "2 practices move".
    plan, measures
        The plan and every measure of it, recomputed from the plan alone.
    status
        ``measured`` (nothing was decided), ``optimal`` (proven for the whole problem) or
        ``feasible``.
    bound
        No plan can have a smaller objective; None when nothing was decided or proven.
    seconds
        Time taken to find it.
    allowed_moves
        Most practices that were allowed to move (0 for today); None for any number.
    run
        The run that it belongs to.

    Examples
    --------
    >>> run["move-1"]
    Option('move-1': At most 1 practice moves, aligned 64.9%, proven best)
    """

    option_id: str
    family: str
    title: str
    plan: Plan
    measures: Measures
    status: Literal["measured", "optimal", "feasible"]
    bound: float | None = None
    seconds: float = 0.0
    allowed_moves: int | None = None
    run: Run | None = None

    def __post_init__(self) -> None:
        """Refuse an id that could name a file elsewhere."""
        if not OPTION_ID.fullmatch(self.option_id):
            raise ValueError(f"{self.option_id!r} is no id of an option: a-z, 0-9 and - only")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Option):
            return NotImplemented
        return self.option_id == other.option_id and self.plan == other.plan

    def __hash__(self) -> int:
        return hash((self.option_id, self.plan))

    def __repr__(self) -> str:
        return (
            f"Option({self.option_id!r}: {self.title}, "
            f"aligned {share_words(self.measures.summary['alignment'])}, {self.how_sure})"
        )

    def _repr_html_(self) -> str:
        """Show the option in a notebook."""
        return option_html(self)

    @property
    def gap(self) -> float | None:
        """(objective − bound) / objective, or None where no bound is proven."""
        objective = self.measures.summary["objective"]
        if self.bound is None:
            return None
        return 0.0 if objective == 0 else max(0.0, (objective - self.bound) / objective)

    @property
    def proposed(self) -> bool:
        """Whether the option is up for discussion, not there to be compared with."""
        return self.family not in {"as-is", "as-is-grouped", "best-fit", "closest"}

    @property
    def given(self) -> bool:
        """Whether the lines of the option are given: only where practices sit was decided."""
        return self.family in {"teams-stay", "footprint"}

    @property
    def how_sure(self) -> str:
        """What is known of the optimum, in two words (``proven best``, ``gap 1.2%``)."""
        if self.status != "feasible":
            best = "best on given lines" if self.given else "proven best"
            return {"measured": "measured", "optimal": best}[self.status]
        return "not proven" if self.gap is None else f"gap {gap_words(self.gap)}"

    @property
    def home(self) -> Run:
        """The run that the option belongs to.

        Raises
        ------
        PlanError
            When it belongs to none.
        """
        if self.run is None:
            raise PlanError(f"The option {self.option_id!r} belongs to no run. Take it from one.")
        return self.run

    @property
    def table(self) -> pd.DataFrame:
        """Its neighbourhoods, one row each: index ``neighbourhood``, columns as in `Measures`.

        Examples
        --------
        >>> run["move-0"].table[["name", "residents"]].shape
        (5, 2)
        """
        return views.neighbourhoods_of(self)

    def to_gdf(self, layer: views.Layer = "lsoas") -> gpd.GeoDataFrame:
        """Return a layer of the option for your own map.

        Parameters
        ----------
        layer
            ``lsoas``, ``practices`` or ``neighbourhoods``.

        Returns
        -------
        geopandas.GeoDataFrame
            EPSG:27700. Index lsoa_code: neighbourhood and its name, the PCN whose catchment it is
            in today, residents … Index practice_code (points): neighbourhood and its name, PCN now
            and in the option (codes and names), moved … Index neighbourhood: its measures.

        Raises
        ------
        InputError
            When there is no such layer.

        Examples
        --------
        >>> practices = option.to_gdf("practices")
        >>> practices.loc[practices["moved"], ["pcn_name_now", "pcn_name_option"]].shape
        (1, 2)
        """
        return views.layer_of(self.home, self, layer)

    def to_file(self, path: str | Path, *, replace: bool = False) -> Path:
        """Write the option's three layers as a GeoPackage that QGIS opens in the map's colours.

        Parameters
        ----------
        path
            Ends with ``.gpkg``; R, QGIS and ArcGIS read it.
        replace
            Whether a file that is there already is replaced.

        Raises
        ------
        InputError
            When the name ends otherwise, there is such a file, or it cannot be written.

        Examples
        --------
        >>> option.to_file("one-move.gpkg")
        PosixPath('one-move.gpkg')
        """
        from boundaries.pages.gis import write_option  # noqa: PLC0415 - heavy, and drawn there

        return write_option(self, path, replace=replace)

    def practice_shares(self) -> pd.DataFrame:
        """Return where each practice's patients live: the central table of the subject.

        Returns
        -------
        pandas.DataFrame
            One row a practice and neighbourhood in which patients of it live: practice_code,
            practice_name, pcn_name (today's), sits_in and sits_in_name (its neighbourhood),
            lives_in and lives_in_name, patients, share (0–1, of its patients living in the place).
            Most patients first within a practice.

        Examples
        --------
        >>> shares = option.practice_shares()
        >>> shares.groupby("practice_code")["share"].sum().round(6).unique().tolist()
        [1.0]
        """
        return views.practice_shares(self.home, self)

    def aggregate(
        self,
        frame: pd.DataFrame,
        *,
        sums: Iterable[str] = (),
        means: Mapping[str, str] | None = None,
        against: str | None = "as-is",
    ) -> pd.DataFrame:
        """Sum up your own figures by LSOA to neighbourhoods, beside those of another option.

        Parameters
        ----------
        frame
            With an index or a column ``lsoa_code``; every LSOA of the place. Others are left out.
        sums
            Columns to add up.
        means
            Columns to average, each with the column that weighs it: of the frame, or of the place
            (``residents``). LSOAs without a value do not count.
        against
            The option to set beside it; None for none.

        Returns
        -------
        pandas.DataFrame
            Index ``neighbourhood``: name, then each column; with ``_as_is`` (the other option) and
            ``_change`` behind it. The same label is the same neighbourhood as far as residents
            tell; one that only one of the two has is missing in the other.

        Raises
        ------
        InputError
            When columns or LSOAs are missing from the frame.

        Examples
        --------
        >>> homes = pd.DataFrame({"homes": 500}, index=run.place.lsoas.index)
        >>> int(option.aggregate(homes, sums=["homes"])["homes"].sum())
        93500
        """
        return views.aggregate(self.home, self, frame, sums=sums, means=means, against=against)

    def explore(self, **how: Any) -> OptionMap:
        """Draw the option on a folium map that works offline and takes layers of your own.

        Parameters
        ----------
        **how
            ``practices`` (True by default), ``opacity`` (0–1) of the colours.

        Returns
        -------
        OptionMap
            A `folium.Map`: ``m.add_layer(my_points)`` and anything of folium's puts layers on top,
            ``m.save("map.html")`` writes one file that opens with no network.

        Examples
        --------
        >>> option.explore().save("explore.html")
        PosixPath('explore.html')
        """
        from boundaries.pages.explore import explore_option  # noqa: PLC0415 - folium is heavy

        return explore_option(self, **how)

    def plot(self, ax: Axes | None = None, **how: Any) -> Axes:
        """Draw the option with matplotlib, as geopandas does.

        Parameters
        ----------
        ax
            Axes to draw on; new ones by default.
        **how
            ``practices``, ``labels`` (True by default), ``figsize``.

        Returns
        -------
        matplotlib.axes.Axes
            In EPSG:27700, so that ``my_points.to_crs(27700).plot(ax=ax)`` fits.

        Examples
        --------
        >>> option.plot().get_title()
        'At most 1 practice moves'
        """
        from boundaries.pages.explore import plot_option  # noqa: PLC0415 - matplotlib is heavy

        return plot_option(self, ax, **how)
