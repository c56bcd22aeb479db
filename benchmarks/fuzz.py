"""Files as they come out of other programs, hurt on purpose: what becomes of each.

`python -m benchmarks.fuzz --mutants 10000 --seed 1` makes a small place with a file of every kind
(`benchmarks.fuzz_world`), hurts one file at a time (`benchmarks.fuzz_hurts`), and takes the study
as far as `boundaries assess` and `score` do before they measure. Outcomes:

``refused``    one error or more, in words
``told``       no error, and a warning or note that the whole file does not give
``unchanged``  no word, and every figure is the same
``not to be seen``  no word, another place, and a file that any reader would take for a true one
``silent``     no word, and another place: a fault of this tool
``traceback``  anything but a list of problems: a fault of this tool

A change is not to be seen when the tables that are read have the same rows and columns as those of
the true file, each changed value is of the shape that others of its column have (a code of the same
pattern, a number of their size within ten times), each changed outline is valid, a column that such
a file may lack is there or not there as a whole, and nothing else in the study says otherwise, for
then a check would have told it. A study that loads is
what somebody wants. Rows that nothing else counts may be fewer: pairs that a river cuts, points
where people live, registrations where no list sizes are given; a barrier may have any lines.

Only what a hurt file can change is done again: other files are read once, and where the tables are
the same nothing follows that could differ. Each mutant is made from the seed and its own number, so
that one can be had again (`--only`). `--write` adds a row for each to a CSV, and `--table` prints
the table of such a file.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import random
import re
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel

from benchmarks.fuzz_hurts import hurt_file
from benchmarks.fuzz_world import PLANS, make_world
from boundaries.checks import check_tables
from boundaries.errors import BoundariesError
from boundaries.place import build_place
from boundaries.problems import raise_on_errors
from boundaries.read import read_tables, study_files, unread_roles
from boundaries.run.imported import given_plan
from boundaries.study import load_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_UNCOUNTED: Final = ("cut_pairs", "points", "registrations", "barriers")
"""Tables that may be shorter with nothing else to say so; registrations only without list sizes."""

_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")

_KEPT: Final = 3_000  # results, of small places

_READERS: Final = [name for name in dir(study_files) if name.startswith("read_") and name not in
                   ("read_data", "read_tables")]  # fmt: skip


class Kept:
    """A reader that keeps what it read of files that have not changed."""

    def __init__(self, reader: Callable[..., Any]) -> None:
        self._reader, self._kept = reader, dict[str, tuple[Any, list[Any]]]()

    def __call__(self, *given: Any, **more: Any) -> Any:
        at = next(n for n, one in enumerate(given) if isinstance(one, list))
        key = repr([_content(one) for one in (*given[:at], *given[at + 1 :], *more.values())])
        problems: list[Any] = []
        if key not in self._kept:
            result = self._reader(*given[:at], problems, *given[at + 1 :], **more)
            if len(self._kept) > 4:
                return self._told(given[at], result, problems)
            self._kept[key] = (result, problems)
        return self._told(given[at], *self._kept[key])

    @staticmethod
    def _told(known: list[Any], result: Any, problems: list[Any]) -> Any:
        known += problems
        return result


def _content(given: Any) -> Any:
    if isinstance(given, (tuple, list)):
        return [_content(one) for one in given]
    if isinstance(given, Path):
        return str(given), hashlib.sha256(given.read_bytes()).hexdigest()
    if isinstance(given, set):
        return sorted(given)
    return [_content(value) for _, value in given] if isinstance(given, BaseModel) else repr(given)


def frames_of(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every table within a value, and everything else that is not one, by name."""
    if isinstance(value, (pd.DataFrame, pd.Series)):
        yield name, value
    elif is_dataclass(value):
        for one in fields(value):
            if one.name != "sources":
                yield from frames_of(getattr(value, one.name), one.name)
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from frames_of(inside, f"{name}.{key}")
    else:
        yield name, value


