"""What a gain is made of, said and in a table: fewer areas, new lines, moves.

Goes in: a `Run`. Comes out: sentences and a grid for the first page, in the report and in Word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.grid import Cell, Grid
from boundaries.pages.naming import allowed_moves, team_labels
from boundaries.run.gains import gains_table, steps_of

if TYPE_CHECKING:
    from boundaries.run import Option, Run

__all__ = ["changes_said", "part_sentences", "parts_grid"]

_WHAT: Final = {
    "grouping": "Today’s areas, whole, put together",
    "lines": "Lines drawn anew, no practice moves",
}


def part_sentences(run: Run) -> list[str]:
    """Say the parts of a gain: today's areas put together, lines drawn anew, practices moved.

    The moves of a ladder are one part here; what each of them buys is said with the ladder.
    """
    steps = list(steps_of(run.options))
    said = [_said(run, *step) for step in steps if step[2] != "moves"]
    counts = dict.fromkeys(_count(after) for _, after, what in steps if what == "moves")
    for count in counts:
        rungs = [step for step in steps if step[2] == "moves" and _count(step[1]) == count]
        said.append(_said(run, rungs[0][0], rungs[-1][1], "moves"))
    return said


def _count(option: Option) -> int:
    return int(option.measures.summary["neighbourhoods"])


def _said(run: Run, before: Option, after: Option, what: str) -> str:
    count = words.count_of(_count(after), "neighbourhood")
    step = {
        "grouping": f"Putting today’s areas together, whole, into {count} and nothing else",
        "lines": f"Drawing the lines of {count} anew, with no practice moving",
        "moves": f"Allowing {words.count_of(allowed_moves(after), 'move')}",
    }[what]
    shares = [
        words.share(option.measures.summary["alignment"], missing="*") for option in (before, after)
    ]
    broken = " It does not keep all the rules." if after.measures.broken else ""
    return (
        f"{step}: alignment from {shares[0]} to {shares[1]}; "
        f"{'; '.join(changes_said(run, before, after))}.{broken}"
    )


def changes_said(run: Run, before: Option, after: Option) -> list[str]:
    """Say a step in its parts: pairs parted, team changes, and the sum that the search makes small.

    Of today nobody decided anything and no team changes: against today only the pairs are said.
    """
    one, other = before.measures.summary, after.measures.summary
    pairs = int(other["pairs_parted"] - one["pairs_parted"])
    parted = "as many pairs of neighbouring LSOAs are parted"
    if pairs:
        verb = "is" if abs(pairs) == 1 else "are"
        noun = "pair" if abs(pairs) == 1 else "pairs"
        parted = f"{words.more_or_fewer(pairs, f'{noun} of neighbouring LSOAs')} {verb} parted"
    said = [parted]
    if before.family == "as-is":
        return said
    for name, label in team_labels(run).items():
        key = f"residents_changing_{name}"
        change = words.more_or_fewer(other[key] - one[key], "residents change team")
        said.append(f"{change} ({label.lower()})")
    falls = one["objective"] - other["objective"]
    way = "falls" if falls >= 0 else "rises"
    by = words.people(abs(falls), missing="a suppressed number")
    said.append(f"the sum of {words.sum_words(after)} {way} by {by}")
    return said


def parts_grid(run: Run) -> Grid | None:
    """Return the steps as a table; None in a run without a ladder."""
    table = gains_table(run.options)
    if table.empty:
        return None
    teams = team_labels(run)
    changes = [
        "misaligned_patients_change", "pairs_parted_change",
        *(f"residents_changing_{name}_change" for name in teams), "objective_change",
    ]  # fmt: skip
    rows = []
    for (_, after, what), row in zip(steps_of(run.options), table.to_dict("records"), strict=True):
        key = f"gains.csv|{row['option_id']}"
        rows.append(
            (
                Cell(_WHAT.get(what, after.title)),
                Cell(row["alignment_before"], "share", f"{key}|alignment_before"),
                Cell(row["alignment"], "share", f"{key}|alignment"),
                Cell(row["alignment_change"], "points", f"{key}|alignment_change"),
                *(Cell(row[column], "change", f"{key}|{column}") for column in changes),
            )
        )
    return Grid(
        "What a gain is made of: each step against the one before",
        (
            "Step", "Aligned before", "Aligned", "Points", "Patients misaligned", "Pairs parted",
            *(f"{label}: team changes" for label in teams.values()), "Sum made small",
        ),
        tuple(rows),
        "Fewer areas align more patients by themselves, wherever the lines are.",
    )  # fmt: skip
