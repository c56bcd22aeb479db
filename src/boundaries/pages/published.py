"""Every count that a run publishes, as a sum of the counts that nobody is shown.

Goes in: an exact `Run`. Comes out: systems of `Count`, over patients by practice and LSOA, over
those of 65 and more, and over residents by LSOA. Next: `boundaries.pages.reckoning`, which looks
for hidden counts that could be worked out from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from numpy.typing import NDArray

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.run import Option, Run

__all__ = ["Count", "System", "Where", "systems_of"]

Where = tuple[str, "Hashable", str]
"""Where a count stands: its table, the key of its row, its column."""

_NONE: Final = "none"
_CLOSE: Final = 0.01


@dataclass
class Count:
    """A published count: where it stands, what it sums, and how much it is.

    Parameters
    ----------
    where
        Every place in which it is published; one hidden, all are.
    sums
        How often each unknown is in it; None where that is not known, and then it is not shown.
    exact
        The sum itself: `times` the figure that is published.
    times
        The published figure is the sum divided by this (a mean, by how many it is of).
    whole
        Whether it counts people; if not, it is an estimate (residents by shares of LSOAs) that
        may give others away and need not itself be safe.
    """

    where: list[Where]
    sums: NDArray[Any] | None
    exact: float
    times: float = 1
    whole: bool = True


@dataclass
class System:
    """Counts over one set of unknowns."""

    truth: NDArray[Any]
    counts: list[Count] = field(default_factory=list)
    _known: dict[bytes, Count] = field(default_factory=dict)

    def add(
        self,
        where: Where,
        sums: NDArray[Any],
        exact: float,
        *,
        times: float = 1,
        whole: bool = True,
    ) -> None:
        """Add a published count; one that sums the same as another is the same count."""
        if pd.isna(exact):
            return
        if abs(float(sums @ self.truth) - exact * times) > _CLOSE:
            self.counts.append(Count([where], None, exact * times, times))
            return
        key = sums.tobytes() + str((times, whole)).encode()
        if key in self._known:
            self._known[key].where.append(where)
            return
        self._known[key] = Count([where], sums, exact * times, times, whole)
        self.counts.append(self._known[key])


class _Patients:
    """The unknowns of patients: by practice and LSOA, outside the place, and of other practices."""

    def __init__(self, place: Place, flows: pd.DataFrame, amount: str = "patients") -> None:
        self.practices, self.lsoas = place.practices.index, place.lsoas.index
        self.pcns = place.pcns.index
        rows = place.registrations
        inside = np.zeros((len(self.practices), len(self.lsoas)), dtype=np.int64)
        at = (
            self.practices.get_indexer(pd.Index(rows["practice_code"])),
            self.lsoas.get_indexer(pd.Index(rows["lsoa_code"])),
        )
        np.add.at(inside, at, rows[amount].fillna(0).to_numpy(np.int64))
        outside = place.practices["list_size"].to_numpy(np.int64) - inside.sum(axis=1)
        self.shape = inside.shape
        self.at_outside = inside.size
        self.at_pcns = self.at_outside + len(self.practices)
        self.at_flows = self.at_pcns + len(self.pcns)
        others = place.pcns["list_outside"].to_numpy(np.int64)
        self.truth = np.concatenate(
            [inside.ravel(), outside, others, np.zeros(len(flows), np.int64)]
        )

    def pairs(self, wanted: NDArray[Any]) -> NDArray[Any]:
        """Return the sum over pairs of practice (rows) and LSOA (columns)."""
        sums = np.zeros(len(self.truth), np.int8)
        sums[: self.at_outside] = np.broadcast_to(wanted, self.shape).ravel()
        return sums

    def lists(self, practices: NDArray[Any], pcn: str | None = None) -> NDArray[Any]:
        """Return the sum of the lists of practices, and of a PCN's practices outside."""
        sums = self.pairs(practices[:, None])
        sums[self.at_outside : self.at_pcns] = practices
        if pcn is not None:
            sums[self.at_pcns : self.at_flows] = self.pcns == pcn
        return sums


