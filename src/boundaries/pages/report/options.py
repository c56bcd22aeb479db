"""One section an option: the map, who moves and why, equality, teams, floors, money, wards.

Goes in: a `Run`. Comes out: what the template of the section names, as plain values.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from boundaries.pages import words
from boundaries.pages.baseline import neighbourhood_flows
from boundaries.pages.charts import flows_chart, residents_chart
from boundaries.pages.compare import equality_grid
from boundaries.pages.detail import (
    floors_grid,
    money_grid,
    move_sentences,
    moves_grid,
    neighbourhoods_grid,
    placed_sentences,
    teams_grid,
    wards_grid,
)
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.identity import identify
from boundaries.pages.naming import heading_of, neighbourhood_names, today
from boundaries.pages.pictures import map_figure, outlines
from boundaries.pages.report.pictured import Picture, pictured
from boundaries.pages.split import split_sentence, splits

if TYPE_CHECKING:
    import geopandas as gpd

    from boundaries.pages.identity import Identities
    from boundaries.run import Option, Run

__all__ = ["anchor", "family_sentences", "map_picture", "option_sections"]

_FAMILIES = {
    "as-is": "Today: the pattern that the other options are compared with.",
    "as-is-grouped": "Today’s areas, whole, put together into as many as are asked for: what fewer "
    "areas change by themselves. Nothing is proposed; it may break rules.",
    "ladder": "A step of the ladder: the best plan found when at most so many practices change "
    "PCN.",
    "teams-stay": "Teams stay: neighbourhoods follow the patches of one service, and practices "
    "and PCNs adjust.",
    "best-fit": "Best fit: how far alignment could go if any number of practices moved and PCN "
    "floors were set aside. A measuring stick; it is not proposed.",
    "closest": "The last step of the ladder once more, with the bonds of neighbouring LSOAs left "
    "out: what recognisable shapes cost. It is not proposed.",
    "footprint": "Footprints given: neighbourhoods are drawn already, and practices are matched "
    "to them.",
    "scored": "A plan drawn by hand, measured by the same rules.",
}


def anchor(kind: str, key: str) -> str:
    """Return an id for a part of the page, made of letters, digits and dashes."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9]+', '-', key)}"


def family_sentences(run: Run) -> list[str]:
    """Say what each family of options in the run is, in their order."""
    families = dict.fromkeys(option.family for option in run.options)
    return [_FAMILIES.get(family, f"{family}.") for family in families]


def option_sections(run: Run) -> list[dict[str, Any]]:
    """Return the values of every option's section, in the order of the run."""
    shapes, identities = outlines(run.place.lsoas), identify(run)
    return [_section(run, option, shapes, identities) for option in run.options]


def _section(
    run: Run, option: Option, shapes: gpd.GeoSeries, identities: Identities
) -> dict[str, Any]:
    now = today(run)
    shown = [option] if now is None or now is option else [now, option]
    flows = _flows(run, option)
    moves = move_sentences(run, option)

    def own(grid: Grid) -> Grid:
        return replace(grid, caption=f"{grid.caption} – {option.title}")

    none = (
        "No practice changes PCN." if not option.family.startswith("as-is") else "Nothing changes."
    )
    return {
        "id": anchor("option", option.option_id),
        "heading": heading_of(option),
        "lead": f"{_FAMILIES.get(option.family, '')} {_sure(option)}".strip(),
        "broken": _broken(option),
        "map": map_picture(run, option, shapes, identities),
        "moves": moves or [none],
        "moves_grid": own(moves_grid(run, option)),
        "placed": [
            *placed_sentences(run, option),
            *(split_sentence(run, option, split) for split in splits(run, option)),
        ],
        "neighbourhoods": own(neighbourhoods_grid(run, option)),
        "residents": pictured(
            residents_chart(run, option),
            anchor("residents", option.option_id),
            label="Residents and registered patients of each neighbourhood against the band of "
            "the study; the table above has the figures.",
            caption="Residents should lie in the shaded band. Lists may be longer or shorter: "
            "people register across lines.",
        ),
        "flows": flows[0] if flows else None,
        "flows_grid": own(flows[1]) if flows else None,
        "teams": own(teams_grid(run, option)),
        "floors": own(floors_grid(run, option)),
        "money": own(money_grid(run, option)),
        "wards": own(wards_grid(option)),
        "no_wards": "No ward is split."
        if len(option.measures.wards)
        else "No wards were supplied, so splits of wards are not known.",
        "equality": own(equality_grid(run, shown))
        if len(option.measures.quintiles)
        else Grid("", (), ()),
    }


def _broken(option: Option, *, at_most: int = 8) -> list[str]:
    broken = option.measures.broken
    said = [f"Rule {rule.rule}: {rule.said}" for rule in broken[:at_most]]
    left = len(broken) - len(said)
    return [*said, f"{left} more: see rules_broken.csv."] if left else said


def _sure(option: Option) -> str:
    said = words.proof_words(option)
    return f"{said[0].upper()}{said[1:]}."


def map_picture(
    run: Run, option: Option, shapes: gpd.GeoSeries, identities: Identities, *, name: str = ""
) -> Picture:
    """Return the static map of an option, under a name of its own where it stands twice."""
    moved = int(option.measures.practices["moved"].sum())
    return pictured(
        map_figure(run, option, shapes=shapes, identities=identities, credit=False),
        anchor("map", name or option.option_id),
        label=f"Map of {run.place.name}, {option.title}: "
        f"{words.count_of(len(option.plan.neighbourhoods), 'neighbourhood')} and "
        f"{words.count_of(len(run.place.practices), 'practice')}. The tables below say the same.",
        caption="Heavy lines are neighbourhoods, thin lines LSOAs. "
        + (f"Black marks: {words.count_of(moved, 'practice')} changing PCN. " if moved else "")
        + "A neighbourhood keeps its colour and hatching through every option.",
        is_map=True,
    )


def _flows(run: Run, option: Option) -> tuple[Picture, Grid] | None:
    if run.suppressed:
        return None  # sums over counts that must not be shown would show them
    flows = neighbourhood_flows(run, option.plan.lsoas, option.plan.practices)
    names = neighbourhood_names(option)
    table = {
        (row.living_in, row.registered_with): row.patients for row in flows.itertuples(index=False)
    }
    grid = Grid(
        "Patients by the neighbourhood they live in and that of their practice",
        ("Living in", *(label if label.isdigit() else name for label, name in names.items())),
        tuple(
            (Cell(name), *(Cell(table.get((living, label), 0), "people") for label in names))
            for living, name in names.items()
        ),
        "Patients of the place’s practices who live in the place. Those off the diagonal are "
        "misaligned.",
    )
    picture = pictured(
        flows_chart(flows, names),
        anchor("flows", option.option_id),
        label="Circles sized by patients, by the neighbourhood they live in and that of their "
        "practice; the table below has the figures.",
        caption="Hatched circles: patients aligned with their practice. Solid: misaligned.",
    )
    return picture, grid
