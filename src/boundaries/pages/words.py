"""Numbers and phrases as people read them: one place, so that map, report and workbook agree.

Goes in: numbers, names, sources. Comes out: text. Nothing here knows HTML: whoever puts the text
on a page escapes it. A missing number is shown as `missing`: a dash where it is not known, ``*``
where it was suppressed.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING, Final

from boundaries.run.shown import gap_words, share_words, steps_of_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boundaries.read.tables import Source
    from boundaries.run import Option, Run

__all__ = [
    "DASH",
    "DISCUSSION",
    "attribution_lines",
    "change",
    "count_of",
    "day",
    "discussion",
    "distance",
    "join_names",
    "more_or_fewer",
    "name_case",
    "people",
    "points",
    "points_change",
    "pounds",
    "proof_mark",
    "proof_words",
    "registered_on",
    "share",
    "title_of",
]

DASH: Final = "–"
"""Shown for a number that is not known."""

DISCUSSION: Final = (
    "This is evidence for discussion between practices, the local medical committee, the council, "
    "community providers and residents. It uses published registration counts and the footprints "
    "supplied. It does not measure relationships. Nobody has agreed to any option shown."
)
"""The standing wording on every map and report."""


def title_of(run: Run) -> str:
    """Return what every page of a run is called: the study's words, else what the run is about."""
    return run.study.report.title or f"Matching PCNs and neighbourhoods in {run.place.name}"


def discussion(run: Run) -> str:
    """Return the standing wording, after what a quick look or a stopped run leaves open."""
    return " ".join(part for part in (_stopped(run), _quick(run), DISCUSSION) if part)


def _stopped(run: Run) -> str:
    if not run.stopped:
        return ""
    missing = join_names(list(run.not_reached))
    left_out = f" Not reached: {missing}." if missing else ""
    return (
        "Stopped early: this run was stopped before the search was over, so better plans may well "
        f"exist.{left_out}"
    )


def _quick(run: Run) -> str:
    """Say what a quick look is, without contradicting what is proven in it."""
    if "quick look" not in str(run.record.get("effort", "")):
        return ""
    solved = [option for option in run.options if option.status != "measured"]
    if all(option.status == "optimal" for option in solved):
        return "A quick look, stopped by the clock: what is called proven is proven all the same."
    rest = "what is called proven is proven all the same; for the rest, better plans may well exist"
    if all(option.status != "optimal" for option in solved):
        rest = "better plans may well exist"
    return f"A quick look, stopped by the clock: {rest}. Run it in full before anybody decides."


_SMALL: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip


def people(number: object, *, missing: str = DASH) -> str:
    """Write a count with thousands separated: ``12,345``."""
    value = _number(number)
    return missing if value is None else _signed(value, f"{_whole(value):,}", plus=False)


def change(number: object, *, missing: str = DASH) -> str:
    """Write a change in a count with its sign, ``+1,234`` or ``−1,234``; ``0`` for none."""
    value = _number(number)
    return missing if value is None else _signed(value, f"{_whole(value):,}", plus=True)


def _whole(value: float) -> int:
    """Return the size of a number to the nearest whole one, half rounded up, as the map does."""
    return math.floor(abs(value) + 0.5)


def more_or_fewer(number: object, what: str) -> str:
    """Write a change in a count in words: ``1,234 more patients``, ``12 fewer patients``."""
    value = _number(number)
    if value is None:
        return f"more or fewer {what} (the number is suppressed)"
    return f"{people(abs(value))} {'more' if value >= 0 else 'fewer'} {what}"


def share(number: object, *, digits: int = 1, missing: str = DASH) -> str:
    """Write a share from 0 to 1 as a percentage: ``83.4%`` (`boundaries.run.shown.share_words`)."""
    value = _number(number)
    return missing if value is None else share_words(value, digits=digits)


def points(number: object, *, digits: int = 1, missing: str = DASH) -> str:
    """Write a difference of two shares, signed, in percentage points without the unit: ``+1.2``."""
    value = _number(number)
    if value is None:
        return missing
    return _signed(value, f"{steps_of_share(value, digits) / 10**digits:.{digits}f}", plus=True)


def points_change(number: object, *, missing: str = DASH) -> str:
    """Write a difference of two shares in words: ``1.2 percentage points higher``."""
    value = _number(number)
    if value is None:
        return missing
    steps = steps_of_share(value, 1)
    if steps == 0:
        return "the same"
    unit = "percentage point" if steps == 10 else "percentage points"
    return f"{steps / 10:.1f} {unit} {'higher' if value > 0 else 'lower'}"


def pounds(number: object, *, missing: str = DASH) -> str:
    """Write money to the nearest thousand pounds (orders of magnitude only): ``£367,000``."""
    value = _number(number)
    return (
        missing if value is None else _signed(value, f"£{round(abs(value), -3):,.0f}", plus=False)
    )


