"""Golden vectors: plans measured in Python, and measured again by the map's own modules.

    python -m benchmarks.golden [STUDY …] [--plans 2000] [--seed 1]

Python draws random plans of a place (slips from a sensible plan, areas round random points, plain
chance, neighbourhoods with nobody in them) under four sets of rules, and measures each. The modules
in ``pages/templates/map/core`` then measure the same plans in an embedded engine (mini-racer),
and every figure is compared: measures, objective with its bonds, anchors, who moves and where to,
every broken rule by number and subject, and how numbers are rounded. 1 when anything differs.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from py_mini_racer import MiniRacer

from boundaries import pipeline
from boundaries.measure import as_is_plan, find_catchments, measure_pcn_facts, measure_plan
from boundaries.pages import words
from boundaries.pages.bundle import bundle
from boundaries.pages.payload import run_payload
from boundaries.plan import Plan
from boundaries.run import Option, Run
from boundaries.run.options import moves_of
from boundaries.run.shown import gap_words
from boundaries.study import load_study

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from boundaries.measure.measures import Measures
    from boundaries.place import Place
    from boundaries.study import Study

_SAME: Final = 1e-6
_EXAMPLE: Final = Path(__file__).resolve().parents[1] / "data" / "example" / "study.toml"
_ASKED: Final = """
function measureAll(plans) {
  return plans.map(([lsoas, practices, labels]) => {
    const { summary, anchors, moved, pcn, table, broken, labels: kept } = core.measureEdited(data, {
      labels, names: labels, identity: labels.map((_, n) => n), lsoas, practices, title: "" });
    return { summary, anchors, moved, pcn, table, labels: kept,
      broken: broken.map(([rule, subject]) => [rule, subject]) };
  });
}
"""


@dataclass(frozen=True)
class Vector:
    """A plan, and what Python makes of it."""

    plan: Plan
    measures: Measures


def random_plans(place: Place, count: int, *, seed: int, most: int = 7) -> Iterator[Plan]:
    """Draw plans of every kind, good and hopeless, the same for the same seed."""
    chance = np.random.default_rng(seed)
    points = place.lsoas[["centre_e", "centre_n"]].to_numpy(dtype=float)
    stands = np.array(
        [[point.x, point.y] if point and not point.is_empty else points[0]
         for point in place.practices.geometry]
    )  # fmt: skip
    for turn in range(count):
        size = int(chance.integers(2, most + 1))
        seeds = points[chance.choice(len(points), size=min(size, len(points)), replace=False)]
        lsoas, practices = _nearest(points, seeds), _nearest(stands, seeds)
        if turn % 4 == 1:  # practices with their PCN, as most plans have them
            pcn = place.practices["pcn_code"].fillna("none")
            most_here = (
                pd.Series(practices, index=pcn.index)
                .groupby(pcn)
                .agg(lambda part: part.mode().iloc[0])
            )
            practices = pcn.map(most_here).to_numpy(copy=True)
        if turn % 4 == 2:  # plain chance
            lsoas = chance.integers(0, size, len(lsoas))
            practices = chance.integers(0, size, len(practices))
        slips = int(chance.integers(0, 12))
        lsoas[chance.integers(0, len(lsoas), slips)] = chance.integers(0, size)
        practices[chance.integers(0, len(practices), slips // 3)] = chance.integers(0, size)
        if turn % 8 == 3:  # somebody without the other
            lsoas[lsoas == 0] = size - 1
        yield Plan(
            pd.Series([str(k + 1) for k in lsoas], index=place.lsoas.index),
            pd.Series([str(k + 1) for k in practices], index=place.practices.index),
        )


def _nearest(points: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    return ((points[:, None] - seeds[None]) ** 2).sum(axis=2).argmin(axis=1)


def studies_of(place: Place, study: Study) -> Iterator[Study]:
    """Return the study with its rules, and with others: locks, a narrow band, a range of counts."""
    practices, pcns, lsoas = (
        list(part.index) for part in (place.practices, place.pcns, place.lsoas)
    )
    plain = json.loads(study.model_dump_json())
    locks = [
        {"stays": practices[:2], "reason": "a new building"},
        {"together": [practices[-1], pcns[0]], "reason": "asked for"},
        {"apart": [lsoas[0], lsoas[-1]], "reason": "a river"},
        {"together": pcns[:2], "reason": "one board"},
        {"apart": [pcns[-1], practices[0]], "reason": "asked for"},
        {"practice": practices[1], "joins": pcns[-1], "reason": "agreed"},
    ]
    rules = plain["rules"]
    narrow = {**rules, "residents_band": 0.05, "neighbourhoods": 4}
    yield study
    for changes in (
        {"locks": locks[:3]},
        {"locks": locks[3:], "rules": narrow},
        {"rules": {**narrow, "neighbourhoods": [3, 5], "nest_in": "borough"}},
    ):
        yield study.model_validate({**plain, **changes})


def vectors_of(place: Place, study: Study, plans: Iterable[Plan]) -> list[Vector]:
    """Measure each plan in Python."""
    return [Vector(plan, measure_plan(place, plan, study=study)) for plan in plans]


def differences(place: Place, study: Study, vectors: Sequence[Vector]) -> list[str]:
    """Measure the plans again with the map's modules, and say where the two part."""
    found = _engine(place, study).call("measureAll", [_asked(place, one.plan) for one in vectors])
    said = []
    for at, (vector, theirs) in enumerate(zip(vectors, found, strict=True)):
        said += [f"plan {at}: {line}" for line in _parts(place, vector, theirs)]
    return said


