"""What changed between two runs of one place: only rows that differ, table by table.

Goes in: two runs. Comes out: `Changes`, one frame a subject, empty where nothing differs.
Next: `boundaries.pages.changes`, which draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.errors import InputError, PlanError
from boundaries.run.between import changed, matched_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.plan import Plan
    from boundaries.run.run import Option, Run
    from boundaries.study import Lock

__all__ = ["Changes", "changes_between", "lock_words"]

_DIGITS: Final = 6
_VERSIONS: Final = ("boundaries", "geopandas", "ortools", "python", "shapely")


@dataclass(frozen=True)
class Changes:
    """What differs between two runs.

    Parameters
    ----------
    first, second
        The runs, the earlier one first.
    tables
        By subject, in the order of a page: ``data``, ``study``, ``locks``, ``tool``,
        ``practices_today``, ``lsoas_today``, ``options``, ``figures``, ``neighbourhoods``,
        ``moves``, ``practices``, ``lsoas``, ``problems``. Every table has only rows that differ;
        what stands in the first run has ``_a`` behind its heading, in the second ``_b``.
    """

    first: Run
    second: Run
    tables: dict[str, pd.DataFrame]

    @property
    def nothing(self) -> bool:
        """Whether the runs are the same in everything that is compared."""
        return all(table.empty for table in self.tables.values())


def changes_between(first: Run, second: Run) -> Changes:
    """Compare two runs of one place in all that people would ask about.

    Options are matched by their ids, neighbourhoods by their residents (`changed`). Seconds, paths
    and the order of things are not compared.

    Raises
    ------
    PlanError
        When the runs have other LSOAs.
    InputError
        When the study of either asks for small numbers to be suppressed: from two rounded figures
        and their difference a count could be worked out.
    """
    if "nhs" in {run.study.report.suppress for run in (first, second)}:
        raise InputError(
            'The study of one of these runs has suppress = "nhs". Two such runs are not '
            "compared: the differences of rounded figures can tell what is hidden."
        )
    if not first.place.lsoas.index.equals(second.place.lsoas.index):
        one, other = set(first.place.lsoas.index), set(second.place.lsoas.index)
        raise PlanError(
            f"These runs are of two places: {len(one - other)} LSOAs are only in the first "
            f"({first.place.name}), {len(other - one)} only in the second ({second.place.name})."
        )
    both = [(option, second[option.option_id]) for option in first if option.option_id in second]
    elsewhere = [_under(one.option_id, changed(one, other)) for one, other in both]
    found = _stacked(elsewhere, ["option_id", "kind", "code"])
    tables = {
        "data": _data(first, second),
        "study": _study(first, second),
        "locks": _locks(first.study.locks, second.study.locks),
        "tool": _tool(first, second),
        "practices_today": _practices_today(first, second),
        "lsoas_today": _lsoas_today(first, second),
        "options": _options(first, second),
        "figures": _stacked(
            [_figures(*pair) for pair in both],
            ["option_id", "measure", "value_a", "value_b", "change"],
        ),
        "neighbourhoods": _stacked([_neighbourhoods(*pair) for pair in both], ["option_id"]),
        "moves": _moves(first, second, [one.option_id for one, _ in both]),
        "practices": _of_kind(found, "practice"),
        "lsoas": _of_kind(found, "lsoa"),
        "problems": _problems(first, second),
    }
    return Changes(first, second, tables)


def _under(option_id: str, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "option_id", option_id)
    return table


def _stacked(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)


def _of_kind(found: pd.DataFrame, kind: str) -> pd.DataFrame:
    mine = found[found["kind"] == kind].drop(columns="kind").reset_index(drop=True)
    other = "list_size" if kind == "lsoa" else "residents"
    return mine.drop(columns=other, errors="ignore").rename(columns={"code": f"{kind}_code"})


def _data(first: Run, second: Run) -> pd.DataFrame:
    """Return the uses of files whose content differs; another name alone is no change."""
    roles = dict.fromkeys(source.role for run in (first, second) for source in run.place.sources)
    rows = []
    for role in roles:
        row: dict[str, Any] = {"role": role}
        digests = []
        for end, run in zip("ab", (first, second), strict=True):
            mine = [source for source in run.place.sources if source.role == role]
            digests.append({source.sha256 for source in mine})
            row |= {
                f"files_{end}": "; ".join(source.file for source in mine),
                f"dates_{end}": "; ".join(dict.fromkeys(one.date for one in mine if one.date)),
                f"rows_{end}": sum(source.rows for source in mine) if mine else None,
            }
        if digests[0] != digests[1]:
            rows.append(row)
    return pd.DataFrame(
        rows,
        columns=["role", *(f"{key}_{end}" for key in ("files", "dates", "rows") for end in "ab")],
    )


def _study(first: Run, second: Run) -> pd.DataFrame:
    """Return the keys of the study that differ, files and locks apart."""
    one, other = (_flat(run.study.model_dump(exclude={"locks"})) for run in (first, second))
    keys = [*one, *(key for key in other if key not in one)]
    rows = [
        (key, _written(one.get(key)), _written(other.get(key)))
        for key in keys
        if one.get(key) != other.get(key)
    ]
    return pd.DataFrame(rows, columns=["key", "value_a", "value_b"])


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    """Return the values of nested tables by their dotted keys; what names a file is left out."""
    if isinstance(value, dict):
        return {
            inner: item
            for name, part in value.items()
            for inner, item in _flat(part, f"{key}.{name}" if key else str(name)).items()
        }
    listed = value if isinstance(value, (list, tuple)) else [value]
    plain = (str, int, float, bool, list, tuple, dict, type(None))
    if any(isinstance(item, Path) or not isinstance(item, plain) for item in listed):
        return {} if not hasattr(value, "isoformat") else {key: value.isoformat()}
    return {key: value}


def _written(value: Any) -> str:
    if value is None or value in ((), ""):
        return ""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def lock_words(lock: Lock) -> str:
    """Return what a lock asks for, in words."""
    if lock.joins:
        return f"{lock.practice} joins {lock.joins}"
    if lock.stays:
        return f"{', '.join(lock.stays)} {'stays' if len(lock.stays) == 1 else 'stay'} in its PCN"
    return f"{', '.join(lock.together or lock.apart)} {'together' if lock.together else 'apart'}"


def _locks(first: Iterable[Lock], second: Iterable[Lock]) -> pd.DataFrame:
    one, other = ({(lock_words(lock), lock.reason) for lock in locks} for locks in (first, second))
    rows = [("taken away", *lock) for lock in sorted(one - other)]
    rows += [("new", *lock) for lock in sorted(other - one)]
    return pd.DataFrame(rows, columns=["what", "lock", "reason"])


def _tool(first: Run, second: Run) -> pd.DataFrame:
    def told(run: Run) -> dict[str, str]:
        versions = run.record.get("versions", {})
        said = {name: str(versions.get(name, "")) for name in _VERSIONS}
        return said | {
            "effort": str(run.record.get("effort", "")),
            "stopped before the end": "yes" if run.stopped else "no",
        }

    one, other = told(first), told(second)
    rows = [(key, one[key], other[key]) for key in one if one[key] != other[key]]
    return pd.DataFrame(rows, columns=["what", "value_a", "value_b"])


def _practices_today(first: Run, second: Run) -> pd.DataFrame:
    """Return practices that came, went, or are not as they were before any option."""
    columns = ["practice_name", "pcn_code", "list_size", "postcode"]
    one, other = first.place.practices[columns], second.place.practices[columns]
    frame = _beside(one, other)
    names = pd.concat([first.place.pcns["pcn_name"], second.place.pcns["pcn_name"]])
    names = names[~names.index.duplicated()]
    for end in "ab":
        if f"pcn_code_{end}" in frame:
            frame[f"pcn_name_{end}"] = frame[f"pcn_code_{end}"].map(names)
    if "list_size_a" in frame:
        frame["list_change"] = frame["list_size_b"] - frame["list_size_a"]
    if "practice_name_a" not in frame:
        frame.insert(0, "practice_name", one["practice_name"].reindex(frame.index))
    return frame.reset_index(names="practice_code")


def _lsoas_today(first: Run, second: Run) -> pd.DataFrame:
    """Return LSOAs with other residents, or with another number of patients of the practices."""

    def counts(run: Run) -> pd.DataFrame:
        patients = run.place.registrations.groupby("lsoa_code")["patients"].sum()
        found = run.place.lsoas[["residents"]].assign(patients=patients)
        return found.fillna({"patients": 0})

    frame = _beside(counts(first), counts(second))
    for name in ("residents", "patients"):
        if f"{name}_a" in frame:
            frame[f"{name}_change"] = frame[f"{name}_b"] - frame[f"{name}_a"]
    frame.insert(0, "lsoa_name", first.place.lsoas["lsoa_name"].reindex(frame.index))
    return frame.reset_index(names="lsoa_code")


def _beside(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two tables that differ: of columns that do, both sides side by side."""
    codes = one.index.union(other.index)
    left, right = one.reindex(codes), other.reindex(codes)
    same = (left == right) | (left.isna() & right.isna())
    rows = ~same.all(axis=1) | ~codes.isin(one.index) | ~codes.isin(other.index)
    sides = {
        f"{name}_{end}": side[name]
        for name in one.columns
        if not same[name].all()
        for end, side in (("a", left), ("b", right))
    }
    return pd.DataFrame(sides, index=codes)[rows]