def fingerprint(value: Any) -> str:
    """Return a text that two values share only when every figure of them is the same."""
    sums = hashlib.sha256()
    for name, one in frames_of(value):
        sums.update(name.encode())
        if isinstance(one, (pd.DataFrame, pd.Series)):
            frame = one.to_frame() if isinstance(one, pd.Series) else one
            frame = frame.drop(columns=["row", "file"], errors="ignore")
            for column in frame.columns:
                cells = frame[column]
                if column == "geometry":
                    sums.update(b"".join(cells.to_wkb().fillna(b"").to_list()))
                else:
                    sums.update("\x1f".join(map(str, cells.to_numpy())).encode())
            sums.update("\x1f".join(map(str, frame.index)).encode())
        else:
            sums.update(repr(one).encode())
    return sums.hexdigest()


class Whole:
    """A study on true files: what it says, its tables, and what is made of them."""

    def __init__(self, study: Path) -> None:
        self.study, self.plan = study, PLANS[study.stem]
        self._made = dict[str, Any]()
        self.seen, self.said, self.print = self._go(load_study(study))

    def _go(self, study: Any) -> tuple[dict[str, Any], frozenset[str], str]:
        """Take the study to its place, and the plan as far as it is read."""
        tables, read = read_tables(study)
        unread = unread_roles(study, tables, read)
        key = f"{fingerprint(tables)} {sorted(unread)} {fingerprint(study)}"
        checked = self._once(key, lambda: check_tables(tables, study, unread=unread))
        raise_on_errors((*read, *checked))
        place, more = self._once(f"place {key}", lambda: build_place(tables, study))
        files = [self.study.parent / name if name else None for name in self.plan]
        plan, given = self._once(
            f"plan {_content(files)} {key}",
            lambda: given_plan(place, *files, option=None, name=None),
        )
        said = {f"{one.level} {one.said}" for one in (*read, *checked, *more, *given.problems)}
        names = {"lsoas": plan.lsoas.to_frame("name"), "practices": plan.practices.to_frame("name")}
        print_of = self._once(f"print {key}", lambda: fingerprint(place)) + fingerprint(plan)
        return {"tables": tables, "plan": names}, frozenset(said), print_of

    def _once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what was made of the same things before, or make it."""
        if key in self._made:
            return self._made[key]
        made = make()
        if len(self._made) < _KEPT:
            self._made[key] = made
        return made

    def outcome(self) -> tuple[str, str]:
        """Run the study again on the files as they now are; return what came of it, and a word."""
        try:
            tables, said, print_of = self._go(load_study(self.study))
        except BoundariesError as error:
            return "refused", str(error).splitlines()[-1]
        except Exception:  # noqa: BLE001 - that is what is looked for
            return "traceback", traceback.format_exc()
        if said - self.said:
            return "told", ""
        if print_of == self.print:
            return "unchanged", ""
        why = seen(self.seen, tables)
        return ("silent", why) if why else ("not to be seen", "")


def seen(whole: dict[str, Any], hurt: dict[str, Any]) -> str:
    """Say what a reader would see in a hurt file; empty where it could be a true one."""
    before, after = dict(frames_of(whole)), dict(frames_of(hurt))
    if before.keys() != after.keys():
        return f"other tables: {before.keys() ^ after.keys()}"
    for name, table in before.items():
        other = after[name]
        if not isinstance(table, (pd.DataFrame, pd.Series)):
            if other != table:
                return f"{name} was {table}, is {other}"
            continue
        if not isinstance(other, type(table)):
            return f"{name} is no table any more"
        if len(other) != len(table):
            fewer = len(other) < len(table) and name.split(".")[0] in _UNCOUNTED
            fewer |= name.startswith("barriers")
            if not fewer or (name == "registrations" and whole["tables"].list_sizes is not None):
                return f"{name} has {len(other)} rows instead of {len(table)}"
            continue
        for column in table.columns if isinstance(table, pd.DataFrame) else ():
            if column not in ("row", "file") and (word := _odd(table[column], other[column])):
                return f"{name}.{column} {word}"
    return ""


def _odd(before: pd.Series[Any], after: pd.Series[Any]) -> str:
    if isinstance(before, gpd.GeoSeries):
        return "" if after.is_valid.all() and not after.is_empty.any() else "is no valid outline"
    old, new = (np.array([str(cell) for cell in cells], dtype=object) for cells in (before, after))
    changed = new[old != new]
    if not len(changed):
        return ""
    if pd.api.types.is_numeric_dtype(before) and pd.api.types.is_numeric_dtype(after):
        numbers = after.to_numpy()[old != new]
        least, most = before.min() / 10, before.max() * 10
        if pd.isna(after).all():
            return ""
        odd = numbers[~((numbers >= least) & (numbers <= most))]
        return f"is {odd[0]}, of {least:g} to {most:g}" if len(odd) else ""
    shapes = {_shape(text) for text in old}
    odd = [text for text in changed if _shape(text) not in shapes]
    return f"is {odd[0]!r}" if odd else ""


def _shape(text: str) -> str:
    return _DIGITS.sub("9", _LETTERS.sub("a", text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of mutants")
    parser.add_argument("--write", type=Path, help="CSV that gets a row for each mutant")
    parser.add_argument("--table", type=Path, help="print the table of such a CSV, and end")
    parser.add_argument("--keep", type=Path, help="folder for mutants that were a fault")
    wanted = parser.parse_args()
    if wanted.table is not None:
        show(pd.read_csv(wanted.table))
        return
    begun, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory() as name, _keeping():
        home = Path(name)
        make_world(home)
        files = sorted(home.iterdir())
        studies = [Whole(home / f"{stem}.toml") for stem in PLANS]
        texts = {
            whole: whole.study.read_text() + " ".join(map(str, whole.plan)) for whole in studies
        }
        known: dict[tuple[Path, bytes], tuple[str, str]] = {}
        gc.collect()
        gc.freeze()
        for number in wanted.only or range(wanted.first, wanted.first + wanted.mutants):
            chance = random.Random(f"{wanted.seed}-{number}")  # noqa: S311 - not for secrets
            path = files[number % len(files)]
            whole = next(one for one in studies if path == one.study or path.name in texts[one])
            before = path.read_bytes()
            kind, after = hurt_file(path, chance)
            path.write_bytes(after)
            same = (path, hashlib.sha256(after).digest())
            if same not in known:
                known[same] = ("unchanged", "") if after == before else whole.outcome()
            result, word = known[same]
            if path.suffix == ".toml" and result == "silent":
                result = "not to be seen"
            rows.append((number, path.name, kind, result))
            if result in {"traceback", "silent"}:
                print(f"{number} {path.name} {kind}: {result} {word}", flush=True)
                if wanted.keep is not None:
                    wanted.keep.mkdir(parents=True, exist_ok=True)
                    (wanted.keep / f"{number}-{path.name}").write_bytes(after)
            path.write_bytes(before)
            if number % 100 == 99 and wanted.write is not None:
                _add(rows, wanted.write)
        left = sorted(set(home.iterdir()) - set(files))
    frame = _add(rows, wanted.write) if wanted.write is not None else _frame(rows)
    show(frame)
    print(f"{len(left)} files left behind; {time.monotonic() - begun:.0f} s, seed {wanted.seed}")


def _keeping() -> Any:
    kept = {name: Kept(getattr(study_files, name)) for name in _READERS}
    return patch.multiple(study_files, **kept)


def _frame(rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["mutant", "file", "hurt", "outcome"])


def _add(rows: list[Any], path: Path) -> pd.DataFrame:
    frame = _frame(rows)
    with suppress(FileNotFoundError):
        frame = pd.concat([pd.read_csv(path), frame]).drop_duplicates("mutant", keep="last")
    frame.sort_values("mutant").to_csv(path, index=False)
    return frame


def show(frame: pd.DataFrame) -> None:
    """Print what became of the mutants, by how they were hurt and by file."""
    outcomes = ["refused", "told", "unchanged", "not to be seen", "silent", "traceback"]
    for by in ("hurt", "file"):
        table = pd.crosstab(frame[by], frame["outcome"]).reindex(columns=outcomes, fill_value=0)
        table = table.assign(all=table.sum(axis=1))
        table.loc["all"] = table.sum()
        print("| " + " | ".join([by, *table.columns]) + " |")
        print("|---" * (len(table.columns) + 1) + "|")
        for name, row in table.iterrows():
            print("| " + " | ".join([str(name), *(f"{count:,}" for count in row)]) + " |")
        print()


if __name__ == "__main__":
    main()
