"""The first page: what was asked, what today looks like, what each move buys, what is open.

Goes in: a `Run`. Comes out: cards and sentences. Every number in them stands in a table below.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boundaries.pages import words
from boundaries.pages.care import care_sentences
from boundaries.pages.charts import ladder_chart
from boundaries.pages.compare import ladder_grid
from boundaries.pages.detail import moves_of
from boundaries.pages.naming import (
    allowed_moves,
    ladders,
    pcn_names,
    short_name,
    team_labels,
    today,
)
from boundaries.pages.report.gains import changes_said, part_sentences, parts_grid
from boundaries.pages.report.pictured import Picture, pictured
from boundaries.pages.report.shape import ShapeCost, shape_costs
from boundaries.pages.report.sure import settled_and_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boundaries.pages.grid import Grid, Kind
    from boundaries.run import Option, Run

__all__ = ["Summary", "summarise"]


@dataclass(frozen=True)
class Card:
    """One figure that a reader should leave with."""

    figure: str
    words: str
    source: str = ""
    kind: Kind = "share"


@dataclass(frozen=True)
class Ladder:
    """One ladder of the summary: a number of neighbourhoods, its sentences, chart and table."""

    count: int
    buys: list[str]
    figure: Picture
    grid: Grid


@dataclass(frozen=True)
class Summary:
    """Everything on the first page."""

    cards: list[Card]
    asked: list[str]
    today: list[str]
    care: list[str]
    parts: list[str]
    parts_grid: Grid | None
    ladders: list[Ladder]
    shape: list[ShapeCost]
    settled: list[str]
    open: list[str]


def summarise(run: Run) -> Summary:
    """Return the first page's cards, sentences, ladder tables and charts."""
    settled, unsettled = settled_and_open(run)
    return Summary(
        cards=_cards(run),
        asked=_asked(run),
        today=today_sentences(run),
        care=care_sentences(run),
        parts=part_sentences(run),
        parts_grid=parts_grid(run),
        ladders=[_ladder(run, count, options) for count, options in ladders(run).items()],
        shape=shape_costs(run),
        settled=settled,
        open=unsettled,
    )


def _cards(run: Run) -> list[Card]:
    cards = []
    now = today(run)
    if now is not None:
        said = "of patients who live in the place live in the neighbourhood of their practice today"
        cards.append(_alignment_card(now, said))
    for option in [option for option in run.options if option.family == "as-is-grouped"][:1]:
        count = int(option.measures.summary["neighbourhoods"])
        said = f"of them, if today’s areas, whole, are put together into {count} and nothing else"
        cards.append(_alignment_card(option, said))
    for options in list(ladders(run).values())[:1]:
        first, last = options[0], options[-1]
        if allowed_moves(first) == 0:
            cards.append(
                _alignment_card(first, "of them, if lines are drawn anew, no practice moves")
            )
        if last.measures.summary["practices_moved"]:
            moves = words.count_of(int(last.measures.summary["practices_moved"]), "practice")
            cards.append(_alignment_card(last, f"of them, if {moves} also changed PCN"))
    for option in [option for option in run.options if option.family == "best-fit"][:1]:
        best = "proven" if option.status == "optimal" else "the best found"
        said = f"of them, with any number of moves, for alignment alone ({best}); not proposed"
        cards.append(_alignment_card(option, said))
    return cards


def _alignment_card(option: Option, said: str) -> Card:
    return Card(
        words.share(option.measures.summary["alignment"], missing="*"),
        said,
        f"options.csv|{option.option_id}|alignment",
    )


def _asked(run: Run) -> list[str]:
    study, place = run.study, run.place
    least, most = study.rules.counts
    count = words.count_of(least, "neighbourhood")
    if most > least:
        count = f"between {least} and {words.count_of(most, 'neighbourhood')}"
    practices = words.count_of(len(place.practices), "practice")
    pcns = words.count_of(len(place.pcns), "PCN")
    said = [
        (
            f"Match the {practices} and {pcns} of {place.name} to {count}, disturbing as little "
            f"as possible.{_mostly_elsewhere(run)}"
        ),
        (
            f"Show what changes when no practice moves, and with every further move up to "
            f"{words.count_of(study.options.max_moves, 'practice')}."
        ),
    ]
    low, high = study.rules.residents_limits(int(place.lsoas["residents"].sum()), least)
    said.append(
        f"Each neighbourhood in one piece, with {words.people(low)} to {words.people(high)} "
        "residents"
        + (f" when there are {least}" if most > least else "")
        + (", and within one borough." if study.rules.nest_in else ".")
    )
    layers = words.join_names([label.lower() for label in team_labels(run).values()])
    weighed = ["misaligned patients"]
    if layers:
        weighed.append(f"residents whose team would change ({layers})")
    if study.shape.bond:
        weighed.append("bonds of neighbouring LSOAs parted by a line")
    said.append(f"Make small the sum of {words.join_names(weighed)}.")
    if study.locks:
        count = words.count_of(len(study.locks), "request")
        said.append(f"Keep {count} about what must stay together or apart (listed below).")
    return said