def rounding_differences(numbers: Iterable[float]) -> list[str]:
    """Write numbers as the pages do, in Python and in the map's modules; say which differ."""
    rules = {
        "share": words.share,
        "points": words.points,
        "people": lambda value: words.people(1e5 * value),
        "signed": lambda value: words.change(1e5 * value),
        "gapShare": lambda value: gap_words(abs(value)),
    }
    engine = MiniRacer()
    engine.eval(f"const core = {bundle('map/core/rounding.js', gives=tuple(rules))}")
    engine.eval(
        "const at = { people: (v) => 1e5 * v, signed: (v) => 1e5 * v, gapShare: Math.abs };"
        "const write = (rule, values) =>"
        "  values.map((value) => core[rule](at[rule] ? at[rule](value) : value));"
    )
    values = list(numbers)
    said = []
    for rule, ours in rules.items():
        theirs = engine.call("write", rule, values)
        said += [
            f"{rule}({value!r}): {ours(value)} in Python, {there} on the map"
            for value, there in zip(values, theirs, strict=True)
            if ours(value) != there
        ]
    return said


def awkward_numbers(count: int, *, seed: int) -> list[float]:
    """Return shares with halves of a step, ends, and chance among them."""
    chance = np.random.default_rng(seed)
    steps = chance.integers(-2_000, 2_001, count // 2) / 2_000
    return [0.0, 1.0, 0.99996, 1e-7, -1e-7, *steps.tolist(), *chance.normal(0, 0.4, count // 2)]


def _engine(place: Place, study: Study) -> Any:
    plan = as_is_plan(place)
    measures = measure_plan(place, plan, study=study)
    options = (Option("as-is", "as-is", "Today", plan, measures, "measured"),)
    catchment = find_catchments(place)
    run = Run(
        place=place,
        study=study,
        options=options,
        facts=measure_pcn_facts(place, catchment),
        flows=pd.DataFrame(),
        catchment=catchment,
        moves=moves_of(place, options),
        settled=pd.DataFrame(columns=["kind", "code", "share"]),
    )
    payload = run_payload(run)
    payload["rules"]["limits"] = [
        list(study.rules.residents_limits(int(place.lsoas["residents"].sum()), k))
        for k in range(1, 12)
    ]
    engine = MiniRacer()
    gives = ("decodePayload", "measureEdited")
    engine.eval(f"const core = {bundle('map/core/measures.js', gives=gives)}")
    engine.eval(f"const data = core.decodePayload({json.dumps(payload)});{_ASKED}")
    return engine


def _asked(place: Place, plan: Plan) -> list[list[Any]]:
    labels = pd.Index(plan.neighbourhoods, dtype=object)
    return [
        labels.get_indexer(pd.Index(plan.lsoas.reindex(place.lsoas.index))).tolist(),
        labels.get_indexer(pd.Index(plan.practices.reindex(place.practices.index))).tolist(),
        list(labels),
    ]


def _parts(place: Place, vector: Vector, theirs: dict[str, Any]) -> Iterator[str]:
    """Say in which figures the two parts differ."""
    measures, labels = vector.measures, list(vector.plan.neighbourhoods)
    ours: dict[str, Any] = {name: measures.summary[name] for name in theirs["summary"]}
    there = dict(theirs["summary"])
    pcns, practices = list(place.pcns.index), measures.practices
    ours["labels"], there["labels"] = labels, theirs["labels"]
    anchors = measures.pcns["anchors"].reindex(pcns)
    ours["anchors"] = [str(text).split("; ") for text in anchors]
    there["anchors"] = [[labels[n] for n in held] for held in theirs["anchors"]]
    ours["moved"] = practices["moved"].astype(int).tolist()
    there["moved"] = theirs["moved"]
    ours["pcn"] = [code if isinstance(code, str) else None for code in practices["pcn_code_option"]]
    there["pcn"] = [pcns[c] if c >= 0 else None for c in theirs["pcn"]]
    ours["broken"] = sorted([broken.rule, broken.subject] for broken in measures.broken)
    there["broken"] = sorted(theirs["broken"])
    for column in ("residents", "registered", "practices", "lsoas", "alignment"):
        ours[column] = measures.neighbourhoods[column].tolist()
        there[column] = [row[column] for row in theirs["table"]]
    for name, value in ours.items():
        if not _alike(value, there[name]):
            yield f"{name} is {value} in Python, {there[name]} on the map"


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and math.isnan(one):
        return other is None
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= _SAME * max(1.0, abs(one))
    return bool(one == other)


def main() -> int:
    """Write vectors for each study and play them; 1 when anything differs."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("studies", nargs="*", type=Path, default=[_EXAMPLE])
    asked.add_argument("--plans", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    said = rounding_differences(awkward_numbers(20_000, seed=given.seed))
    for path in given.studies:
        study = load_study(path)
        place = pipeline.prepare(study).place
        for at, under in enumerate(studies_of(place, study)):
            plans = random_plans(place, given.plans // 4, seed=given.seed + at)
            began = time.perf_counter()
            vectors = vectors_of(place, under, plans)
            written = time.perf_counter()
            parted = differences(place, under, vectors)
            played = time.perf_counter() - written
            print(
                f"{place.name}, rules {at + 1}: {len(vectors)} plans written in "
                f"{written - began:.1f} s, played in {played:.1f} s, {len(parted)} differences"
            )
            said += parted
    print("\n".join(said[:20]) or "No difference.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
