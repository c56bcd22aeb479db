"""The attack on a suppressed run: what can a solver work out from everything that is published?

Goes in: a run before and after suppression. Comes out: every published count as a linear sum of
unknown registrations, and for each the widest range of values for which the solver found
registrations that fit all published tables. Such registrations are a proof that nobody can know
better. `tests/hostile/test_disclosure.py` asks for it; its table stands in docs/measures.md.

The attacker knows more than a reader does: the plans, which PCN a practice is in, and of each star
whether it stands for 1 to 7 or hides a second count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

SMALL = 7
ENOUGH = 5
"""A hidden count is safe when values so far apart fit: more than rounding to 5 would leave."""


@dataclass
class Cell:
    """One published count: its table, what it sums (places of the unknowns), exact and shown."""

    table: str
    terms: np.ndarray
    signs: np.ndarray
    exact: int
    shown: float
    seen: set[int] = field(default_factory=set)

    @property
    def starred(self) -> bool:
        return np.isnan(self.shown)

    @property
    def span(self) -> int:
        return max(self.seen) - min(self.seen)

    def limits(self) -> tuple[int, int]:
        """What the published figure says of the count."""
        if self.starred:
            low, high = (1, SMALL) if abs(self.exact) <= SMALL else (SMALL + 1, 10**6)
        elif self.shown == 0:
            return 0, 0
        else:
            low, high = max(SMALL + 1, int(abs(self.shown)) - 2), int(abs(self.shown)) + 2
        return (low, high) if self.exact >= 0 else (-high, -low)


class Unknowns:
    """Patients by practice and LSOA, and of each practice living outside the place."""

    def __init__(self, place):
        self.practices, self.lsoas = place.practices.index, place.lsoas.index
        pairs = place.registrations.pivot_table(
            index="practice_code", columns="lsoa_code", values="patients", aggfunc="sum"
        )
        pairs = pairs.reindex(index=self.practices, columns=self.lsoas).fillna(0)
        outside = place.practices["list_size"] - pairs.sum(axis=1)
        self.truth = np.concatenate([pairs.to_numpy().ravel(), outside]).astype(int)

    def pairs(self, practices, lsoas, *, apart=None):
        """Places of the pairs of these practices and LSOAs (boolean)."""
        wanted = np.outer(np.asarray(practices, bool), np.asarray(lsoas, bool))
        if apart is not None:
            wanted &= apart
        return np.flatnonzero(wanted.ravel())

    def lists(self, practices):
        """Places of everybody on the lists of these practices."""
        chosen = np.asarray(practices, bool)
        outside = len(self.practices) * len(self.lsoas) + np.flatnonzero(chosen)
        return np.concatenate([self.pairs(chosen, np.ones(len(self.lsoas), bool)), outside])


def cells_of(exact, shown) -> tuple[Unknowns, list[Cell]]:
    """Return every published count of a suppressed run; each formula is tried on the exact run."""
    place = exact.place
    unknowns = Unknowns(place)
    cells: list[Cell] = []

    def add(table, plus, exact_value, shown_value, minus=()):
        terms = np.concatenate([np.asarray(plus, int), np.asarray(minus, int)])
        signs = np.concatenate([np.ones(len(plus), int), -np.ones(len(minus), int)])
        total = int(signs @ unknowns.truth[terms]) if len(terms) else 0
        assert total == round(float(exact_value)), f"{table}: the formula is wrong"
        cells.append(Cell(table, terms, signs, total, float(shown_value)))

    all_lsoas = np.ones(len(unknowns.lsoas), bool)
    all_practices = np.ones(len(unknowns.practices), bool)
    for code, own in place.practices.iterrows():
        is_it = unknowns.practices == code
        row = shown.place.practices.loc[code]
        add("practices", unknowns.lists(is_it), own["list_size"], row["list_size"])
        inside = unknowns.pairs(is_it, all_lsoas)
        add("practices", inside, own["patients_inside"], row["patients_inside"])
    _flows(exact, shown, unknowns, add)
    for before, after in zip(exact.options, shown.options, strict=True):
        _option(place, before, after, unknowns, add)
    moves = exact.moves.merge(shown.moves, on=["option_id", "practice_code"], suffixes=("", "_s"))
    for row in moves.to_dict("records"):
        lives = dict(zip(*_labels(exact.option(row["option_id"]), unknowns)[2:], strict=True))
        is_it = unknowns.practices == row["practice_code"]
        there = np.array([lives[code] == row["neighbourhood"] for code in unknowns.lsoas])
        stay = np.array([lives[code] == row["neighbourhood_if_stayed"] for code in unknowns.lsoas])
        add("moves", unknowns.lists(is_it), row["list_size"], row["list_size_s"])
        if stay.any():
            add(
                "moves", unknowns.pairs(is_it, there), row["patients_gained"],
                row["patients_gained_s"], minus=unknowns.pairs(is_it, stay),
            )  # fmt: skip
    whole = unknowns.pairs(all_practices, all_lsoas)
    total = exact.options[0].measures.summary["patients_counted"]
    add("totals", whole, total, shown.options[0].measures.summary["patients_counted"])
    return unknowns, cells


def _labels(option, unknowns):
    lives = option.plan.lsoas.reindex(unknowns.lsoas).to_numpy()
    sits = option.plan.practices.reindex(unknowns.practices).to_numpy()
    return lives, sits, unknowns.lsoas, lives


def _flows(exact, shown, unknowns, add):
    catchment = exact.catchment.reindex(unknowns.lsoas).to_numpy()
    pcn = exact.place.practices["pcn_code"].fillna("none").reindex(unknowns.practices).to_numpy()
    for (_, row), (_, after) in zip(exact.flows.iterrows(), shown.flows.iterrows(), strict=True):
        if row["registered_with"] in set(pcn) and row["registered_with"] != "none":
            terms = unknowns.pairs(pcn == row["registered_with"], catchment == row["living_in"])
            add("flows", terms, row["patients"], after["patients"])


def _option(place, before, after, unknowns, add):
    lives, sits, *_ = _labels(before, unknowns)
    apart, all_lsoas = sits[:, None] != lives[None, :], np.ones(len(lives), bool)
    everyone = np.ones(len(sits), bool)
    exact, shown = before.measures, after.measures
    summary = (exact.summary, shown.summary)
    misaligned = unknowns.pairs(everyone, all_lsoas, apart=apart)
    add("options", misaligned, *(one["misaligned_patients"] for one in summary))
    moved = exact.practices["moved"].reindex(unknowns.practices).to_numpy(bool)
    add("options", unknowns.lists(moved), *(one["patients_moved"] for one in summary))
    for label, row in exact.neighbourhoods.iterrows():
        star, here, at = shown.neighbourhoods.loc[label], lives == label, sits == label
        for name, terms in (
            ("registered", unknowns.lists(at)),
            ("patients_counted", unknowns.pairs(at, all_lsoas)),
            ("misaligned_patients", unknowns.pairs(at, ~here)),
            ("residents_registered", unknowns.pairs(everyone, here)),
            ("residents_registered_inside", unknowns.pairs(at, here)),
        ):
            add("neighbourhoods", terms, row[name], star[name])
    quintile = place.lsoas["imd_quintile"].reindex(unknowns.lsoas)
    for number, row in exact.quintiles.iterrows():
        mine, star = (quintile == number).fillna(False).to_numpy(bool), shown.quintiles.loc[number]  # noqa: FBT003
        add("quintiles", unknowns.pairs(everyone, mine), row["patients"], star["patients"])
        terms = unknowns.pairs(everyone, mine, apart=apart)
        add("quintiles", terms, row["misaligned_patients"], star["misaligned_patients"])


def attack(unknowns: Unknowns, cells: list[Cell], *, seconds: float = 2) -> None:
    """Look for registrations that fit all tables and make the counts differ; fill `Cell.seen`."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - heavy

    model = cp_model.CpModel()
    most = int(unknowns.truth.max()) + 60
    people = [model.new_int_var(0, most, "") for _ in unknowns.truth]
    for cell in cells:
        low, high = cell.limits()
        total = cp_model.LinearExpr.weighted_sum([people[t] for t in cell.terms], list(cell.signs))
        model.add_linear_constraint(total, low, high)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = seconds

    def see(found):
        for cell in cells:
            cell.seen.add(int(cell.signs @ found[cell.terms]) if len(cell.terms) else 0)

    see(unknowns.truth)
    for cell in cells:
        for sign in (1, -1):
            if not cell.starred or cell.span >= ENOUGH:
                break
            total = cp_model.LinearExpr.weighted_sum([people[t] for t in cell.terms], cell.signs)
            model.maximize(sign * total)
            if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                see(np.array([solver.value(one) for one in people]))