def systems_of(run: Run) -> Iterator[System]:
    """Yield every published count of a run, by what it sums."""
    yield _patients(run)
    yield _ages(run)
    yield _residents(run)


def _patients(run: Run) -> System:
    people = _Patients(run.place, run.flows)
    system = System(people.truth)
    everyone = np.ones(len(people.practices), bool)
    _flows(run, people, system)  # first: they find the unknowns of practices elsewhere
    for code, row in run.place.practices.iterrows():
        is_it = np.asarray(people.practices == code)
        outside = people.lists(is_it) - people.pairs(is_it[:, None])
        system.add(("practices", code, "list_size"), people.lists(is_it), row["list_size"])
        inside = people.pairs(is_it[:, None])
        system.add(("practices", code, "patients_inside"), inside, row["patients_inside"])
        system.add(("practices", code, "patients_outside"), outside, row["patients_outside"])
    for option in run.options:
        _option(run.place, option, people, system)
    _networks(run, people, system)
    _moves(run, people, system)
    for at, row in run.near.iterrows():
        apart = _apart(_near_plan(run, row), people)
        system.add(
            ("near", at, "misaligned_patients"), people.pairs(apart), row["misaligned_patients"]
        )
    record = run.record.get("place", {})
    if "registered" in record:
        system.add(("record", "place", "registered"), people.lists(everyone), record["registered"])
        inside = people.pairs(everyone[:, None])
        living = record["registered_living_inside"]
        system.add(("record", "place", "registered_living_inside"), inside, living)
    return system


def _flows(run: Run, people: _Patients, system: System) -> None:
    pcn = run.place.practices["pcn_code"].fillna(_NONE).replace("", _NONE).to_numpy()
    home = run.catchment.reindex(people.lsoas).fillna(_NONE).to_numpy()
    living: dict[str, NDArray[Any]] = {}
    for number, (at, row) in enumerate(run.flows.iterrows()):
        here = home == row["living_in"]
        sums = people.pairs((pcn == row["registered_with"])[:, None] & here)
        others = int(row["patients"] - sums @ people.truth)
        if others > 0:  # they are with practices that are not in the place
            people.truth[people.at_flows + number] = others
            sums[people.at_flows + number] = 1
        system.add(("flows", at, "patients"), sums, row["patients"])
        living[row["living_in"]] = living.get(row["living_in"], 0) + sums
    totals = run.flows.groupby("living_in")["patients"].sum()
    for code, sums in living.items():
        system.add(("living", code, "patients"), sums, totals[code])


def _networks(run: Run, people: _Patients, system: System) -> None:
    pcn = run.place.practices["pcn_code"].fillna(_NONE).to_numpy()
    lists = run.facts["list_size"].to_dict()
    for code, row in run.place.pcns.iterrows():
        own = people.lists(pcn == code, str(code))
        system.add(("pcns", code, "list_size"), own, row["list_size"])
        alone = people.lists(np.zeros(len(pcn), bool), str(code))
        system.add(("pcns", code, "list_outside"), alone, row["list_outside"])
        if row["floor"] == row["list_size"]:  # else it is the study's figure, or none
            system.add(("pcns", code, "floor"), own, row["floor"])
        if code in lists:
            system.add(("facts", code, "list_size"), own, lists[code])


def _apart(plan: Plan, people: _Patients) -> NDArray[Any]:
    """Say of each practice and LSOA whether they are in different neighbourhoods."""
    sits = plan.practices.reindex(people.practices).to_numpy()
    lives = plan.lsoas.reindex(people.lsoas).to_numpy()
    apart: NDArray[Any] = sits[:, None] != lives[None, :]
    return apart


