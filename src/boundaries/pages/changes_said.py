"""What changed between two runs, in sentences and grids.

Goes in: `Changes`. Comes out: a paragraph, and one grid a subject.
Next: `boundaries.pages.changes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from boundaries.pages import words
from boundaries.pages.compare import measure_rows
from boundaries.pages.grid import Cell, Grid, Kind, cell_text, records

if TYPE_CHECKING:
    from boundaries.run.changes import Changes

__all__ = ["SUBJECTS", "grids_of", "paragraph", "the_same"]

SUBJECTS: Final[dict[str, str]] = {
    "data": "Files and their dates",
    "study": "Rules and other choices of the study",
    "locks": "Locks",
    "tool": "Versions and effort",
    "practices_today": "Practices as they are today",
    "lsoas_today": "People of the LSOAs",
    "options": "Options",
    "figures": "Figures",
    "neighbourhoods": "Neighbourhoods",
    "moves": "Practices that change PCN",
    "practices": "Practices in another neighbourhood",
    "lsoas": "LSOAs in another neighbourhood",
    "problems": "Problems found in the data",
}
"""Every table of `Changes`, with its heading."""

_ROWS: Final = 30
_KINDS: Final[dict[str, Kind]] = {
    "rows": "count", "list_size": "people", "list": "people", "residents": "people",
    "residents_in_both": "people", "patients": "people", "practices": "count",
}  # fmt: skip
_HEADINGS: Final = {
    "role": "Used for", "files": "File", "dates": "Date", "rows": "Rows", "key": "Key of the study",
    "value": "Value", "what": "What", "lock": "Lock", "reason": "Reason", "title": "Option",
    "practice_code": "Code", "practice_name": "Practice", "pcn_code": "PCN code",
    "pcn_name": "PCN", "list_size": "List", "list": "List", "postcode": "Postcode",
    "lsoa_code": "Code", "lsoa_name": "LSOA", "residents": "Residents", "patients": "Patients",
    "how_sure": "How sure", "neighbourhood": "Neighbourhood", "name": "Its name",
    "residents_in_both": "Residents in both", "practices": "Practices", "level": "Level",
    "said": "What was found", "pcn_code_to": "Code of the PCN it joins",
    "pcn_name_to": "PCN it joins", "option_id": "Option",
}  # fmt: skip


def grids_of(changes: Changes) -> dict[str, Grid]:
    """Return a grid of every subject that differs, at most so many rows of each."""
    found = {}
    for name, heading in SUBJECTS.items():
        table = changes.tables[name]
        if table.empty:
            continue
        make = _figures if name == "figures" else _plain
        header, rows = make(changes, table)
        left = len(table) - len(rows[:_ROWS])
        note = f"{left:,} more rows are on the sheet {name} of compare.xlsx." if left else ""
        found[name] = Grid(f"{heading}: only what differs", header, rows[:_ROWS], note)
    return found


Rows = tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]


def _plain(changes: Changes, table: pd.DataFrame) -> Rows:
    titles = _titles(changes)
    rows = []
    for record in table.head(_ROWS).to_dict("records"):
        cells = []
        for column, value in record.items():
            kind: Kind = "change" if str(column).endswith("_change") else _kind(str(column))
            missing = value is None or (isinstance(value, float) and pd.isna(value))
            shown = titles.get(str(value), value) if column == "option_id" else value
            cells.append(Cell(None if missing or shown == "" else shown, kind))
        rows.append(tuple(cells))
    return tuple(_heading(str(column)) for column in table.columns), tuple(rows)


def _stem(column: str) -> tuple[str, str]:
    for end, said in (("_a", ", first run"), ("_b", ", second run"), ("_change", ", change")):
        if column.endswith(end):
            return column.removesuffix(end), said
    return column, ""


def _kind(column: str) -> Kind:
    return _KINDS.get(_stem(column)[0], "text")


def _heading(column: str) -> str:
    stem, said = _stem(column)
    return f"{_HEADINGS.get(stem, stem)}{said}"


def _titles(changes: Changes) -> dict[str, str]:
    return {
        option.option_id: option.title for run in (changes.first, changes.second) for option in run
    }


def _figures(changes: Changes, table: pd.DataFrame) -> Rows:
    """Return figures that have words; those that read the same are on the sheet only."""
    titles, known, rows = _titles(changes), _measures(changes), []
    signs: dict[Kind, Kind] = {"share": "points", "people": "change", "count": "change"}
    for row in records(table):
        label, kind = known.get(str(row["measure"]), ("", "decimal"))
        one, other = Cell(row["value_a"], kind), Cell(row["value_b"], kind)
        if label and cell_text(one) != cell_text(other):
            change = Cell(row["change"], signs.get(kind, kind))
            rows.append((Cell(titles[str(row["option_id"])]), Cell(label), one, other, change))
    header = ("Option", "Figure", "First run", "Second run", "Change (shares: percentage points)")
    return header, tuple(rows)


def _measures(changes: Changes) -> dict[str, tuple[str, Kind]]:
    return {
        key: (label, kind)
        for run in (changes.first, changes.second)
        for key, label, kind in measure_rows(run)
    }


def the_same(changes: Changes) -> str:
    """Say which subjects were compared and do not differ."""
    same = [SUBJECTS[name] for name in SUBJECTS if changes.tables[name].empty]
    if not same:
        return ""
    return f"Compared and the same in both: {words.join_names(map(_lower, same))}."


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def paragraph(changes: Changes) -> str:
    """Say what changed, and nothing else, in one paragraph."""
    if changes.nothing:
        return "Nothing that is compared differs between the two runs."
    said = [
        *_data_said(changes.tables["data"]),
        *_study_said(changes.tables["study"]),
        *_locks_said(changes.tables["locks"]),
        *_tool_said(changes.tables["tool"]),
        *_today_said(changes.tables["practices_today"], changes.tables["lsoas_today"]),
        *_options_said(changes),
        *_plans_said(changes),
    ]
    gone, new = ((changes.tables["problems"]["what"] == what).sum() for what in ("gone", "new"))
    if gone or new:
        said.append(f"Of the problems found in the data, {new} are new and {gone} are gone.")
    return " ".join(said)


def _data_said(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return []
    uses = []
    for row in records(table):
        dates = [_days(row["dates_a"]), _days(row["dates_b"])]
        dated = f" ({dates[0] or 'no date'}, now {dates[1] or 'no date'})" if any(dates) else ""
        uses.append(f"{row['role'].replace('_', ' ')}{dated}")
    return [f"Other files are read as {words.join_names(uses)}."]


def _days(dates: str) -> str:
    return words.join_names(words.day(date) for date in dates.split("; ")) if dates else ""


def _study_said(table: pd.DataFrame) -> list[str]:
    if table.empty:
        return []
    keys = [
        f"{row['key']} is {row['value_b'] or 'not set'} (was {row['value_a'] or 'not set'})"
        for row in records(table.head(8))
    ]
    more = f", and {len(table) - 8} more keys" if len(table) > 8 else ""
    return [f"In the study {'; '.join(keys)}{more}."]


def _locks_said(table: pd.DataFrame) -> list[str]:
    said = []
    for what in ("new", "taken away"):
        locks = list(table.loc[table["what"] == what, "lock"])
        if locks:
            verb = "is" if len(locks) == 1 else "are"
            said.append(f"{words.count_of(len(locks), 'lock').capitalize()} {verb} {what}: "
                        f"{'; '.join(locks[:8])}.")  # fmt: skip
    return said


def _tool_said(table: pd.DataFrame) -> list[str]:
    return [
        f"{str(row['what']).capitalize()}: {row['value_b'] or 'not known'} "
        f"(was {row['value_a'] or 'not known'})."
        for row in records(table)
    ]


def _today_said(practices: pd.DataFrame, lsoas: pd.DataFrame) -> list[str]:
    said = []
    lists = practices.reindex(columns=["list_size_a", "list_size_b", "list_change"])
    one_run = lists["list_size_a"].isna() != lists["list_size_b"].isna()
    for end, verb in (("b", "came"), ("a", "went")):
        rows = one_run & lists[f"list_size_{end}"].notna()
        if rows.any():
            named = practices.loc[rows, f"practice_name_{end}"]
            said.append(f"{_many(len(named), 'practice')} {verb}: {_some(named)}.")
    kept = practices[~one_run]
    if "pcn_code_a" in practices:
        other_pcn = kept.loc[kept["pcn_code_a"].fillna("") != kept["pcn_code_b"].fillna("")]
        names = other_pcn.get("practice_name_b", other_pcn.get("practice_name"))
        if len(other_pcn) and names is not None:
            verb = "is" if len(other_pcn) == 1 else "are"
            said.append(f"{_many(len(other_pcn), 'practice')} {verb} in "
                        f"another PCN: {_some(names)}.")  # fmt: skip
    other = lists.loc[~one_run & lists["list_change"].fillna(0).ne(0), "list_change"]
    if len(other):
        said.append(
            f"The list of {words.count_of(len(other), 'practice')} has another length, "
            f"{words.change(other.sum())} patients in all."
        )
    for column, who in (("residents", "residents"), ("patients", "patients of the practices")):
        name = f"{column}_change"
        if name not in lsoas:
            continue
        change: pd.Series[float] = lsoas.loc[lsoas[name] != 0, name]
        if len(change):
            said.append(
                f"{_many(len(change), 'LSOA')} {'has' if len(change) == 1 else 'have'} another "
                f"number of {who}, {words.change(change.sum())} in all."
            )
    return said


def _many(number: int, noun: str) -> str:
    said = words.count_of(number, noun)
    return f"{said[0].upper()}{said[1:]}"


def _some(names: pd.Series[str]) -> str:
    more = [f"{len(names) - 8} more"] if len(names) > 8 else []
    return words.join_names([*names.head(8), *more])


def _options_said(changes: Changes) -> list[str]:
    table, said = changes.tables["options"], []
    for own, other, which in (("title_b", "title_a", "second"), ("title_a", "title_b", "first")):
        titles = [f"“{title}”" for title in table.loc[table[other] == "", own]]
        if titles:
            said.append(f"Only the {which} run has {words.join_names(titles)}.")
    both = table[(table["title_a"] != "") & (table["title_b"] != "")]
    said += [
        f"“{row['title_b']}”: {row['how_sure_b']} (was {row['how_sure_a']})."
        for row in records(both)
        if row["how_sure_a"] != row["how_sure_b"]
    ]
    said += [
        f"What is called “{row['title_b']}” ({row['option_id']}) was “{row['title_a']}”."
        for row in records(both)
        if row["title_a"] != row["title_b"]
    ]
    return said


def _plans_said(changes: Changes) -> list[str]:
    """Say of every option of both runs what of it differs."""
    titles, known, said = _titles(changes), _measures(changes), []
    for option in changes.first:
        key = option.option_id
        figures = _rows(changes, "figures", key).set_index("measure")
        parts = []
        for measure in ("alignment", "practices_moved"):
            if measure in figures.index:
                row, kind = figures.loc[measure].to_dict(), known[measure][1]
                shown = [cell_text(Cell(row[end], kind)) for end in ("value_b", "value_a")]
                what = "aligned" if measure == "alignment" else "practices that change PCN"
                if shown[0] != shown[1]:
                    parts.append(f"{what} {shown[0]} (was {shown[1]})")
        lsoas, practices = _rows(changes, "lsoas", key), _rows(changes, "practices", key)
        if len(lsoas):
            who = words.people(lsoas["residents"].sum())
            parts.append(f"{_count(len(lsoas), 'LSOA')} with {who} residents in another "
                         "neighbourhood")  # fmt: skip
        if len(practices):
            parts.append(f"{_count(len(practices), 'practice')} in another neighbourhood")
        moves = _rows(changes, "moves", key)
        if len(moves):
            parts.append(f"{_count(len(moves), 'move')} of one run that the other does not have")
        if not parts and len(figures):
            parts.append(f"{_count(len(figures), 'figure')} differ, no line and no practice does")
        if parts:
            said.append(f"In “{titles[key]}”: {'; '.join(parts)}.")
    return said


def _count(number: int, noun: str) -> str:
    return words.count_of(number, noun)


def _rows(changes: Changes, name: str, option_id: str) -> Any:
    table = changes.tables[name]
    return table[table["option_id"] == option_id] if len(table) else table
