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

from boundaries.run.tables import suppress_counts

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
    known: tuple[int, int] | None = None
    """What else than a count or a star says how much it is."""
    seen: set[int] = field(default_factory=set)

    @property
    def starred(self) -> bool:
        return np.isnan(self.shown) and self.known is None

    @property
    def span(self) -> int:
        return max(self.seen) - min(self.seen)

    def limits(self) -> tuple[int, int]:
        """What the published figure says of the count."""
        if self.known is not None:
            return self.known
        if self.starred:
            low, high = (1, SMALL) if abs(self.exact) <= SMALL else (SMALL + 1, 10**6)
        elif self.shown == 0:
            return 0, 0
        else:
            low, high = max(SMALL + 1, int(abs(self.shown)) - 2), int(abs(self.shown)) + 2
        return (low, high) if self.exact >= 0 else (-high, -low)


class Unknowns:
    """Patients by practice and LSOA, and of each practice outside; and residents."""

    def __init__(self, place):
        self.practices, self.lsoas = place.practices.index, place.lsoas.index
        table = place.registrations.pivot_table(
            index="practice_code", columns="lsoa_code", values="patients", aggfunc="sum"
        )
        pairs = table.reindex(index=self.practices, columns=self.lsoas).fillna(0).to_numpy()
        outside = place.practices["list_size"] - pairs.sum(axis=1)
        parts = [pairs.ravel(), outside, place.lsoas["residents"]]
        self.truth = np.concatenate(parts).astype(int)
        self.people = pairs.size + len(outside)

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

    def residents(self, lsoas):
        """Places of the residents of these LSOAs."""
        return self.people + np.flatnonzero(lsoas)


def cells_of(exact, shown) -> tuple[Unknowns, list[Cell]]:
    """Return every published count of a suppressed run; each formula is tried on the exact run."""
    place = exact.place
    unknowns = Unknowns(place)
    cells: list[Cell] = []

    def add(table, plus, exact_value, shown_value, *, minus=(), known=None):
        terms = np.concatenate([np.asarray(plus, int), np.asarray(minus, int)])
        signs = np.concatenate([np.ones(len(plus), int), -np.ones(len(minus), int)])
        total = int(signs @ unknowns.truth[terms]) if len(terms) else 0
        assert total == round(float(exact_value)), f"{table}: the formula is wrong"
        cells.append(Cell(table, terms, signs, total, float(shown_value), known))

    for code, own in place.practices.iterrows():
        is_it = unknowns.practices == code
        row = shown.place.practices.loc[code]
        lists, inside = unknowns.lists(is_it), unknowns.pairs(is_it, np.ones(len(place.lsoas)))
        add("practices", lists, own["list_size"], row["list_size"])
        add("practices", inside, own["patients_inside"], row["patients_inside"])
        outside = np.setdiff1d(lists, inside)
        add("practices", outside, own["patients_outside"], row["patients_outside"])
    _flows(exact, shown, unknowns, add)
    for before, after in zip(exact.options, shown.options, strict=True):
        _option(place, before, after, unknowns, add)
        _networks(before, after, unknowns, add)
        _living(place, before, after, unknowns, add)
    told = [run.record["place"] for run in (exact, shown)]
    everybody = unknowns.lists(np.ones(len(place.practices), bool))
    inside = unknowns.pairs(*_everyone(unknowns))
    for name, terms in (
        ("registered", everybody),
        ("registered_living_inside", inside),
        ("residents", unknowns.residents(np.ones(len(place.lsoas), bool))),
    ):
        before, after = (np.nan if one[name] is None else one[name] for one in told)
        add("run.json", terms, before, after)
    for code, people in place.lsoas["residents"].items():
        shown_people = shown.place.lsoas.loc[code, "residents"]
        add("residents", unknowns.residents(unknowns.lsoas == code), people, shown_people)
    _moves(exact, shown, unknowns, add)
    for before, after in zip(
        exact.near.to_dict("records"), shown.near.to_dict("records"), strict=True
    ):
        plan = _near_plan(exact, before)
        terms = unknowns.pairs(*_everyone(unknowns), apart=_apart(plan, unknowns))
        add("near plans", terms, before["misaligned_patients"], after["misaligned_patients"])
        for row in shown.sensitivity.to_dict("records"):  # as if its plan were known: the near plan
            counted = shown.option(row["option_id"]).measures.summary["patients_counted"]
            low, high = ((1 - row["alignment"] + off) * counted for off in (-0.005, 0.005))
            known = (int(np.floor(low)) - 2, int(np.ceil(high)) + 2)
            add("sensitivity", terms, before["misaligned_patients"], np.nan, known=known)
    return unknowns, cells