def distance(metres: object, *, missing: str = DASH) -> str:
    """Write a distance: ``850 m`` below a kilometre, else ``1.2 km``."""
    value = _number(metres)
    if value is None:
        return missing
    return f"{round(value, -1):.0f} m" if value < 995 else f"{value / 1000:.1f} km"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Write a small count in words with its noun: ``two practices``, ``12 practices``."""
    word = _SMALL[number] if 0 <= number < len(_SMALL) else f"{number:,}"
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def join_names(names: Iterable[str]) -> str:
    """Join names as a sentence does: ``A, B and C``."""
    every = list(names)
    return (
        every[0] if len(every) == 1 else " and ".join([", ".join(every[:-1]), *every[-1:]]).strip()
    )


_LITTLE: Final = frozenset({"and", "at", "by", "for", "in", "of", "on", "the", "to", "with"})
_CAPITALS: Final = frozenset({"PCN", "GP", "GPS", "NHS", "ICB", "UK", "II", "III", "IV", "VI"})
_SHORT: Final = frozenset({"DR", "DRS", "ST", "MR", "MRS", "RD"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def name_case(name: str) -> str:
    """Write a name that its publisher gives in capitals as people write it.

    Names with any small letter come back as they are; so do abbreviations without a vowel.

    Examples
    --------
    >>> name_case("THE LONSDALE MEDICAL CENTRE & DR PATEL'S KWH PCN")
    "The Lonsdale Medical Centre & Dr Patel's KWH PCN"
    """
    if name != name.upper():
        return name
    return _WORD.sub(lambda found: _word_case(found[0], first=found.start() == 0), name)


def _word_case(word: str, *, first: bool) -> str:
    spelled_out = len(word) > 3 or set(word) & set("AEIOU") or word in _SHORT
    if word in _CAPITALS or not (spelled_out or len(word) == 1):
        return word
    small = word.lower()
    return small if small in _LITTLE and not first else small[0].upper() + small[1:]


def day(text: str) -> str:
    """Write an ISO date as ``1 July 2022``; anything else comes back as it is."""
    try:
        when = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{when.day} {when:%B %Y}"


def registered_on(sources: Sequence[Source]) -> str:
    """Say of which day the patients are: ``Registrations of 1 July 2022.``; empty when unknown."""
    dated = [one.date for one in sources if one.role == "registrations" and one.date]
    return f"Registrations of {day(max(dated))}." if dated else ""


def proof_words(option: Option) -> str:
    """Say what is known of an option's optimum, in words that claim nothing unproven."""
    if option.status == "measured":
        return "measured only: nothing was decided"
    if option.given:
        return _given_words(option)
    if option.status == "optimal":
        return f"proven: no plan within the rules has a smaller sum of {sum_words(option)}"
    if option.gap is None:
        return "the best plan found; how far from the best possible is not proven"
    return (
        f"the best plan found; no plan within the rules has a sum of {sum_words(option)} that is "
        f"more than {gap_words(option.gap)} smaller"
    )


def sum_words(option: Option) -> str:
    """Say what the sum is made of that an option is the best in, or near the best."""
    summary, left_out = option.measures.summary, option.measures.left_out
    parts = ["misaligned patients"]
    layers = any(str(key).startswith("residents_changing_") for key in summary)
    if layers and "teams" not in left_out:
        parts.append("residents changing team (weighted)")
    if "bonds" not in left_out and summary.get("bonds_parted", 0.0) != 0:
        parts.append("bonds of neighbours parted")
    return join_names(parts)


def _given_words(option: Option) -> str:
    rest = ""
    if option.measures.broken:
        rest = "; the option does not keep all the rules, those that it breaks are listed"
    if option.status == "optimal":
        return f"the lines are given; proven: on these lines no other practices do better{rest}"
    return f"the lines are given; whether other practices would do better is not proven{rest}"


def proof_mark(option: Option) -> str:
    """Say what is known of an option's optimum in two or three words, for a table."""
    if option.status == "measured":
        return "measured"
    if option.status == "optimal":
        return "best on given lines" if option.given else "proven best"
    if option.gap is None:
        return "not proven"
    near = option.gap <= _NEAR
    return (
        f"within {gap_words(option.gap)} of best"
        if near
        else f"not proven (gap {gap_words(option.gap)})"
    )


_NEAR: Final = 0.05
"""A larger gap than this says little about how good a plan is, and is not dressed up."""

_WORDING: Final = (
    (
        ("nhs",),
        (
            "Contains information from NHS England, licensed under the current version of the Open "
            "Government Licence."
        ),
    ),
    (
        ("office for national statistics", "ons"),
        "Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
    ),
    (
        ("ordnance survey", "os"),
        "Contains OS data © Crown copyright and database right{year}.",
    ),
    (
        ("royal mail",),
        "Contains Royal Mail data © Royal Mail copyright and database right{year}.",
    ),
)
"""What each publisher asks for, used when a source does not bring its own words."""


def attribution_lines(sources: Sequence[Source]) -> tuple[str, ...]:
    """Return the lines that the publishers of the data ask to see, each once, in a fixed order.

    A source's own words come first; a publisher known by name gets the words it asks for; one
    that is unknown is named with its file, so that nothing used goes without a credit.
    """
    lines: dict[str, None] = {}
    for source in sources:
        if source.attribution:
            lines[source.attribution] = None
            continue
        year = f" {source.date[:4]}" if source.date[:4].isdigit() else ""
        name = source.publisher.lower()
        words = set(name.replace("-", " ").split())
        found = [
            line
            for keys, line in _WORDING
            if any(key in name if " " in key else key in words for key in keys)
        ]
        if found:
            lines.update(dict.fromkeys(line.format(year=year) for line in found))
        elif source.publisher:
            lines[f"Source: {source.publisher} ({source.file})."] = None
    return tuple(sorted(lines))


def _number(value: object) -> float | None:
    """Return a finite number, or None for None, NaN and pandas' missing values."""
    try:
        number = float(value)  # type: ignore[arg-type] # anything that is no number is caught
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _signed(value: float, text: str, *, plus: bool) -> str:
    """Put a real minus sign, or a plus, before a number that does not read as nought."""
    if not any(digit in text for digit in "123456789"):
        return text
    return f"−{text}" if value < 0 else f"+{text}" if plus else text