def _option(place: Place, option: Option, people: _Patients, system: System) -> None:
    measures, key = option.measures, option.option_id
    apart = _apart(option.plan, people)
    sits = option.plan.practices.reindex(people.practices).to_numpy()
    lives = option.plan.lsoas.reindex(people.lsoas).to_numpy()
    practices = measures.practices.reindex(people.practices)
    summary = {
        "misaligned_patients": people.pairs(apart),
        "patients_counted": people.pairs(np.ones_like(apart)),
        "patients_moved": people.lists(practices["moved"].to_numpy(bool)),
        "patients_internal": people.lists(practices["internal"].to_numpy(bool)),
    }
    for code, row in practices.iterrows():
        is_it = np.asarray(people.practices == code)
        inside = people.pairs(is_it[:, None])
        system.add((f"{key}/practices", code, "list_size"), people.lists(is_it), row["list_size"])
        system.add((f"{key}/practices", code, "patients_counted"), inside, row["patients_counted"])
    hoods = measures.neighbourhoods
    for label, row in hoods.iterrows():
        at, here = (sits == label)[:, None], lives == label
        for name, sums in (
            ("registered", people.lists(sits == label)),
            ("patients_counted", people.pairs(at)),
            ("misaligned_patients", people.pairs(at & ~here)),
            ("residents_registered", people.pairs(here)),
            ("residents_registered_inside", people.pairs(at & here)),
        ):
            system.add((f"{key}/neighbourhoods", label, name), sums, row[name])
    most, least = hoods["registered"].idxmax(), hoods["registered"].idxmin()
    summary |= {
        "registered_max": people.lists(sits == most),
        "registered_min": people.lists(sits == least),
    }
    for name, sums in summary.items():
        system.add((f"{key}/summary", name, "value"), sums, measures.summary[name])
    everyone, mean = people.lists(np.ones(len(sits), bool)), measures.summary["registered_mean"]
    system.add((f"{key}/summary", "registered_mean", "value"), everyone, mean, times=len(hoods))
    _quintiles(place, option, people, system)
    _pcns(option, people, system)


def _quintiles(place: Place, option: Option, people: _Patients, system: System) -> None:
    quintile = place.lsoas["imd_quintile"].astype("float").to_numpy()
    apart = _apart(option.plan, people)
    for number, row in option.measures.quintiles.iterrows():
        here, table = quintile == number, f"{option.option_id}/quintiles"
        system.add((table, number, "patients"), people.pairs(here), row["patients"])
        sums = people.pairs(apart & here)
        system.add((table, number, "misaligned_patients"), sums, row["misaligned_patients"])


def _pcns(option: Option, people: _Patients, system: System) -> None:
    practices, table = (
        option.measures.practices.reindex(people.practices),
        f"{option.option_id}/pcns",
    )
    now, then = practices["pcn_code_now"].to_numpy(), practices["pcn_code_option"].to_numpy()
    moved = practices["moved"].to_numpy(bool)
    for code, row in option.measures.pcns.iterrows():
        own = people.lists(now == code, str(code))
        system.add((table, code, "list_now"), own, row["list_now"])
        system.add(
            (table, code, "list_option"), people.lists(then == code, str(code)), row["list_option"]
        )
        stay = people.lists((now == code) & ~moved, str(code))
        system.add((table, code, "list_staying"), stay, row["list_staying"])
        if row["floor"] == row["list_now"]:
            system.add((table, code, "floor"), own, row["floor"])


def _moves(run: Run, people: _Patients, system: System) -> None:
    for at, row in run.moves.iterrows():
        lives = run.option(row["option_id"]).plan.lsoas.reindex(people.lsoas).to_numpy()
        is_it = np.asarray(people.practices == row["practice_code"])
        there = people.pairs(is_it[:, None] & (lives == row["neighbourhood"]))
        stay = people.pairs(is_it[:, None] & (lives == row["neighbourhood_if_stayed"]))
        system.add(("moves", at, "list_size"), people.lists(is_it), row["list_size"])
        system.add(
            ("moves", at, "patients_inside"), people.pairs(is_it[:, None]), row["patients_inside"]
        )
        system.add(("moves", at, "patients_gained"), there - stay, row["patients_gained"])


def _near_plan(run: Run, row: pd.Series[Any]) -> Plan:
    """Return a near plan: its option's, with what it has elsewhere."""
    from boundaries.plan import Plan

    plan = run.option(row["option_id"]).plan
    apart = run.near_differences[run.near_differences["plan_id"] == row["plan_id"]]
    sides = {"lsoa": plan.lsoas.copy(), "practice": plan.practices.copy()}
    for kind, side in sides.items():
        moved = apart[apart["kind"] == kind]
        side.loc[moved["code"].tolist()] = moved["neighbourhood"].to_numpy()
    return Plan(sides["lsoa"], sides["practice"])


