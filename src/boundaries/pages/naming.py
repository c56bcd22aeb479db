"""What things are called on a page: neighbourhoods, options, PCNs and layers of teams.

Goes in: a `Run`. Comes out: names for people, by label or code; and the rungs of a ladder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from boundaries.plan import label_key

if TYPE_CHECKING:
    from boundaries.run import Option, Run

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPES: Final = ("circle", "square", "diamond", "triangle", "hexagon", "shield")

NO_PCN: Final = ("–", "circle")
"""Letter and shape of a practice without a PCN, on every map."""

__all__ = [
    "NO_PCN",
    "allowed_moves",
    "heading_of",
    "ladders",
    "neighbourhood_name",
    "neighbourhood_names",
    "pcn_letters",
    "pcn_names",
    "pcn_signs",
    "proposals",
    "short_name",
    "standing",
    "team_labels",
    "today",
]


def neighbourhood_name(option: Option, label: str) -> str:
    """Return what a neighbourhood is called: its label, with its name where it has one."""
    frame = option.measures.neighbourhoods
    name = str(frame.at[label, "name"]).strip() if label in frame.index else ""
    if not name or name == label or name.lower() == f"neighbourhood {label}".lower():
        return f"Neighbourhood {label}" if label.isdigit() else label
    return f"{label} {name}" if label.isdigit() else name


def heading_of(option: Option) -> str:
    """Return the heading of an option's section: only what is proposed is called an option."""
    kind = "Option" if option.proposed else "For comparison"
    return f"{kind} {option.option_id}: {option.title}"


def standing(option: Option) -> str:
    """Return what an option is there for: only what is proposed is up for discussion."""
    if option.proposed:
        return "Option for discussion"
    today_ = {"as-is": "Today", "as-is-grouped": "Today’s areas, grouped"}
    return today_.get(option.family, "Not proposed")


def neighbourhood_names(option: Option) -> dict[str, str]:
    """Return the names of an option's neighbourhoods by label, numbers in their own order."""
    labels = sorted(option.measures.neighbourhoods.index, key=label_key)
    return {label: neighbourhood_name(option, label) for label in labels}


def pcn_names(run: Run) -> dict[str, str]:
    """Return PCN names by code, the code itself where the data has no name."""
    names = run.place.pcns["pcn_name"]
    return {str(code): str(name).strip() or str(code) for code, name in names.items()}


def pcn_signs(run: Run) -> dict[str, tuple[str, str]]:
    """Return letter and shape of each PCN, by code: the same on the map, in pictures and in tables.

    PCNs are lettered in the order of their names, A to Z, then AA, AB …; the shape changes with
    every PCN, so that near letters look apart.
    """
    names = pcn_names(run)
    codes = sorted(names, key=lambda code: (names[code], code))
    return {code: (_letter(at), _SHAPES[at % len(_SHAPES)]) for at, code in enumerate(codes)}


def _letter(at: int) -> str:
    many, last = divmod(at, len(_LETTERS))
    return (_LETTERS[many - 1] if many else "") + _LETTERS[last]


def pcn_letters(run: Run) -> dict[str, str]:
    """Return the letter of each PCN, by code (`pcn_signs`)."""
    return {code: letter for code, (letter, _) in pcn_signs(run).items()}


def short_name(name: str) -> str:
    """Write a PCN's name as people say it, without the words that every PCN's name ends with."""
    for ending in (" primary care network", " pcn"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)].rstrip(" -–")
    return name


def team_labels(run: Run) -> dict[str, str]:
    """Return words for each layer of teams by the study's key, in the study's order."""
    return {
        name: layer.label or name.replace("_", " ").capitalize()
        for name, layer in run.place.teams.items()
    }


def today(run: Run) -> Option | None:
    """Return the option that stands for today, or None in a run without one."""
    return next((option for option in run.options if option.family == "as-is"), None)


def ladders(run: Run) -> dict[int, tuple[Option, ...]]:
    """Return the rungs by number of neighbourhoods, fewest moves first.

    A study that asks for one number of neighbourhoods has one ladder.
    """
    rungs: dict[int, list[Option]] = {}
    for option in run.options:
        if option.family == "ladder":
            rungs.setdefault(int(option.measures.summary["neighbourhoods"]), []).append(option)
    return {count: tuple(options) for count, options in sorted(rungs.items())}


def proposals(run: Run) -> tuple[Option, ...]:
    """Return the options that are up for discussion, not there to be compared with."""
    return tuple(option for option in run.options if option.proposed)


def allowed_moves(option: Option) -> int:
    """Return how many practices a rung may move; those it moves when nothing was decided."""
    if option.allowed_moves is not None:
        return option.allowed_moves
    found = re.match(r"move-(\d+)", option.option_id)
    return int(found[1]) if found else int(option.measures.summary["practices_moved"])
