"""Faults of practices and their PCNs: site, status, setting, membership.

Goes in: `Tables` and `Scope`. Comes out: problems, each naming its practice or PCN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Point

from boundaries.checks.scope import WORTH_PLACING
from boundaries.checks.words import counted, file_of, listing, row_of, source_file
from boundaries.codes import PRACTICE, is_gp_practice, setting_words
from boundaries.problems import Problem
from boundaries.read.districts import code_today

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boundaries.checks.scope import Scope
    from boundaries.problems import Level
    from boundaries.read.tables import Tables
    from boundaries.study import Study

__all__ = ["member_problems", "practice_problems", "site_problems"]

FAR_M: Final = 8_000.0
FAR_TIMES: Final = 3.0
"""A practice further than 8 km from every other practice of its PCN is worth a look when that is
also further than any two of those stand apart, and three times what is usual in the place: the
postcode may be wrong, or the PCN may not be one neighbourhood. In the country practices of one PCN
stand in towns 10 km apart, and where most of the patients live within that distance of the
practice, its postcode is right: that is a note."""

MANY_LSOAS: Final = 2_000
"""A London practice has patients in about 195 LSOAs (median, July 2022; a place has 150 or so);
digital-first and care-home lists have thousands (GP at Hand, E85124: 8,238)."""

NOT_OPEN: Final = {"C": "closed", "D": "dormant", "P": "proposed"}
"""ODS status codes other than A, active."""


def practice_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield faults of the practice file: doubles, status, setting, lists without a geography."""
    file = source_file(tables, "practices")
    yield from _doubles(tables)
    frame = scope.practices
    for code, row in frame[frame["inside"] | frame["of_place"]].iterrows():
        if row["list_size"] > 0:
            yield from _about(str(code), row, file)
    practice = frame["prescribing_setting"].map(is_gp_practice)
    quiet = frame["inside"] & (frame["list_size"] == 0) & frame["status"].isin(["", "A"])
    idle = frame.index[quiet & practice]
    if len(idle):
        said = (
            f"No registrations name {counted(len(idle), 'active GP practice')} in the place:"
            f" left out: {listing(idle)}."
        )
        fix = "Nothing, if they have no lists; else check the registrations file."
        yield Problem("note", file, None, "", "list_size", said, fix)


def site_problems(tables: Tables, scope: Scope, study: Study) -> Iterator[Problem]:
    """Yield faults of where practices stand: no coordinates, or far from their PCN."""
    file = source_file(tables, "practices")
    frame = scope.practices
    placed = frame["easting"].notna() & frame["northing"].notna()
    concerned = (frame["patients_inside"] > 0) & (frame["list_size"] > 0)
    if concerned.any() and not (placed & concerned).any():
        said = "None of the practices with patients in the place has coordinates."
        fix = "Name a postcodes file in [data] (OS Code-Point Open or the ONS directory)."
        yield Problem("error", file, None, "", "postcode", said, fix)
        return
    excluded = frame.index.isin(study.place.exclude_practices)
    mostly_here = frame["patients_inside"] * 2 > frame["list_size"]
    lost = frame[~placed & concerned & (mostly_here | frame["of_place"]) & ~excluded]
    away = lost[~lost["listed"] & ~lost["whole"] & ~lost["of_place"]]
    lost = lost.drop(away.index)
    if len(away):
        said = (
            f"{counted(len(away), 'practice')} that the practice file does not know have only"
            f" residents of the place in the registrations"
            f" ({away['patients_inside'].sum():,} patients): {listing(away.index)}."
        )
        fix = "Nothing, if these files were cut to the place: they count as registered elsewhere."
        yield Problem("note", file, None, "", "postcode", said, fix)
    large = lost[lost["of_place"] | (lost["patients_inside"] >= WORTH_PLACING)]
    for code, row in large.iterrows():
        yield _no_site(str(code), row, file)
    small = lost.drop(large.index)
    if len(small):
        said = (
            f"Without coordinates, and with a few patients each in the place"
            f" ({small['patients_inside'].sum():,} together): {counted(len(small), 'practice')},"
            f" {listing(small.index)}."
        )
        fix = "Nothing: they are taken to stand elsewhere."
        yield Problem("note", file, None, "", "postcode", said, fix)
    for code, row in frame[frame["of_place"] & placed & ~frame["inside"]].iterrows():
        site = Point(row["easting"], row["northing"])
        outside = scope.lsoas.geometry.distance(site).min() / 1000
        said = f"{code} {row['practice_name']} is included but stands {outside:,.1f} km outside."
        yield Problem("note", file, row_of(row["row"]), str(code), "postcode", said, "Nothing.")
    yield from _far_from_pcn(tables, scope, file)
    yield from _other_borough(tables, scope)


