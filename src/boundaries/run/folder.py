"""A run's folder: written whole or not at all, and enough by itself to read the run back.

Goes in: a `Run`. Comes out: the files of docs/files.md. The data part is written here; pages and
pictures are `boundaries.pages`'s and land in the same folder by the same rule.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boundaries.errors import InputError, PlanError
from boundaries.place import read_place, sound, write_place
from boundaries.plan import Plan
from boundaries.problems import Problem
from boundaries.run.claims import Record, broken, read_record
from boundaries.run.layers import write_layers
from boundaries.run.options import measure_named, moves_of
from boundaries.run.run import (
    NEAR_COLUMNS,
    NEAR_DIFFERENCES,
    SENSITIVITY_COLUMNS,
    SENSITIVITY_UNITS,
    Option,
    Run,
)
from boundaries.run.settled import SETTLED_COLUMNS
from boundaries.run.tables import TABLES, starred, write_table
from boundaries.run.target import writing
from boundaries.study import parse_study

if TYPE_CHECKING:
    from boundaries.place import Place

__all__ = ["read_run", "write_run"]


def write_run(run: Run, folder: str | Path) -> None:
    """Write the data files of a run: ``run.json``, the CSVs, ``plan.gpkg`` and ``place.gpkg``.

    Notes
    -----
    A run whose small numbers are suppressed is written without its place: registrations by LSOA
    would tell what is hidden. Such a folder is for readers; it is not read back.

    Raises
    ------
    InputError
        When the folder cannot be written, or holds files that no run wrote.
    """
    with writing(folder, whole=True, inputs=run.inputs) as draft:
        for name, table in TABLES.items():
            frame = starred(table(run)) if run.suppressed else table(run)
            write_table(frame, draft / f"{name}.csv")
        write_layers(run, draft / "plan.gpkg")
        if not run.suppressed:
            write_place(run.place, draft)
        record = {**run.record, "options": [_claim(option) for option in run.options]}
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
        (draft / "run.json").write_text(text + "\n", encoding="utf-8")


def _claim(option: Option) -> dict[str, Any]:
    return {
        "option_id": option.option_id,
        "family": option.family,
        "title": option.title,
        "status": option.status,
        "objective": option.measures.summary["objective"],
        "bound": option.bound,
        "gap": option.gap,
        "seconds": round(option.seconds, 1),
        "allowed_moves": option.allowed_moves,
        "names": option.measures.neighbourhoods["name"].to_dict(),
    }


def read_run(folder: str | Path) -> Run:
    """Read a run back from its folder alone; its measures are computed again from the plans.

    Raises
    ------
    InputError
        When the folder is not a run's, a file of it is missing, or one is not as this tool writes
        it: a run's folder may come from somebody else.
    """
    home = Path(folder)
    missing = [
        name
        for name in ("run.json", "place.gpkg", "lsoas.csv", "practices.csv")
        if not (home / name).is_file()
    ]
    if missing == ["place.gpkg"]:
        raise InputError(
            f"{home} holds a run whose small numbers are suppressed: it has no place.gpkg and "
            "cannot be read back. Run `boundaries propose` again to draw it anew."
        )
    if missing:
        raise InputError(
            f"{home} is not the folder of a run: it has no {', '.join(missing)}. "
            "Give the folder that `boundaries propose`, `assess` or `score` wrote."
        )
    claims, record = read_record(home / "run.json")
    if record.pop("suppressed", None):
        raise InputError(
            f"The run.json in {home} says that its small numbers are suppressed, yet place.gpkg "
            "beside it holds exact counts. Delete place.gpkg, and run the study again."
        )
    try:
        return _read(home, claims, record)
    except (InputError, PlanError):
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError) as error:
        broken(home / "A file", f"{type(error).__name__}: {error}")


def _read(home: Path, claims: Record, record: dict[str, Any]) -> Run:
    study = parse_study(claims.study.text, folder=home, must_exist=False)
    place = read_place(home)
    lsoas, practices = _codes(home / "lsoas.csv"), _codes(home / "practices.csv")
    options = []
    for claim in claims.options:
        plan = Plan(
            _column(lsoas, claim.option_id, "lsoa_code"),
            _column(practices, claim.option_id, "practice_code"),
        )
        measures = measure_named(
            place,
            study,
            plan,
            family=claim.family,
            names=claim.names,
            allowed_moves=claim.allowed_moves,
        )
        said = claim.model_dump(exclude={"names"})
        options.append(Option(plan=plan, measures=measures, **said))
    facts = _table(home / "pcn_facts.csv").set_index("pcn_code")
    return Run(
        place=place,
        study=study,
        options=tuple(options),
        facts=facts.assign(contiguous=facts["contiguous"].astype(bool)),
        flows=_table(home / "flows.csv", ("living_in", "registered_with", "patients")),
        catchment=_catchment(claims, place),
        moves=moves_of(place, options),
        settled=_settled(home),
        near=_later(home / "near_plans.csv", NEAR_COLUMNS),
        near_differences=_later(home / "near_differences.csv", NEAR_DIFFERENCES),
        sensitivity=_later(home / "sensitivity.csv", SENSITIVITY_COLUMNS),
        sensitivity_units=_later(home / "sensitivity_units.csv", SENSITIVITY_UNITS),
        problems=_problems(home / "problems.csv"),
        record=record,
    )


def _catchment(claims: Record, place: Place) -> pd.Series[str]:
    strangers = claims.catchment.keys() - set(place.lsoas.index)
    if strangers:
        raise ValueError(f"the catchment of {min(strangers)}, which is not in the place")
    return pd.Series(claims.catchment, name="pcn_code", dtype="str").rename_axis("lsoa_code")


def _codes(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _table(path: Path, needed: tuple[str, ...] = ()) -> pd.DataFrame:
    with path.open(encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
    if missing := set(needed) - set(names):
        raise ValueError(f"{path.name} has no column {min(missing)}")
    text = {name: str for name in names if "code" in name or name in ("neighbourhood", "option_id")}
    return sound(pd.read_csv(path, dtype=text), path.name)


def _settled(home: Path) -> pd.DataFrame:
    """Return who sits with whom; folders of earlier versions have fewer columns."""
    found = _table(home / "settled.csv")
    return found if len(found) == 0 else found.reindex(columns=list(SETTLED_COLUMNS))


def _later(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a table that folders of earlier versions do not have."""
    if not path.is_file():
        return pd.DataFrame(columns=list(columns))
    return _table(path, columns)


def _column(frame: pd.DataFrame, option_id: str, key: str) -> pd.Series[str]:
    rows = frame[frame["option_id"] == option_id]
    return rows.set_index(key)["neighbourhood"]


def _problems(path: Path) -> tuple[Problem, ...]:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return tuple(_problem(*map(str, row)) for row in rows.itertuples(index=False))


def _problem(level: Any, file: str, row: str, *rest: str) -> Problem:
    return Problem(level, file, int(row) if row else None, *rest)