def table_of(cells: list[Cell]) -> pd.DataFrame:
    """Return what was found, a row a table."""
    rows = []
    for name, group in pd.Series(cells).groupby([cell.table for cell in cells], sort=False):
        stars = [cell.span for cell in group if cell.starred]
        others = [cell for cell in group if not cell.starred and cell.shown != 0]
        rows.append(
            {
                "table": name, "counts": len(group), "hidden": len(stars),
                "narrowest": min(stars, default=0),
                "rounded": len(others),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def caseload_run(study, *, share: float, seed: int = 1):
    """Return the run of a study with a made-up caseload, a share of its patients; not suppressed.

    Its plans are today's and two that move a practice each: what is shown of an option does not
    depend on how it was found.
    """
    from boundaries.measure import find_catchments, measure_flows, measure_pcn_facts  # noqa: PLC0415
    from boundaries.pipeline import prepare  # noqa: PLC0415
    from boundaries.plan import Plan  # noqa: PLC0415
    from boundaries.run import Run  # noqa: PLC0415
    from boundaries.run.options import as_is_option, labels_of, measured_option, moves_of  # noqa: PLC0415

    place = prepare(study).place
    chance = np.random.default_rng(seed)
    pairs = place.registrations.assign(
        patients=chance.binomial(place.registrations["patients"].to_numpy(int), share)
    )
    pairs = pairs[pairs["patients"] > 0].reset_index(drop=True)
    inside = pairs.groupby("practice_code")["patients"].sum()
    inside = inside.reindex(place.practices.index, fill_value=0)
    practices = place.practices.assign(
        list_size=inside + 5, patients_inside=inside, patients_outside=5
    )
    lists = practices.groupby("pcn_code")["list_size"].sum().reindex(place.pcns.index, fill_value=0)
    place = replace(
        place, registrations=pairs, practices=practices, elsewhere=place.elsewhere.iloc[:0],
        pcns=place.pcns.assign(list_size=lists, list_outside=0),
    )  # fmt: skip
    today = as_is_option(place, study)
    options = [today]
    for number in (3, 11):
        sits = today.plan.practices.copy()
        others = sorted(set(sits) - {sits.iloc[number]})
        sits.iloc[number] = others[0]
        plan = Plan(today.plan.lsoas, sits)
        options.append(
            measured_option(
                place,
                study,
                plan,
                option_id=f"scored-{number}",
                family="scored",
                title="A move",
                labels=labels_of(place, plan),
            )
        )
    catchment = find_catchments(place)
    return Run(
        place=place, study=study, options=tuple(options), catchment=catchment,
        facts=measure_pcn_facts(place, catchment), flows=measure_flows(place, catchment),
        moves=moves_of(place, options), settled=pd.DataFrame(columns=["kind", "code", "share"]),
    )  # fmt: skip