def _options(first: Run, second: Run) -> pd.DataFrame:
    """Return options of one run only, and those of both that are proven otherwise."""
    rows = []
    ids = dict.fromkeys(option.option_id for run in (first, second) for option in run)
    for option_id in ids:
        pair = [run[option_id] if option_id in run else None for run in (first, second)]  # noqa: SIM401
        titles = ["" if option is None else option.title for option in pair]
        sure = ["" if option is None else option.how_sure for option in pair]
        if None in pair or titles[0] != titles[1] or sure[0] != sure[1]:
            rows.append((option_id, *titles, *sure))
    names = ["option_id", "title_a", "title_b", "how_sure_a", "how_sure_b"]
    return pd.DataFrame(rows, columns=names)


def _figures(one: Option, other: Option) -> pd.DataFrame:
    """Return the measures of an option that differ."""
    ours, theirs = one.measures.summary, other.measures.summary
    rows = []
    for measure in dict.fromkeys([*ours, *theirs]):
        values = [
            round(float(side[measure]), _DIGITS) if measure in side else None
            for side in (ours, theirs)
        ]
        if values[0] == values[1] or all(value != value for value in values):  # noqa: PLR0124 - NaN
            continue
        change = None if None in values else round(values[1] - values[0], _DIGITS)  # type: ignore[operator]
        rows.append((one.option_id, measure, *values, change))
    return pd.DataFrame(rows, columns=["option_id", "measure", "value_a", "value_b", "change"])