def _ages(run: Run) -> System:
    """Patients of 65 and more, where the registrations have them."""
    if "patients_65_plus" not in run.place.registrations:
        return System(np.zeros(0))
    people = _Patients(run.place, run.flows.iloc[:0], "patients_65_plus")
    system = System(people.truth)
    for option in run.options:
        summary, table = option.measures.summary, f"{option.option_id}/summary"
        apart = _apart(option.plan, people)
        for name, wanted in (
            ("patients_65_plus", np.ones_like(apart)),
            ("misaligned_65_plus", apart),
        ):
            if name in summary:
                system.add((table, name, "value"), people.pairs(wanted), summary[name])
    return system


def _residents(run: Run) -> System:
    lsoas = run.place.lsoas
    system = System(lsoas["residents"].to_numpy(float))
    everyone = np.ones(len(lsoas))
    for number, (code, people) in enumerate(lsoas["residents"].items()):
        one = np.zeros(len(lsoas))
        one[number] = 1
        for table in ("lsoas", *(f"{option.option_id}/lsoas" for option in run.options)):
            system.add((table, code, "residents"), one, people)
    home = run.catchment.reindex(lsoas.index)
    for code, people in run.facts["catchment_residents"].items():
        system.add(("facts", code, "catchment_residents"), (home == code).to_numpy(float), people)
    record = run.record.get("place", {})
    if "residents" in record:
        system.add(("record", "place", "residents"), everyone, record["residents"])
    for option in run.options:
        _residents_of(run.place, option, system)
    return system


def _residents_of(place: Place, option: Option, system: System) -> None:
    measures, key = option.measures, option.option_id
    lives = option.plan.lsoas.reindex(place.lsoas.index).to_numpy()
    hoods, summary = measures.neighbourhoods["residents"], measures.summary
    for label, people in hoods.items():
        system.add(
            (f"{key}/neighbourhoods", label, "residents"), (lives == label).astype(float), people
        )
    for name, label in (("residents_min", hoods.idxmin()), ("residents_max", hoods.idxmax())):
        system.add((f"{key}/summary", name, "value"), (lives == label).astype(float), summary[name])
    everyone, mean = np.ones(len(lives)), summary["residents_mean"]
    system.add((f"{key}/summary", "residents_mean", "value"), everyone, mean, times=len(hoods))
    ward = place.lsoas["ward_code"].to_numpy()
    for code, row in measures.wards.iterrows():
        system.add(
            (f"{key}/wards", code, "residents"), (ward == code).astype(float), row["residents"]
        )
    split = measures.wards.index[measures.wards["split"].astype(bool)]
    sums = np.isin(ward, split).astype(float)
    name = "residents_in_split_wards"
    system.add((f"{key}/summary", name, "value"), sums, summary[name])
    _teams(place, option, lives, system)


def _teams(place: Place, option: Option, lives: NDArray[Any], system: System) -> None:
    key = option.option_id
    for name, layer in place.teams.items():
        at = place.lsoas.index.get_indexer(pd.Index(layer.shares["lsoa_code"]))
        share = layer.shares["share"].to_numpy(float)
        teams = option.measures.teams
        changing = np.zeros(len(lives))
        for number, row in teams[teams["layer"] == name].iterrows():
            mine = (layer.shares["team"] == row["team"]).to_numpy()
            own = np.bincount(at[mine], share[mine], len(lives))
            off = own * (lives != row["anchor"])
            changing += off
            table = f"{key}/teams"
            system.add((table, number, "residents"), own, row["residents"], whole=False)
            system.add(
                (table, number, "residents_changing"), off, row["residents_changing"], whole=False
            )
        column = f"residents_changing_{name}"
        exact = option.measures.summary[column]
        system.add((f"{key}/summary", column, "value"), changing, exact, whole=False)