def member_problems(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Yield faults of membership: none, several at once, PCNs that reach out of the place."""
    file = source_file(tables, "memberships" if len(tables.memberships) else "practices")
    pcn_of = scope.pcn_of
    ours = scope.of_place
    on = f" on {tables.memberships_on}" if tables.memberships_on else ""
    for code in pcn_of.index[pcn_of.isna()]:
        said = (
            f"{code} {ours.loc[code, 'practice_name']} has no PCN{on}"
            f" ({counted(ours.loc[code, 'list_size'], 'patient')}): it is placed freely."
        )
        fix = "Check the membership file if it should have one."
        yield Problem("warning", file, None, str(code), "pcn_code", said, fix)
    members = scope.members
    pcns = set(pcn_of.dropna())
    for code, row in members[(members["others"] != "") & members["pcn_code"].isin(pcns)].iterrows():
        said = (
            f"{code} is a member of {row['pcn_code']} and of {row['others']}{on};"
            " the latest start is kept."
        )
        fix = "End the older membership in the file."
        yield Problem(
            "warning", str(row["file"]), row_of(row["row"]), str(code), "start", said, fix
        )
    yield from _two_files(tables, scope)
    yield from _reaching_out(scope, file)


def _about(code: str, row: pd.Series, file: str) -> Iterator[Problem]:
    """Yield what is odd about one practice that stands in the place or is included."""
    about = f"{code} {row['practice_name']}"
    where = (file if pd.isna(row["file"]) else str(row["file"]), row_of(row["row"]), code)
    people = counted(int(row["list_size"]), "registered patient")
    setting = str(row["prescribing_setting"])
    if row["of_place"] and row["status"] in NOT_OPEN:
        said = f"{about} is {NOT_OPEN[row['status']]} in the practice file and has {people}."
        fix = "Exclude it in [place] if its list has gone elsewhere; it is kept for now."
        yield Problem("warning", *where, "status", said, fix)
    if row["of_place"] and row["status"] in {"A", ""} and not pd.isna(row["close_date"]):
        said = f"{about} is active in the practice file but has the close date"
        said += f" {row['close_date'].date()}; it has {people}."
        fix = "Exclude it in [place] if its list has gone elsewhere; it is kept for now."
        yield Problem("warning", *where, "close_date", said, fix)
    if row["of_place"] and not is_gp_practice(setting):
        said = f"{about} is listed as {setting_words(setting)}, not as a GP practice;"
        said += f" it has {people}."
        fix = "Exclude it in [place] if it should not count as a practice; it is kept for now."
        yield Problem("warning", *where, "prescribing_setting", said, fix)
    if row["of_place"] and row["lsoas"] > MANY_LSOAS:
        said = (
            f"{about} has {people} spread over {row['lsoas']:,} LSOAs,"
            f" {row['patients_inside']:,} of them living in the place: not a local list."
        )
        fix = "Consider exclude_practices in [place]: its list says little about geography."
        yield Problem("warning", *where, "list_size", said, fix)
    if row["of_place"] and not PRACTICE.match(code):
        said = f"{code!r} does not look like a practice code (a letter and five digits)."
        yield Problem("warning", *where, "practice_code", said, "Check the code.")


def _no_site(code: str, row: pd.Series, file: str) -> Problem:
    what = f"postcode {row['postcode']} is not known" if row["postcode"] else "no postcode"
    if not row["listed"]:
        what = "it is not in the practice file"
    kept = "it is left out of the place"
    if row["of_place"]:
        kept = "it is counted in, since most of its patients live here, and not drawn"
    said = (
        f"{code} {row['practice_name']} has no coordinates ({what}); {kept}."
        f" {row['patients_inside']:,} of its {row['list_size']:,} patients live in the place."
    )
    fix = "Give its easting and northing in the practice file, or include or exclude it."
    return Problem("warning", file, row_of(row["row"]), code, "postcode", said, fix)


def _doubles(tables: Tables) -> Iterator[Problem]:
    rows = tables.practices
    double = rows[rows["practice_code"].duplicated(keep=False)]
    for code, group in double.groupby("practice_code"):
        columns = ["practice_name", "postcode", "status", "pcn_code", "easting", "northing"]
        same = len(group[columns].drop_duplicates()) == 1
        said = f"{code} stands {len(group)} times in the practice files"
        said += ", the same each time." if same else ", with different details; the first is used."
        level: Level = "note" if same else "warning"
        row, fix = row_of(group["row"].iloc[1]), "Keep one row a practice."
        yield Problem(
            level, file_of(group, "practices"), row, str(code), "practice_code", said, fix
        )


def _far_from_pcn(tables: Tables, scope: Scope, file: str) -> Iterator[Problem]:
    frame = scope.practices.join(scope.members[["pcn_code", "pcn_name"]])
    frame = frame[frame["pcn_code"].isin(set(scope.pcn_of.dropna())) & frame["easting"].notna()]
    frame = frame[frame["list_size"] > 0]
    apart = {pcn: _apart(group) for pcn, group in frame.groupby("pcn_code") if len(group) > 1}
    nearest_of = np.concatenate([away.min(axis=1) for away in apart.values()] or [np.zeros(1)])
    usual = max(FAR_M, FAR_TIMES * float(np.median(nearest_of)))
    for pcn, away in apart.items():
        group = frame[frame["pcn_code"] == pcn]
        for at, code in enumerate(group.index):
            nearest = away[at].min()
            others = np.delete(np.delete(away, at, axis=0), at, axis=1)
            across = _across(others) if len(others) > 1 else _widest(apart, pcn)
            if nearest <= max(usual, across):
                continue
            name, network = group.loc[code, ["practice_name", "pcn_name"]]
            said = (
                f"{code} {name} stands {nearest / 1000:,.1f} km from the nearest other practice of"
                f" {network} ({pcn!s})."
            )
            level: Level = "warning"
            fix = "Check its postcode."
            if _among_its_patients(tables, scope, str(code)):
                level, fix = "note", "Nothing: most of its patients live around it."
            row = row_of(group.loc[code, "row"])
            yield Problem(level, file, row, str(code), "postcode", said, fix)


def _among_its_patients(tables: Tables, scope: Scope, code: str) -> bool:
    """Say whether most of a practice's patients in the place live within 8 km of its site."""
    rows = tables.registrations
    rows = rows[(rows["practice_code"] == code) & rows["lsoa_code"].isin(scope.lsoas.index)]
    if rows.empty:
        return False
    site = Point(*scope.practices.loc[code, ["easting", "northing"]])
    homes = scope.lsoas.geometry.reindex(rows["lsoa_code"])
    away = shapely.distance(np.asarray(homes), site)
    patients = rows["patients"].to_numpy()
    return bool(2 * patients[away <= FAR_M].sum() > patients.sum())


def _apart(group: pd.DataFrame) -> np.ndarray:
    """Return the metres between the practices of a PCN; infinite from one to itself."""
    sites = group["easting"].to_numpy() + 1j * group["northing"].to_numpy()
    metres: np.ndarray = np.abs(sites[:, None] - sites[None, :])
    np.fill_diagonal(metres, np.inf)
    return metres


def _across(apart: np.ndarray) -> float:
    """Return the metres between the two practices that stand furthest apart."""
    return float(apart.max(initial=0.0, where=np.isfinite(apart)))


def _widest(apart: Mapping[Any, np.ndarray], pcn: object) -> float:
    """Return the metres across the widest of the other PCNs."""
    return max((_across(away) for other, away in apart.items() if other != pcn), default=0.0)


def _other_borough(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Practices whose postcode record says another borough than the polygons do."""
    if tables.postcodes is None or "borough_code" not in tables.postcodes.columns:
        return
    known = tables.postcodes["borough_code"]
    known = known[~known.index.duplicated()].fillna("").astype(str)
    ours = scope.of_place[scope.of_place["inside"]]
    said_by_postcode = ours["postcode"].map(known).fillna("")
    differ = said_by_postcode.map(code_today) != ours["borough_code"].map(code_today)
    differ &= said_by_postcode != ""
    differ &= ours["borough_code"].str.match(r"^[EW]0")
    for code in ours.index[differ]:
        name, borough = ours.loc[code, ["practice_name", "borough_code"]]
        said = (
            f"{code} {name} stands in {borough} by"
            f" the polygons and in {said_by_postcode[code]} by its postcode; polygons are used."
        )
        fix = "Include or exclude it in [place] if the postcode is right."
        yield Problem(
            "warning", source_file(tables, "postcodes"), None, str(code), "borough_code", said, fix
        )


def _two_files(tables: Tables, scope: Scope) -> Iterator[Problem]:
    """Practices whose PCN differs between the membership file and the practice file."""
    if not len(tables.memberships) or "pcn_code" not in tables.practices.columns:
        return
    listed = tables.practices.drop_duplicates("practice_code").set_index("practice_code")
    other = listed["pcn_code"].fillna("").reindex(scope.of_place.index).fillna("")
    pcn_of = scope.pcn_of
    for code in other.index[(other != "") & pcn_of.notna() & (other != pcn_of.fillna(""))]:
        said = (
            f"{code} is in {pcn_of[code]} by the membership file on {tables.memberships_on} and in"
            f" {other[code]} by the practice file; the membership file is used."
        )
        fix = "Check which is right on that date."
        row = row_of(listed.loc[code, "row"])
        yield Problem(
            "warning", str(listed.loc[code, "file"]), row, str(code), "pcn_code", said, fix
        )


def _reaching_out(scope: Scope, file: str) -> Iterator[Problem]:
    names = scope.lsoas.drop_duplicates("borough_code").set_index("borough_code")["borough_name"]
    for pcn, group in scope.partners.groupby("pcn_code"):
        total, name = group["list_size"].sum(), group["pcn_name"].iloc[0]
        away = group[~group["of_place"]]
        if len(away):
            said = (
                f"{name} has {counted(len(away), 'practice')} of {len(group)} outside the place,"
                f" with {away['list_size'].sum():,} of its {total:,} patients:"
                f" {listing(away.index)}."
            )
            fix = "Nothing: they count towards the PCN's list and never move."
            yield Problem("note", file, None, str(pcn), "pcn_code", said, fix)
        boroughs = group.loc[group["of_place"], "borough_code"].map(names).dropna().unique()
        if len(boroughs) > 1:
            said = f"{name} has practices in {' and '.join(sorted(boroughs))}."
            yield Problem("note", file, None, str(pcn), "pcn_code", said, "Nothing.")
        lost = away.index[away["list_size"] == 0]
        if len(lost):
            said = f"{name}: no registrations name {listing(lost)}; its list may be larger."
            fix = "Give registrations that hold all practices of the PCN, if these are open."
            yield Problem("warning", file, None, str(pcn), "list_size", said, fix)