def _everyone(unknowns):
    return np.ones(len(unknowns.practices), bool), np.ones(len(unknowns.lsoas), bool)


def _apart(plan, unknowns):
    sits = plan.practices.reindex(unknowns.practices).to_numpy()
    return sits[:, None] != plan.lsoas.reindex(unknowns.lsoas).to_numpy()[None, :]


def _near_plan(run, row):
    plan = run.option(row["option_id"]).plan
    lsoas = plan.lsoas.copy()
    apart = run.near_differences[run.near_differences["plan_id"] == row["plan_id"]]
    lsoas[apart["code"]] = apart["neighbourhood"].to_numpy()
    return replace(plan, lsoas=lsoas)


def _moves(exact, shown, unknowns, add):
    moves = exact.moves.merge(shown.moves, on=["option_id", "practice_code"], suffixes=("", "_s"))
    for row in moves.to_dict("records"):
        lives = dict(zip(*_labels(exact.option(row["option_id"]), unknowns)[2:], strict=True))
        is_it = unknowns.practices == row["practice_code"]
        there = np.array([lives[code] == row["neighbourhood"] for code in unknowns.lsoas])
        stay = np.array([lives[code] == row["neighbourhood_if_stayed"] for code in unknowns.lsoas])
        everywhere = unknowns.pairs(is_it, np.ones(len(there), bool))
        add("moves", unknowns.lists(is_it), row["list_size"], row["list_size_s"])
        add("moves", everywhere, row["patients_inside"], row["patients_inside_s"])
        if stay.any():
            add(
                "moves", unknowns.pairs(is_it, there), row["patients_gained"],
                row["patients_gained_s"], minus=unknowns.pairs(is_it, stay),
            )  # fmt: skip
        assert np.isnan([row["patients_there_s"], row["patients_if_stayed_s"]]).all()


def _networks(before, after, unknowns, add):
    """Add pcns.csv."""
    practices = before.measures.practices.reindex(unknowns.practices)
    now, then = practices["pcn_code_now"].to_numpy(), practices["pcn_code_option"].to_numpy()
    stays = ~practices["moved"].to_numpy(bool)
    for code, row in before.measures.pcns.iterrows():
        star = after.measures.pcns.loc[code]
        for name, chosen in (
            ("list_now", now == code),
            ("list_option", then == code),
            ("list_staying", (now == code) & stays),
            ("floor", now == code),  # every PCN of a caseload is under the study's own floor
        ):
            add("pcns", unknowns.lists(chosen), row[name], star[name])


def _living(place, before, after, unknowns, add):
    """Add residents: of neighbourhoods and wards."""
    lives = before.plan.lsoas.reindex(unknowns.lsoas).to_numpy()
    for label, row in before.measures.neighbourhoods.iterrows():
        shown = after.measures.neighbourhoods.loc[label, "residents"]
        add("residents", unknowns.residents(lives == label), row["residents"], shown)
    ward = place.lsoas["ward_code"].to_numpy()
    for code, row in before.measures.wards.iterrows():
        shown = after.measures.wards.loc[code, "residents"]
        add("residents", unknowns.residents(ward == code), row["residents"], shown)


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
    for code, row in exact.facts.iterrows():
        add(
            "facts",
            unknowns.lists(pcn == code),
            row["list_size"],
            shown.facts.loc[code, "list_size"],
        )
        here, people = catchment == code, row["catchment_residents"]
        star = shown.facts.loc[code, "catchment_residents"]
        add("residents", unknowns.residents(here), people, star)
        if pd.notna(shown.facts.loc[code, "catchment_registered_share"]):
            living = unknowns.pairs(np.ones(len(pcn), bool), here)
            total = exact.flows.loc[exact.flows["living_in"] == code, "patients"].sum()
            add("shares", living, total, suppress_counts(pd.Series([total]))[0])


def _option(place, before, after, unknowns, add):
    lives, sits, *_ = _labels(before, unknowns)
    apart, all_lsoas = sits[:, None] != lives[None, :], np.ones(len(lives), bool)
    everyone = np.ones(len(sits), bool)
    exact, shown = before.measures, after.measures
    summary = (exact.summary, shown.summary)
    misaligned = unknowns.pairs(everyone, all_lsoas, apart=apart)
    whole = unknowns.pairs(everyone, all_lsoas)
    moved, internal = (
        unknowns.lists(exact.practices[name].reindex(unknowns.practices).to_numpy(bool))
        for name in ("moved", "internal")
    )
    lists = exact.neighbourhoods["registered"]
    for name, terms in (
        ("misaligned_patients", misaligned),
        ("patients_counted", whole),
        ("patients_moved", moved),
        ("patients_internal", internal),
        ("registered_min", unknowns.lists(sits == lists.idxmin())),
        ("registered_max", unknowns.lists(sits == lists.idxmax())),
    ):
        add("options", terms, *(one[name] for one in summary))
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


