"""Which LSOAs are neighbours: a shared border longer than 0 m, and the study's edits.

Goes in: a clean coverage, cut pairs (river, railway, motorway) and added pairs (bridge, ferry).
Comes out: the pairs of rule 2, and the separate pieces of the place. Next: `boundaries.solve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from boundaries.checks.words import code_fix, counted, listing
from boundaries.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd

__all__ = ["draw_borders", "edit_pairs", "find_neighbours", "find_pieces", "piece_problems"]

_PAIR = ["lsoa_code_a", "lsoa_code_b"]

_FEW: Final = 3
_PART_ALONE: Final = 0.1
"""When this share of the LSOAs, and not just a few, touch nobody, the polygons do not fit."""

_PAIRS_SHOWN: Final = 3


def find_neighbours(lsoas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find every pair of LSOAs that share a border.

    Parameters
    ----------
    lsoas
        A clean coverage (`boundaries.place.coverage.clean_coverage`), index ``lsoa_code``,
        EPSG:27700. Corners of shared borders must match exactly.

    Returns
    -------
    pandas.DataFrame
        Columns lsoa_code_a < lsoa_code_b, border_m (length of the shared border in metres,
        rounded to 1 mm); sorted.
    """
    pairs, ends = _shared_segments(lsoas)
    pairs["border_m"] = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    return pairs.groupby(_PAIR)["border_m"].sum().round(3).reset_index()


def draw_borders(lsoas: gpd.GeoDataFrame) -> dict[tuple[str, str], shapely.Geometry]:
    """Return the shared border of every pair that `find_neighbours` finds, as lines."""
    pairs, ends = _shared_segments(lsoas)
    number = pairs.groupby(_PAIR).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    lines = np.asarray(shapely.linestrings(ends[order].reshape(-1, 2, 2)))
    drawn = np.asarray(shapely.multilinestrings(lines, indices=number[order]))
    first = pairs.iloc[order].drop_duplicates(_PAIR)
    return dict(
        zip(zip(first["lsoa_code_a"], first["lsoa_code_b"], strict=True), drawn, strict=True)
    )