def _neighbourhoods(one: Option, other: Option) -> pd.DataFrame:
    """Return the pairs of neighbourhoods whose LSOAs or practices differ, matched by residents."""
    residents = one.home.place.lsoas["residents"]
    matched = matched_labels(other.plan, one.plan, residents=residents)
    theirs = _relabelled(other.plan, matched)
    rows = []
    for label in dict.fromkeys([*one.plan.neighbourhoods, *matched.neighbourhoods]):
        areas = [plan.lsoas.index[plan.lsoas == label] for plan in (one.plan, matched)]
        sites = [plan.practices.index[plan.practices == label] for plan in (one.plan, matched)]
        if areas[0].equals(areas[1]) and sites[0].equals(sites[1]):
            continue
        here, there = label if label in one.plan.neighbourhoods else None, theirs.get(label)
        rows.append(
            {
                "option_id": one.option_id,
                "neighbourhood_a": here,
                "name_a": _name(one, here),
                "neighbourhood_b": there,
                "name_b": _name(other, there),
                "residents_a": int(residents[areas[0]].sum()),
                "residents_b": int(other.home.place.lsoas["residents"][areas[1]].sum()),
                "residents_in_both": int(residents[areas[0].intersection(areas[1])].sum()),
                "practices_a": len(sites[0]),
                "practices_b": len(sites[1]),
            }
        )
    return pd.DataFrame(rows)


def _relabelled(plan: Plan, matched: Plan) -> dict[str, str]:
    """Return a plan's own labels by those that its neighbourhoods got when they were matched."""
    lived_in = zip(matched.lsoas, plan.lsoas, strict=True)
    return dict(zip(matched.practices, plan.practices, strict=True)) | dict(lived_in)


def _name(option: Option, label: str | None) -> str:
    names = option.measures.neighbourhoods["name"]
    return "" if label is None else str(names.get(label, label))


def _moves(first: Run, second: Run, ids: list[str]) -> pd.DataFrame:
    """Return moves of one run only, and moves to another PCN; of options that both runs have."""
    columns = ["practice_name", "pcn_code_to", "pcn_name_to"]
    sides = [
        run.moves[run.moves["option_id"].isin(ids)].set_index(["option_id", "practice_code"])
        for run in (first, second)
    ]
    frame = _beside(*(side[["pcn_code_to"]] for side in sides))[[]]
    for end, side in zip("ab", sides, strict=True):
        for name in columns:
            frame[f"{name}_{end}"] = side[name].reindex(frame.index)
    named = frame["practice_name_a"].fillna(frame["practice_name_b"])
    frame = frame.drop(columns=["practice_name_a", "practice_name_b"])
    frame.insert(0, "practice_name", named)
    return frame.reset_index()


def _problems(first: Run, second: Run) -> pd.DataFrame:
    sides = [{(one.level, one.said) for one in run.problems} for run in (first, second)]
    rows = [("gone", *one) for one in sorted(sides[0] - sides[1])]
    rows += [("new", *one) for one in sorted(sides[1] - sides[0])]
    return pd.DataFrame(rows, columns=["what", "level", "said"])
