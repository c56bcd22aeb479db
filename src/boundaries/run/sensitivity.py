"""Sensitivity: what stays the same when the study's own choices are others.

Goes in: the study, its options, and a function that solves a changed study. Comes out:
`Sensitivity`: one row a variant and rung, and for every LSOA and practice in how many of them it
keeps its company. Next: `boundaries.pipeline` puts it into the run.

Varied one at a time: the weight of each team layer (half, and half as much again), the bond of
neighbouring LSOAs (none, half, and half as much again), the band of residents (10 percentage points
narrower and wider), and the number of neighbourhoods (one fewer, one more).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from boundaries.errors import InfeasibleError
from boundaries.measure import align_labels, referee
from boundaries.place import with_spans
from boundaries.run.options import measure_named
from boundaries.run.run import SENSITIVITY_COLUMNS, SENSITIVITY_UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.run.record import Clock
    from boundaries.run.run import Option
    from boundaries.solve.result import Progress, Solved
    from boundaries.study import Study

    Solver = Callable[[Place, Study, Sequence[Plan], str], Sequence[Solved]]

__all__ = [
    "Sensitivity",
    "Variant",
    "about",
    "expected_seconds",
    "solve_variants",
    "variants_of",
    "vary_the_study",
]

_WEIGHTS = (0.5, 1.5)
_BONDS = (("off", 0.0), ("less", 0.5), ("more", 1.5))
_BAND = 0.10
_SHARE_OF_NEAR = 0.5
"""Seconds of a variant against those of looking for plans nearly as good; it is the same search."""


@dataclass(frozen=True)
class Variant:
    """A study, or a place, with one choice changed."""

    name: str
    what: str
    place: Place
    study: Study


@dataclass(frozen=True)
class Sensitivity:
    """What changes with the study's choices: rows of ``sensitivity.csv`` and its companion."""

    table: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(SENSITIVITY_COLUMNS))
    )
    units: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(SENSITIVITY_UNITS))
    )


def variants_of(place: Place, study: Study) -> tuple[Variant, ...]:
    """Return the study with each choice changed in turn.

    A study with a range of counts is varied around the middle one.
    """
    least, most = study.rules.counts
    count = (least + most) // 2
    fixed = _with_rules(study, neighbourhoods=count)
    found = []
    for key, layer in place.teams.items():
        for factor in _WEIGHTS if layer.weight > 0 else ():
            weight = layer.weight * factor
            teams = {**place.teams, key: replace(layer, weight=weight)}
            name = f"weight-{key}-{'less' if factor < 1 else 'more'}"
            what = f"Weight of {layer.label or key} {weight:g}, not {layer.weight:g}"
            found.append(Variant(name, what, replace(place, teams=teams), fixed))
    found += [*_bonds(place, fixed), *_bands(place, fixed, count)]
    for name, other in (("one-fewer", count - 1), ("one-more", count + 1)):
        if other >= 1:
            changed = _with_rules(study, neighbourhoods=other)
            spanned = with_spans(place, changed.rules, neighbourhoods=other)
            found.append(Variant(name, f"{other} neighbourhoods, not {count}", spanned, changed))
    return tuple(found)


def _bonds(place: Place, study: Study) -> list[Variant]:
    bond, pairs, found = study.shape.bond, place.neighbours, []
    for name, factor in _BONDS if bond > 0 else ():
        changed = replace(place, neighbours=pairs.assign(bond=(pairs["bond"] * factor).round(3)))
        what = f"Bond of neighbouring LSOAs {bond * factor:g}, not {bond:g}"
        found.append(Variant(f"bond-{name}", what, changed, study))
    return found


def _bands(place: Place, study: Study, count: int) -> list[Variant]:
    rules, found = study.rules, []
    for name, change in (("band-narrower", -_BAND), ("band-wider", _BAND)):
        if rules.residents is not None:
            part = round(change * int(place.lsoas["residents"].sum()) / count)
            low, high = max(0, rules.residents[0] - part), rules.residents[1] + part
            if low <= high:
                what = f"{low:,} to {high:,} residents, not {rules.residents[0]:,} to "
                what += f"{rules.residents[1]:,}"
                found.append(Variant(name, what, place, _with_rules(study, residents=(low, high))))
        elif 0 < rules.residents_band + change < 1:
            band = round(rules.residents_band + change, 6)
            what = f"Residents within {band:.0%} of the mean, not {rules.residents_band:.0%}"
            found.append(Variant(name, what, place, _with_rules(study, residents_band=band)))
    return found


def _with_rules(study: Study, **changes: object) -> Study:
    return study.model_copy(update={"rules": study.rules.model_copy(update=changes)})


def expected_seconds(near: float, variants: int) -> float:
    """Return about how long the variants will take, from what near-optimal plans took here."""
    return max(4.0, near * _SHARE_OF_NEAR) * variants