def _mostly_elsewhere(run: Run) -> str:
    """Name the PCNs most of whose patients are on the lists of practices outside the place."""
    pcns, names = run.place.pcns, pcn_names(run)
    away = [str(code) for code in pcns.index[pcns["list_outside"] > pcns["list_size"] / 2]]
    if not away:
        return ""
    listed = words.join_names(short_name(names[code]) for code in away)
    count, verb = words.count_of(len(away), "PCN"), "has" if len(away) == 1 else "have"
    return f" Of them {count} {verb} most patients with practices elsewhere: {listed}."


def today_sentences(run: Run) -> list[str]:
    """Say what today looks like: alignment, and which PCNs have a catchment in one piece."""
    now = today(run)
    said = []
    if now is not None:
        summary = now.measures.summary
        source = (
            "the neighbourhood footprints that the study supplies as today’s"
            if "today" in run.place.footprints
            else "the areas where each PCN has more patients than any other"
        )
        star = "a suppressed number"
        said.append(
            f"Of the {words.people(summary['patients_counted'], missing=star)} patients of the "
            f"place’s practices who live in it, "
            f"{words.share(summary['alignment'], missing=star)} live in the neighbourhood of their "
            f"practice; "
            f"{words.people(summary['misaligned_patients'], missing=star)} live in one and are "
            f"registered in another. Neighbourhoods of today are {source}."
        )
        if now.measures.broken:
            said.append(
                "Today’s pattern falls short of the rules asked of the options in "
                f"{words.count_of(len(now.measures.broken), 'respect')} (listed under Today)."
            )
    names = pcn_names(run)
    pieces = run.facts["catchment_parts"].astype(int)
    apart = [short_name(names.get(str(code), str(code))) for code in pieces.index[pieces > 1]]
    whole = int((pieces == 1).sum())
    said.append(
        f"{words.count_of(whole, 'PCN').capitalize().replace('pcn', 'PCN')} of {len(pieces)} "
        f"{'has' if whole == 1 else 'have'} a catchment in one piece"
        + (f"; in several pieces: {words.join_names(apart)}." if apart else ".")
    )
    return said


def _ladder(run: Run, count: int, options: Sequence[Option]) -> Ladder:
    chart = ladder_chart(run, options)
    shares = ", ".join(
        f"{allowed_moves(option)}: {words.share(option.measures.summary['alignment'], missing='*')}"
        for option in options
    )
    picture = pictured(
        chart,
        f"ladder-{count}",
        label="Two charts. Left: share of patients who live in the neighbourhood of their "
        f"practice, by the most practices that may change PCN ({shares}). Right: the sum that the "
        "search makes small, and the least that any plan can reach. The table below has every "
        "figure.",
        caption="Left: what each move buys. Right: the sum that the search makes small, in its "
        f"parts ({words.sum_words(options[-1])}); no plan within the rules has a sum below the "
        "heavy line.",
    )
    return Ladder(count, _buys(run, options), picture, ladder_grid(run, options))


def _buys(run: Run, options: Sequence[Option]) -> list[str]:
    said = []
    for before, option in itertools.pairwise(options):
        gain = (
            before.measures.summary["misaligned_patients"]
            - option.measures.summary["misaligned_patients"]
        )
        moved = int(option.measures.summary["practices_moved"])
        here = f"Allowing {words.count_of(allowed_moves(option), 'move')}"
        if _same_plan(before, option):
            said.append(f"{here} changes nothing: the best plan found is the one before.")
            continue
        few = "" if moved == allowed_moves(option) else f" ({words.count_of(moved, 'move')} used)"
        more = words.more_or_fewer(gain, "patients with their practice")
        parts = "; ".join(changes_said(run, before, option))
        said.append(
            f"{here}{few} aligns {more} than the step before; {parts}.{_movers(run, option)}"
        )
    return said


def _movers(run: Run, option: Option) -> str:
    """Name the practices that an option moves; why is said in the option's own section."""
    moves = moves_of(run, option)
    names = [
        f"{name} ({code})"
        for name, code in zip(moves["practice_name"], moves["practice_code"], strict=True)
    ]
    return f" It moves {words.join_names(names)}." if names else ""


def _same_plan(one: Option, other: Option) -> bool:
    return one.plan.lsoas.equals(other.plan.lsoas) and one.plan.practices.equals(
        other.plan.practices
    )
