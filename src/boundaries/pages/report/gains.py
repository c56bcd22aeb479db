"""What a gain is made of, said and in a table: fewer areas, new lines, moves.

Goes in: a `Run`. Comes out: sentences and a grid for the first page, in the report and in Word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.naming import allowed_moves
from boundaries.run.gains import gains_table, steps_of

if TYPE_CHECKING:
    from boundaries.run import Option, Run

__all__ = ["part_sentences", "parts_grid"]

_WHAT: Final = {
    "grouping": "Today’s areas, whole, put together",
    "lines": "Lines drawn anew, no practice moves",
}


def part_sentences(run: Run) -> list[str]:
    """Say each step from today: what changes, alignment before and after, and pairs parted."""
    return [_said(*step) for step in steps_of(run.options)]


def _said(before: Option, after: Option, what: str) -> str:
    one, other = before.measures.summary, after.measures.summary
    count = words.count_of(int(other["neighbourhoods"]), "neighbourhood")
    step = {
        "grouping": f"Putting today’s areas together, whole, into {count} and nothing else",
        "lines": f"Drawing the lines of {count} anew, with no practice moving",
        "moves": f"Allowing {words.count_of(allowed_moves(after), 'move')}",
    }[what]
    shares = [words.share(summary["alignment"], missing="*") for summary in (one, other)]
    pairs = int(other["pairs_parted"] - one["pairs_parted"])
    parted = "as many pairs of neighbouring LSOAs are parted"
    if pairs:
        parted = f"{words.more_or_fewer(pairs, 'pairs of neighbouring LSOAs')} are parted"
    broken = " It does not keep all the rules." if after.measures.broken else ""
    return f"{step}: alignment from {shares[0]} to {shares[1]}; {parted}.{broken}"


def parts_grid(run: Run) -> Grid | None:
    """Return the steps as a table; None in a run without a ladder."""
    table = gains_table(run.options)
    if table.empty:
        return None
    rows = []
    for (_, after, what), row in zip(steps_of(run.options), table.to_dict("records"), strict=True):
        moves = words.count_of(allowed_moves(after), "practice move")
        key, people = f"gains.csv|{row['option_id']}", "misaligned_patients_change"
        rows.append(
            (
                Cell(_WHAT.get(what, f"At most {moves}")),
                Cell(row["alignment_before"], "share", f"{key}|alignment_before"),
                Cell(row["alignment"], "share", f"{key}|alignment"),
                Cell(row["alignment_change"], "points", f"{key}|alignment_change"),
                Cell(row[people], "change", f"{key}|{people}"),
                Cell(row["pairs_parted_change"], "change", f"{key}|pairs_parted_change"),
            )
        )
    return Grid(
        "What a gain is made of: each step against the one before",
        ("Step", "Aligned before", "Aligned", "Points", "Patients misaligned", "Pairs parted"),
        tuple(rows),
        "Fewer areas align more patients by themselves, wherever the lines are.",
    )
