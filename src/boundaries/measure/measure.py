"""Every measure of a plan, from a place and a plan alone.

Goes in: a `Place`, a `Plan` and the study's rules, rates and locks. Comes out: `Measures`.
Next: `boundaries.measure.referee` for plans that were solved, then `boundaries.run`.
Nothing here knows how the plan was found, and nothing is shared with the code that finds plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import shapely

from boundaries.measure.alignment import (
    alignment_by_lsoa,
    alignment_by_neighbourhood,
    alignment_by_practice,
    alignment_by_quintile,
    count_65_plus,
    link_patients,
)
from boundaries.measure.anchors import choose_anchors, find_moves
from boundaries.measure.cover import require_cover
from boundaries.measure.disruption import (
    follow_the_money,
    measure_pcns,
    measure_team_layer,
    sits_off_main,
)
from boundaries.measure.lines import measure_lines
from boundaries.measure.measures import Measures
from boundaries.measure.names import name_neighbourhoods
from boundaries.measure.rules import find_broken_rules
from boundaries.measure.shape import measure_distances_to_practice, measure_shapes
from boundaries.measure.wards import measure_wards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boundaries.measure.anchors import Anchors
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.study import Study

__all__ = ["measure_plan"]


class _Tables(NamedTuple):
    """The tables of a plan, before they are summed up."""

    neighbourhoods: pd.DataFrame
    practices: pd.DataFrame
    lsoas: pd.DataFrame
    pcns: pd.DataFrame
    teams: pd.DataFrame
    quintiles: pd.DataFrame
    wards: pd.DataFrame


def measure_plan(  # noqa: PLR0913 - an option is measured by these things
    place: Place,
    plan: Plan,
    *,
    study: Study,
    allowed_moves: int | None = None,
    waived: frozenset[int] = frozenset(),
    left_out: frozenset[str] = frozenset(),
    names: Mapping[str, str] | None = None,
) -> Measures:
    """Measure a plan: alignment, disruption, balance, shape, wards, and the rules it breaks.

    Parameters
    ----------
    study
        Its rules, rates and locks count.
    allowed_moves
        Most practices that may move. Anchors that keep the rules at the price of more moves are
        not chosen then; the rule is reported as broken instead. 0 for plans in which practices
        stay.
    waived
        Numbers of rules that need not hold; ``{6, 7}`` for ``best-fit``. They are not reported.
    left_out
        What the option's objective leaves out: ``teams``, ``bonds``.
    names
        What people call the neighbourhoods, by label; by default names of wards (see
        `boundaries.measure.names.name_neighbourhoods`).

    Returns
    -------
    Measures
        Every figure of docs/measures.md, with the rows behind it.

    Raises
    ------
    PlanError
        When the plan leaves out LSOAs or practices of the place, or names others.
    """
    require_cover(place, plan)
    anchors = choose_anchors(
        place, plan, locks=study.locks, waived=waived, allowed_moves=allowed_moves
    )
    linked = link_patients(place, plan)
    moves = find_moves(place, plan, anchors)
    practices = _practices(place, plan, linked, moves)
    teams, lsoas = _lsoas_and_teams(place, plan, linked)
    called = {**name_neighbourhoods(place, plan), **(names or {})}
    tables = _Tables(
        neighbourhoods=_neighbourhoods(place, plan, linked, anchors).assign(
            name=[called[label] for label in plan.neighbourhoods]
        ),
        practices=practices,
        lsoas=lsoas,
        pcns=measure_pcns(place, plan, anchors=anchors, moves=moves),
        teams=teams,
        quintiles=alignment_by_quintile(place, linked),
        wards=measure_wards(place, plan),
    )
    lines = measure_lines(place, plan)
    summary = _summary(place, study, linked, tables, lines)
    summary["objective"] = (
        summary["misaligned_patients"]
        + (0.0 if "teams" in left_out else _weighted(place, summary))
        + (0.0 if "bonds" in left_out else summary["bonds_parted"])
    )
    broken = find_broken_rules(
        place, plan, study=study, anchors=anchors, waived=waived, names=called
    )
    return Measures(summary, *tables, broken=broken, left_out=left_out)


def _weighted(place: Place, summary: dict[str, float]) -> float:
    """Residents whose team changes, weighted by layer."""
    return sum(
        layer.weight * summary[f"residents_changing_{name}"] for name, layer in place.teams.items()
    )


def _practices(place: Place, plan: Plan, linked: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    counted = alignment_by_practice(place, linked)
    return pd.DataFrame(
        {
            "neighbourhood": plan.practices.reindex(place.practices.index),
            "pcn_code_now": moves["pcn_code_now"],
            "pcn_code_option": moves["pcn_code_option"],
            "moved": moves["moved"],
            "internal": sits_off_main(place, plan, moves),
            "list_size": place.practices["list_size"],
            "patients_counted": counted["patients_counted"],
            "aligned_patients": counted["aligned_patients"],
        },
        index=place.practices.index,
    )


def _lsoas_and_teams(
    place: Place, plan: Plan, linked: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    counted = alignment_by_lsoa(place, linked)
    lsoas = pd.DataFrame(
        {
            "neighbourhood": plan.lsoas.reindex(place.lsoas.index),
            "residents": place.lsoas["residents"],
            "registered": counted["registered"],
            "aligned": counted["aligned"],
        },
        index=place.lsoas.index,
    )
    columns = ["layer", "team", "anchor", "residents", "residents_changing"]
    teams = [pd.DataFrame(columns=[*columns, "neighbourhoods_touched"])]
    for name, layer in place.teams.items():
        table, changing = measure_team_layer(place, plan, layer)
        teams.append(table.assign(layer=name))
        lsoas[f"changing_{name}"] = changing
    return pd.concat(teams[1:] or teams, ignore_index=True), lsoas


def _neighbourhoods(
    place: Place, plan: Plan, linked: pd.DataFrame, anchors: Anchors
) -> pd.DataFrame:
    labels = plan.neighbourhoods
    index = pd.Index(labels, name="neighbourhood")
    lsoa_label = plan.lsoas.reindex(place.lsoas.index)
    practice_label = plan.practices.reindex(place.practices.index)
    pcns = {k: [pcn for pcn in anchors if k in anchors[pcn]] for k in labels}
    walked = measure_distances_to_practice(place).groupby(practice_label).sum()
    walked = walked.reindex(index, fill_value=0)
    located = walked["patients_located"]

    def total(amount: pd.Series[int], label: pd.Series[str]) -> pd.Series[int]:
        return amount.groupby(label).sum().reindex(index, fill_value=0)

    first = pd.DataFrame(
        {
            "name": list(labels),
            "residents": total(place.lsoas["residents"], lsoa_label),
            "registered": total(place.practices["list_size"], practice_label),
            "practices": practice_label.value_counts().reindex(index, fill_value=0),
            "pcns": ["; ".join(pcns[label]) for label in labels],
            "lsoas": lsoa_label.value_counts().reindex(index, fill_value=0),
        },
        index=index,
    )
    distance = walked["patient_metres"] / located.where(located > 0)
    return first.join(alignment_by_neighbourhood(linked, labels)).join(
        measure_shapes(place, plan).assign(patient_distance_m=distance)
    )


def _summary(
    place: Place, study: Study, linked: pd.DataFrame, tables: _Tables, lines: dict[str, float]
) -> dict[str, float]:
    practices, hoods = tables.practices, tables.neighbourhoods
    counted, misaligned = int(linked["patients"].sum()), int(linked["misaligned"].sum())
    moved = int(practices["list_size"][practices["moved"]].sum())
    changing = {name: float(tables.lsoas[f"changing_{name}"].sum()) for name in place.teams}
    touched = tables.teams["neighbourhoods_touched"]
    return {
        "neighbourhoods": len(hoods),
        "practices_moved": int(practices["moved"].sum()),
        "patients_moved": moved,
        "patients_internal": int(practices["list_size"][practices["internal"]].sum()),
        "patients_counted": counted,
        "misaligned_patients": misaligned,
        "alignment": 1 - misaligned / counted if counted else float("nan"),
        **count_65_plus(place, linked),
        **{f"residents_changing_{name}": people for name, people in changing.items()},
        **lines,
        "team_interfaces": int(sum(max(0, count - 1) for count in touched)),
        "pcns_dissolved": int(tables.pcns["dissolved"].sum()),
        "pcns_under_floor": int(tables.pcns["under_floor"].sum()),
        "pcns_single_practice": int(tables.pcns["single_practice"].sum()),
        **follow_the_money(moved, study.rates),
        "wards_split": int(tables.wards["split"].sum()),
        "residents_in_split_wards": int(tables.wards["residents"][tables.wards["split"]].sum()),
        **_balance(hoods),
        **_distances(place, hoods),
    }


def _balance(hoods: pd.DataFrame) -> dict[str, float]:
    """Least, mean and most residents and registered patients of a neighbourhood."""
    found: dict[str, float] = {}
    for column in ("residents", "registered"):
        found[f"{column}_min"] = int(hoods[column].min())
        found[f"{column}_mean"] = float(hoods[column].mean())
        found[f"{column}_max"] = int(hoods[column].max())
    return found


def _distances(place: Place, hoods: pd.DataFrame) -> dict[str, float]:
    """Mean distances over everybody, not over neighbourhoods."""
    people = hoods["residents"].where(hoods["resident_distance_m"].notna(), 0)
    walked = measure_distances_to_practice(place).sum()
    points = place.practices.geometry.to_numpy()
    nan = float("nan")
    return {
        "resident_distance_m": float((hoods["resident_distance_m"] * people).sum() / people.sum())
        if people.sum()
        else nan,
        "patient_distance_m": float(walked["patient_metres"] / walked["patients_located"])
        if walked["patients_located"]
        else nan,
        "practices_without_point": int(
            (shapely.is_missing(points) | shapely.is_empty(points)).sum()
        ),
        "polsby_popper_mean": float(hoods["polsby_popper"].mean()),
    }