def about(seconds: float) -> str:
    """Write a time as people say it: ``40 seconds``, ``3 minutes``."""
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def vary_the_study(
    place: Place,
    study: Study,
    options: Sequence[Option],
    solve: Solver,
    *,
    stop: Callable[[], bool],
) -> Sensitivity:
    """Solve every variant and compare it with the options of the run.

    Parameters
    ----------
    place, study
        As they are.
    options
        The options of the run.
    solve
        Solves a variant: place, study, plans to start from, the variant's name.
    stop
        Asked before each variant; True leaves the rest out, and says so.

    Raises
    ------
    RefereeError
        When a plan is not what was claimed of it.
    """
    least, most = study.rules.counts
    count = (least + most) // 2
    ladder = [
        option
        for option in options
        if option.family == "ladder" and option.measures.summary["neighbourhoods"] == count
    ]
    bases = ladder[:1] + ladder[1:][-1:]
    if not bases:
        return Sensitivity()
    rows: list[dict[str, object]] = []
    same: list[pd.DataFrame] = []
    for variant in variants_of(place, study):
        if stop():
            rows.append(_not_solved(variant, "stopped", "Not run: it was stopped before."))
            continue
        try:
            found = solve(variant.place, variant.study, [one.plan for one in bases], variant.name)
        except InfeasibleError as error:
            rows.append(_not_solved(variant, "no plan", " ".join(error.reasons) or str(error)))
            continue
        for base, one in zip(bases, _by_moves(found, bases), strict=True):
            if one is None:
                said = "No plan was found with so few moves."
                rows.append({**_not_solved(variant, "no plan", said), "option_id": base.option_id})
                continue
            row, kept = _compared(variant, base, one)
            rows.append(row)
            same.append(kept)
    return Sensitivity(pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS)), _units(same))


def _by_moves(found: Sequence[Solved], bases: Sequence[Option]) -> list[Solved | None]:
    by_moves = {one.allowed_moves: one for one in found}
    return [by_moves.get(base.allowed_moves) for base in bases]


def _not_solved(variant: Variant, status: str, said: str) -> dict[str, object]:
    return {"variant": variant.name, "what": variant.what, "status": status, "said": said}


def _compared(
    variant: Variant, base: Option, one: Solved
) -> tuple[dict[str, object], pd.DataFrame]:
    """Return the row of a variant's rung, and who keeps the company of the base's plan."""
    plan = align_labels(one.plan, base.plan, residents=variant.place.lsoas["residents"])
    measures = measure_named(
        variant.place, variant.study, plan,
        family="ladder", names={}, allowed_moves=one.allowed_moves,
    )  # fmt: skip
    referee(
        variant.place, plan, measures,
        objective=one.objective, bound=one.bound, allowed_moves=one.allowed_moves,
    )  # fmt: skip
    kept = pd.concat([
        pd.DataFrame({"kind": kind, "code": now.index, "same": now.eq(was.reindex(now.index))})
        for kind, now, was in (
            ("lsoa", plan.lsoas, base.plan.lsoas),
            ("practice", plan.practices, base.plan.practices),
        )
    ], ignore_index=True)  # fmt: skip
    elsewhere = kept[~kept["same"]]["kind"].value_counts()
    summary = measures.summary
    gap = None
    if one.bound is not None and one.objective:
        gap = round(max(0.0, one.objective - one.bound) / one.objective, 6)
    row: dict[str, object] = {
        "variant": variant.name,
        "what": variant.what,
        "option_id": base.option_id,
        "status": one.status,
        "objective": round(summary["objective"], 3),
        "gap": gap,
        "alignment": round(summary["alignment"], 6),
        "alignment_change": round(summary["alignment"] - base.measures.summary["alignment"], 6),
        "practices_moved": int(summary["practices_moved"]),
        "patients_moved": int(summary["patients_moved"]),
        "lsoas_elsewhere": int(elsewhere.get("lsoa", 0)),
        "practices_elsewhere": int(elsewhere.get("practice", 0)),
        "said": "",
    }
    return row, kept


def _units(same: list[pd.DataFrame]) -> pd.DataFrame:
    if not same:
        return pd.DataFrame(columns=list(SENSITIVITY_UNITS))
    every = pd.concat(same, ignore_index=True)
    counts = every.groupby(["kind", "code"], sort=True)["same"].agg(["size", "sum"]).reset_index()
    counts = counts.rename(columns={"size": "runs", "sum": "same"})
    counts["same"] = counts["same"].astype(int)
    return counts.assign(share=(counts["same"] / counts["runs"]).round(6))[list(SENSITIVITY_UNITS)]


def solve_variants(
    place: Place,
    study: Study,
    options: Sequence[Option],
    *,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool],
) -> Sensitivity:
    """Solve the study with one choice changed at a time; say first how long it will take."""
    from boundaries.solve import solve_variant  # noqa: PLC0415 - OR-Tools loads only here

    def solve(place: Place, study: Study, known: Sequence[Plan], name: str) -> Sequence[Solved]:
        def tell(news: Progress) -> None:
            if progress is not None:
                progress(replace(news, option_id=f"{name}: {news.option_id}"))

        return solve_variant(place, study, known, progress=tell, stop=stop)

    count = len(variants_of(place, study))
    if clock.listen is not None:
        seconds = expected_seconds(clock.seconds.get("near", 0.0), count)
        clock.listen(
            f"Sensitivity: {count} variants of the study, about {about(seconds)} "
            "(--no-sensitivity leaves it out)"
        )
    with clock.stage("sensitivity"):
        return vary_the_study(place, study, options, solve, stop=stop)
