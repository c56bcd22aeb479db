"""What to read with care, said where it matters: odd lists, split PCNs, whom a gain leaves out.

Goes in: a `Run`. Comes out: sentences for the first page, for a PCN's page and beside a move. The
data's own warnings stand in the table of problems too, at the end of the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boundaries.pages import words
from boundaries.pages.naming import proposals, today
from boundaries.pages.split import split_sentence, splits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boundaries.run import Option, Run

__all__ = ["care_sentences", "odd_lists"]

_ODD: Final = frozenset({"status", "close_date", "prescribing_setting", "list_size"})
"""Fields of the warnings that say that a practice's list tells little about where people live."""

_FIFTHS: Final = {
    1: "the most deprived fifth", 2: "the second most deprived fifth", 3: "the middle fifth",
    4: "the second least deprived fifth", 5: "the least deprived fifth",
}  # fmt: skip


def odd_lists(run: Run) -> dict[str, str]:
    """Return by practice what the checks found odd about its list: not local, dormant, closed."""
    found: dict[str, str] = {}
    for problem in run.problems:
        known = problem.level == "warning" and problem.field in _ODD
        if known and problem.code in run.place.practices.index:
            found[problem.code] = f"{found.get(problem.code, '')} {problem.said}".strip()
    return found


def care_sentences(run: Run) -> list[str]:
    """Say what a reader of the first page must know before the figures are used."""
    shown = proposals(run)
    odd = odd_lists(run)
    return [
        *_left_behind(run, shown),
        *_sitting_apart(run, shown),
        *(odd[code] for code in sorted(odd)),
    ]


def _left_behind(run: Run, options: Iterable[Option]) -> list[str]:
    """Name each fifth of areas whose patients are aligned less than today, where it is worst."""
    now = today(run)
    if now is None:
        return []
    before, everybody = now.measures.quintiles, now.measures.summary["alignment"]
    worst: dict[int, tuple[float, Option]] = {}
    for option in options:
        for fifth, aligned in option.measures.quintiles["alignment"].items():
            change = aligned - before["alignment"].get(fifth, float("nan"))
            key = int(fifth)  # type: ignore[call-overload]  # fifths are whole numbers
            if words.points(change)[:1] == "−" and change < worst.get(key, (0.0, option))[0]:
                worst[key] = (change, option)
    said = []
    for fifth, (_, option) in sorted(worst.items()):
        one, other = before.loc[fifth], option.measures.quintiles.loc[fifth]
        said.append(
            f"Of patients in {_FIFTHS.get(fifth, f'fifth {fifth}')} of areas "
            f"({words.people(one['patients'], missing='*')} counted), "
            f"{words.share(other['alignment'], missing='*')} live in the neighbourhood of their "
            f"practice in “{option.title}”, fewer than today "
            f"({words.share(one['alignment'], missing='*')}); of all patients it is "
            f"{words.share(option.measures.summary['alignment'], missing='*')} against "
            f"{words.share(everybody, missing='*')}."
        )
    return said


def _sitting_apart(run: Run, options: Iterable[Option]) -> list[str]:
    """Name each PCN that sits in several neighbourhoods, once for options that split it alike."""
    where: dict[str, list[str]] = {}
    for option in options:
        for split in splits(run, option):
            where.setdefault(split_sentence(run, option, split), []).append(f"“{option.title}”")
    return [f"In {words.join_names(titles)}: {said}" for said, titles in where.items()]
