"""A study with some keys changed: found by their names, and checked as a file would be.

Goes in: a `Study` and the changes. Comes out: another `Study`, or every fault at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from boundaries.codes import nearest_name
from boundaries.errors import InputError
from boundaries.problems import raise_on_errors
from boundaries.study.faults import NOT_KEYS, fault
from boundaries.study.load import path_values, study_of
from boundaries.study.model import TABLES
from boundaries.study.study import Study
from boundaries.study.write import tables_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boundaries.problems import Problem

__all__ = ["changed"]

_NAME = "with_"
_WEIGHTS = "weights"


def changed(study: Study, changes: Mapping[str, object]) -> Study:
    """Return a study with keys changed; `Study.with_` says how they are named.

    Raises
    ------
    InputError
        With every fault.
    """
    raw = tables_of(study)
    known = frozenset(
        Path(item)
        for _, table, key in path_values(raw)
        for item in (table[key] if isinstance(table[key], list) else [table[key]])
        if isinstance(item, str)
    )
    problems: list[Problem] = []
    for key, value in changes.items():
        problems += _apply(study, raw, key, _plain(value))
    try:
        study = study_of(raw, folder=study.folder, name=_NAME, known=known)
    except InputError as error:
        problems += error.problems
    raise_on_errors(problems)
    return study


def _apply(study: Study, raw: dict[str, Any], key: str, value: Any) -> list[Problem]:
    """Change one key of the tables; return what is wrong with its name."""
    if key == _WEIGHTS:
        return _weigh(raw, value)
    tables = set(Study.model_fields) - NOT_KEYS
    if key in tables:
        _merge(raw, key, value)
        return []
    homes = _homes(study)
    found = homes.get(key, ())
    if len(found) == 1:
        _merge(raw.setdefault(found[0], {}), key, value)
        return []
    if found:
        said = f"{key} stands in several tables: {', '.join(found)}."
        return [fault(_NAME, key, said, f"Say which: {found[0]}={{{key!r}: …}}.")]
    near = nearest_name(key, {*tables, *homes, _WEIGHTS})
    fix = f"Did you mean {near}?" if near else "docs/study.md lists every key."
    return [fault(_NAME, key, f"Unknown key {key}.", fix)]


def _homes(study: Study) -> dict[str, tuple[str, ...]]:
    """Return the tables that each key stands in; tables of which there may be many are left out.

    A name that a choice and a file share (``residents``) means the choice.
    """
    homes: dict[str, tuple[str, ...]] = {}
    files: dict[str, tuple[str, ...]] = {}
    for table in Study.model_fields:
        if isinstance(getattr(study, table), BaseModel):
            found = files if table == "data" else homes
            for key in TABLES[table].model_fields:
                found[key] = (*found.get(key, ()), table)
    return files | homes


def _weigh(raw: dict[str, Any], weights: Any) -> list[Problem]:
    teams = raw.get("teams", {})
    if not isinstance(weights, dict):
        return [fault(_NAME, _WEIGHTS, "weights is not a dictionary.", 'Give {"layer": 0.5}.')]
    problems = []
    for layer, weight in weights.items():
        if layer in teams:
            _merge(teams[layer], "weight", weight)
            continue
        near = nearest_name(str(layer), teams)
        known = f"The layers are {', '.join(teams)}." if teams else "The study has no [teams]."
        said = f"weights names the layer {layer!r}, which [teams] does not have."
        fix = f"Did you mean {near!r}?" if near else known
        problems.append(fault(_NAME, _WEIGHTS, said, fix))
    return problems


def _merge(table: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, the keys of a table one by one; None takes it out."""
    if value is None:
        table.pop(key, None)
    elif isinstance(value, dict):
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = table[key] = {}
        for name, more in value.items():
            _merge(inner, name, more)
    else:
        table[key] = value


def _plain(value: Any) -> Any:
    """Return parts of a study as dictionaries and tuples as lists; frames stay."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