def _alike(unknowns, cells):
    """Sum up unknowns that stand in the same cells: cells by kinds, and the truth of the kinds."""
    sums = np.zeros((len(cells), len(unknowns.truth)), dtype=np.int8)
    for row, cell in zip(sums, cells, strict=True):
        row[cell.terms] = cell.signs
    chance = np.random.default_rng(0).standard_normal(len(cells))
    key = np.zeros(sums.shape[1])
    for weight, row in zip(chance, sums, strict=True):
        key += weight * row
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return sums[:, first].astype(int), np.bincount(kind, unknowns.truth).astype(int)


def attack(unknowns: Unknowns, cells: list[Cell], *, seconds: float = 2) -> None:
    """Look for registrations that fit all tables and make the counts differ; fill `Cell.seen`."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - heavy

    sums, truth = _alike(unknowns, cells)
    model = cp_model.CpModel()
    people = [model.new_int_var(0, 10 * int(truth.max()), "") for _ in truth]
    totals = [cp_model.LinearExpr.weighted_sum(people, list(row)) for row in sums]
    for cell, total in zip(cells, totals, strict=True):
        model.add_linear_constraint(total, *cell.limits())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = seconds

    def see(found):
        for cell, count in zip(cells, (sums @ found).tolist(), strict=True):
            cell.seen.add(count)

    see(truth)
    for cell, total in zip(cells, totals, strict=True):
        for sign in (1, -1):
            if not cell.starred or cell.span >= ENOUGH:
                break
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
    from boundaries.run.record import Clock, make_record  # noqa: PLC0415

    place = prepare(study).place
    chance = np.random.default_rng(seed)
    patients = chance.binomial(place.registrations["patients"].to_numpy(int), share)
    pairs = place.registrations.assign(
        patients=patients, patients_65_plus=chance.binomial(patients, 0.1)
    )
    pairs = pairs[pairs["patients"] > 0].reset_index(drop=True)
    few = place.lsoas["residents"].copy()
    few.iloc[[5, 40, 41]] = (4, 6, 23)
    inside = pairs.groupby("practice_code")["patients"].sum()
    inside = inside.reindex(place.practices.index, fill_value=0)
    practices = place.practices.assign(
        list_size=inside + 5, patients_inside=inside, patients_outside=5
    )
    lists = practices.groupby("pcn_code")["list_size"].sum().reindex(place.pcns.index, fill_value=0)
    place = replace(
        place, registrations=pairs, practices=practices, elsewhere=place.elsewhere.iloc[:0],
        lsoas=place.lsoas.assign(residents=few),
        pcns=place.pcns.assign(list_size=lists, list_outside=0, floor=lists),
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
    near, apart, varied = _near(place, study, options[1])
    return Run(
        place=place, study=study, options=tuple(options), catchment=catchment,
        facts=measure_pcn_facts(place, catchment), flows=measure_flows(place, catchment),
        moves=moves_of(place, options), settled=pd.DataFrame(columns=["kind", "code", "share"]),
        near=near, near_differences=apart, sensitivity=varied,
        record=make_record(study, place, catchment, clock=Clock()),
    )  # fmt: skip


def _near(place, study, option):
    """Return near plans a border LSOA away from an option, and a variant with such a plan."""
    from boundaries.measure import measure_plan  # noqa: PLC0415

    lsoas, plans, rows = option.plan.lsoas, [], []
    borders = place.neighbours.assign(
        a=lsoas[place.neighbours["lsoa_code_a"]].to_numpy(),
        b=lsoas[place.neighbours["lsoa_code_b"]].to_numpy(),
    ).query("a != b")
    for number, border in enumerate(borders.iloc[[0, 9, 20]].itertuples()):
        elsewhere = lsoas.copy()
        elsewhere[border.lsoa_code_a] = border.b
        summary = measure_plan(place, replace(option.plan, lsoas=elsewhere), study=study).summary
        names = {"option_id": option.option_id, "plan_id": f"near-{number}"}
        columns = ("practices_moved", "patients_moved", "misaligned_patients", "alignment")
        rows.append(names | {name: summary[name] for name in (*columns, "objective")})
        moved = {"kind": "lsoa", "code": border.lsoa_code_a, "neighbourhood": border.b}
        plans.append(names | moved)
    varied = pd.DataFrame(rows[:1]).drop(columns=["plan_id", "misaligned_patients"])
    varied = varied.assign(variant="bond 0", alignment_change=0.0, said="")
    near = pd.DataFrame(rows).assign(extra_share=0.0)
    return near, pd.DataFrame(plans).drop(columns="option_id"), varied