def _shared_segments(lsoas: gpd.GeoDataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Pair of LSOAs (the smaller code first) and ends of every straight piece of shared border."""
    codes = lsoas.index.to_numpy()
    owner, ends = _segments(lsoas.geometry.to_numpy())
    order = np.lexsort((ends[:, 3], ends[:, 2], ends[:, 1], ends[:, 0]))
    owner, ends = owner[order], ends[order]
    same = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] != owner[:-1])
    first, second = (codes[side[same]].astype(str) for side in (owner[:-1], owner[1:]))
    swap = first > second
    pairs = pd.DataFrame(
        {"lsoa_code_a": np.where(swap, second, first), "lsoa_code_b": np.where(swap, first, second)}
    )
    return pairs, ends[:-1][same]


def edit_pairs(
    borders: pd.DataFrame,
    *,
    codes: pd.Index[str],
    cut: pd.DataFrame | None,
    added: pd.DataFrame | None,
    known: frozenset[str] = frozenset(),
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Problem, ...]]:
    """Take the study's cut pairs out of the borders and put its added pairs in.

    Parameters
    ----------
    borders
        As `find_neighbours` returns them.
    codes
        LSOAs of the place.
    cut, added
        Columns lsoa_code_a, lsoa_code_b, row, file; or None.
    known
        LSOAs of the whole layer: a pair of another place is left aside, not refused.

    Returns
    -------
    tuple
        The neighbours (borders' columns and why: ``added``, else empty), the pairs that were cut,
        and the problems found.
    """
    cuts, problems = _tidy_pairs(cut, codes, known, "neighbours.cut")
    adds, found = _tidy_pairs(added, codes, known, "neighbours.add")
    problems += found
    border = pd.MultiIndex.from_frame(borders[_PAIR])
    for pair in sorted(cuts.keys() & adds.keys()):
        said = f"{pair[0]} and {pair[1]} are both cut and added."
        problems.append(Problem("error", *cuts[pair], pair[0], "neighbours", said, "Keep one."))
    for pair in sorted(cuts.keys() - set(border)):
        said = f"{pair[0]} and {pair[1]} are cut but share no border."
        fix = "Check the two codes."
        problems.append(Problem("warning", *cuts[pair], pair[0], "neighbours.cut", said, fix))
    for pair in sorted(adds.keys() & set(border)):
        said = f"{pair[0]} and {pair[1]} are added but share a border already."
        problems.append(Problem("note", *adds[pair], pair[0], "neighbours.add", said, "Nothing."))
    is_cut = border.isin(list(cuts)) if cuts else np.zeros(len(borders), dtype=bool)
    new = sorted(adds.keys() - set(border))
    extra = pd.DataFrame(
        {
            "lsoa_code_a": pd.Series([pair[0] for pair in new], dtype="str"),
            "lsoa_code_b": pd.Series([pair[1] for pair in new], dtype="str"),
            "border_m": pd.Series(0.0, index=range(len(new))),
            "why": pd.Series("added", index=range(len(new)), dtype="str"),
        }
    )
    kept = borders[~is_cut].assign(why="")
    neighbours = pd.concat([kept, extra]) if new else kept
    neighbours = neighbours.sort_values(_PAIR, ignore_index=True)
    return neighbours, borders[is_cut].reset_index(drop=True), tuple(problems)


def find_pieces(neighbours: pd.DataFrame, codes: pd.Index[str]) -> tuple[tuple[str, ...], ...]:
    """Return the separate pieces of a place, largest first, each a sorted tuple of codes."""
    beside: dict[str, list[str]] = {str(code): [] for code in codes}
    for one, other in zip(neighbours["lsoa_code_a"], neighbours["lsoa_code_b"], strict=True):
        beside[one].append(other)
        beside[other].append(one)
    left, pieces = set(beside), []
    for start in sorted(beside):
        if start not in left:
            continue
        piece, todo = {start}, [start]
        while todo:
            new = [code for code in beside[todo.pop()] if code not in piece]
            piece.update(new)
            todo += new
        left -= piece
        pieces.append(tuple(sorted(piece)))
    return tuple(sorted(pieces, key=lambda piece: (-len(piece), piece)))


def piece_problems(
    lsoas: gpd.GeoDataFrame,
    pieces: tuple[tuple[str, ...], ...],
    *,
    limits: Sequence[tuple[int, int]],
    file: str = "lsoas",
) -> Iterator[Problem]:
    """Yield what is wrong with a place in pieces: no neighbourhood spans two of them.

    Parameters
    ----------
    lsoas
        Index ``lsoa_code``; columns lsoa_name, residents; EPSG:27700.
    pieces
        As `find_pieces` returns them.
    limits
        Least and most residents of a neighbourhood, for each count of them that is asked for.

    Yields
    ------
    Problem
        One error when LSOAs by the dozen touch nobody: such polygons do not fit together. Else an
        error for each piece that cannot be cut into neighbourhoods by itself, a warning for each
        other one that no border or bridge joins to a larger one, with the nearest pairs.
    """
    alone = [piece[0] for piece in pieces if len(piece) == 1]
    if len(alone) >= max(_FEW, _PART_ALONE * len(lsoas)):
        away = _nearest_pairs(lsoas, [alone[0]], lsoas.index.drop(alone[0]).tolist(), 1)[0][2]
        said = (
            f"The LSOAs do not touch: {len(alone):,} of {len(lsoas):,} share no border with any"
            f" other (the nearest to {alone[0]} is {away:,.1f} m away)."
        )
        fix = "Use one publisher's LSOA layer, unedited: its polygons share their borders."
        yield Problem("error", file, None, "", "geometry", said, fix)
        return
    for at, piece in enumerate(pieces if len(pieces) > 1 else ()):
        rest = [code for other in pieces if other is not piece for code in other]
        names = listing(lsoas.loc[list(piece), "lsoa_name"], 5)
        residents = int(lsoas.loc[list(piece), "residents"].sum())
        lonely = "is an island" if len(piece) == 1 else "are a piece apart"
        nearest = "; ".join(
            f"{one} and {other}, {away:,.0f} m apart"
            for one, other, away in _nearest_pairs(lsoas, list(piece), rest, _PAIRS_SHOWN)
        )
        said = (
            f"{counted(len(piece), 'LSOA')} ({names}) {lonely}: no border with the rest of the"
            f" place, and no neighbourhood is in both. Nearest pairs: {nearest}."
        )
        if not any(_holds(residents, *limit) for limit in limits):
            least, most = limits[-1]
            said += (
                f" With {residents:,} residents it cannot be neighbourhoods of {least:,} to"
                f" {most:,} by itself."
            )
            fix = "If people cross there, add a pair in [neighbours]; else widen the band."
            yield Problem("error", file, None, piece[0], "geometry", said, fix)
        elif at:
            fix = "If people cross there, add a pair in [neighbours]; else nothing."
            yield Problem("warning", file, None, piece[0], "geometry", said, fix)


def _holds(residents: int, least: int, most: int) -> bool:
    """Say whether some number of neighbourhoods shares out so many residents within the limits."""
    return 0 < residents <= residents // max(1, least) * most


def _nearest_pairs(
    lsoas: gpd.GeoDataFrame, here: list[str], there: list[str], most: int
) -> list[tuple[str, str, float]]:
    """Return pairs of LSOAs of two pieces and the metres between, nearest and longest beside."""
    shapes, others = (np.asarray(lsoas.geometry.loc[codes]) for codes in (here, there))
    tree = shapely.STRtree(others)
    (one, other), away = tree.query_nearest(shapes, return_distance=True, all_matches=True)
    beside = shapely.length(shapely.intersection(shapes[one], others[other]))
    order = np.lexsort((other, one, -beside.round(3), away.round(3)))[:most]
    return [(here[one[at]], there[other[at]], float(away[at])) for at in order]


def _segments(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Owner and ends (the smaller end first) of every straight piece of every outline."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    follows = point_ring[1:] == point_ring[:-1]
    start, end = points[:-1][follows], points[1:][follows]
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(turn[:, None], np.hstack([end, start]), np.hstack([start, end]))
    return part_owner[ring_part][point_ring[:-1][follows]], ends


def _tidy_pairs(
    pairs: pd.DataFrame | None, codes: pd.Index[str], known: frozenset[str], field: str
) -> tuple[dict[tuple[str, str], tuple[str, int | None]], list[Problem]]:
    tidy: dict[tuple[str, str], tuple[str, int | None]] = {}
    problems: list[Problem] = []
    aside = 0
    for row in pairs.to_dict("records") if pairs is not None else ():
        one, other = sorted((str(row["lsoa_code_a"]), str(row["lsoa_code_b"])))
        number = row.get("row")
        where = (str(row.get("file") or "study"), None if pd.isna(number) else int(number))
        unknown = [code for code in (one, other) if code not in codes]
        if one == other:
            said = f"{one} is paired with itself."
            problems.append(Problem("error", *where, one, field, said, "Give two LSOAs."))
        elif unknown and all(code in known for code in unknown):
            aside += 1
        elif unknown:
            for code in unknown:
                said = f"{code} is no LSOA of the place."
                fix = code_fix(code, codes)
                problems.append(Problem("error", *where, code, field, said, fix))
        elif (one, other) in tidy:
            said = f"{one} and {other} are named twice."
            problems.append(Problem("note", *where, one, field, said, "Nothing."))
        else:
            tidy[(one, other)] = where
    if aside:
        said = f"Left aside: {counted(aside, 'pair')} of other places."
        problems.append(Problem("note", "study", None, "", field, said, "Nothing."))
    return tidy, problems
