"""Plans become options: measured, refereed, and under labels that stay the same in every option.

Goes in: plans (today's, the solver's, or somebody's own). Comes out: `Option`.
Next: `boundaries.run.folder`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from boundaries.checks.words import counted, listing
from boundaries.measure import (
    Today,
    align_labels,
    as_is_plan,
    list_moves,
    measure_plan,
    name_neighbourhoods,
    referee,
)
from boundaries.problems import Problem
from boundaries.run.run import Option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from boundaries.measure import Measures
    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.solve.result import Solved
    from boundaries.study import Study

__all__ = [
    "Labels",
    "as_is_option",
    "grouped_options",
    "labels_of",
    "maps_left_out",
    "measure_named",
    "measured_option",
    "moves_of",
    "names_left_out",
    "solved_option",
]

WAIVED: dict[str, frozenset[int]] = {"best-fit": frozenset({6, 7})}
"""Hard rules that a family of options does not have to keep (model, section 5)."""


_MAPS_OWN: Final = frozenset({2, 3, 4, 5, 8})
"""Rules that a given map keeps or breaks by itself, wherever practices sit."""

_EVERY_RULE: Final = frozenset(range(1, 9))


_NO_AREA = " (no area of its own)"
"""Said of a PCN of today that has most patients in no LSOA."""

_SAME = 0.5
"""A label lasts through options where more than half of the residents are the same."""


@dataclass(frozen=True)
class Labels:
    """The labels and names that every option of a run shares.

    Parameters
    ----------
    reference
        The plan that gave them: the first option solved.
    names
        What people call each of its neighbourhoods, by label.
    """

    reference: Plan
    names: dict[str, str]


def labels_of(place: Place, plan: Plan) -> Labels:
    """Give a plan's neighbourhoods the numbers 1, 2, … in the order of their names."""
    names = _own_names(place, plan)
    order = sorted(names, key=lambda label: names[label])
    number = {label: str(position) for position, label in enumerate(order, start=1)}
    return Labels(plan.relabelled(number), {number[label]: names[label] for label in order})


def as_is_option(place: Place, study: Study, labels: Labels | None = None) -> Option:
    """Return today's footprints, or today's PCN catchments, measured; nothing is decided."""
    title = "Today's footprints" if "today" in place.footprints else "Today's PCN catchments"
    return measured_option(
        place,
        study,
        as_is_plan(place),
        option_id="as-is",
        family="as-is",
        title=title,
        labels=labels,
        allowed_moves=0,
    )


def grouped_options(
    place: Place, study: Study, labels: Labels, *, stop: Callable[[], bool] | None = None
) -> Iterator[Option]:
    """Put today's areas together, whole, into as many as are asked for, where today has more.

    Measured like today, practices staying with their PCN; an option may break rules.
    """
    from boundaries.solve import group_areas  # noqa: PLC0415 - OR-Tools loads only here

    what = "footprints" if "today" in place.footprints else "PCN catchments"
    today, (least, most) = as_is_plan(place), study.rules.counts
    for count in range(least, most + 1):
        found = group_areas(place, today, study.rules, neighbourhoods=count, stop=stop)
        if found is not None:
            yield measured_option(
                place,
                study,
                found.plan,
                option_id="as-is-grouped" + (f"-k{count}" if most > least else ""),
                family="as-is-grouped",
                title=f"Today's {what} put together into {count}",
                labels=labels,
                allowed_moves=0,
            )


def measured_option(  # noqa: PLR0913 - an option is these things
    place: Place,
    study: Study,
    plan: Plan,
    *,
    option_id: str,
    family: Literal["as-is", "as-is-grouped", "scored"],
    title: str,
    labels: Labels | None = None,
    allowed_moves: int | None = None,
) -> Option:
    """Measure a plan that nobody solved for; it may break rules, and then says which."""
    own = _own_names(place, plan)
    plan, names = _shared_labels(place, plan, own, labels)
    names = _as_the_study_says(study, option_id, names)
    measures = measure_named(
        place, study, plan, family=family, names=names, allowed_moves=allowed_moves
    )
    return Option(option_id, family, title, plan, measures, "measured", allowed_moves=allowed_moves)


def solved_option(place: Place, study: Study, solved: Solved, labels: Labels) -> Option:
    """Measure a solved plan again from the plan alone, and stop when the solver was wrong.

    Raises
    ------
    RefereeError
        When the objective, the moves or a rule is not what the solver claimed.
    """
    own = _own_names(place, solved.plan)
    plan, names = _shared_labels(place, solved.plan, own, labels)
    names = _as_the_study_says(study, solved.option_id, names)
    measures = measure_named(
        place,
        study,
        plan,
        family=solved.family,
        names=names,
        allowed_moves=solved.allowed_moves,
        left_out=solved.left_out,
    )
    referee(
        place,
        plan,
        measures,
        objective=solved.objective,
        bound=solved.bound,
        allowed_moves=solved.allowed_moves,
        given=_may_break(solved),
    )
    return Option(
        solved.option_id,
        solved.family,
        _title(solved),
        plan,
        measures,
        solved.status,
        solved.bound,
        solved.seconds,
        solved.allowed_moves,
    )


def _may_break(solved: Solved) -> frozenset[int]:
    """Return the rules that an option's lines may break since they are given, not solved for.

    Where no practices keep the others on such lines either, the solver claims no bound.
    """
    if solved.family not in {"teams-stay", "footprint"}:
        return frozenset()
    return _EVERY_RULE if solved.bound is None else _MAPS_OWN


def maps_left_out(place: Place, study: Study, solved: Iterable[Solved]) -> tuple[Problem, ...]:
    """Say why an option of given lines that the study asks for is not among those solved."""
    layer = study.options.teams_stay
    if layer is None or any(one.family == "teams-stay" for one in solved):
        return ()
    known = set(place.teams[layer].shares["lsoa_code"]) if layer in place.teams else set()
    lacking = [code for code in place.lsoas.index if code not in known]
    said = f"The option teams-stay is left out: {counted(len(lacking), 'LSOA')} of the place"
    said += f" {'is' if len(lacking) == 1 else 'are'} in no patch of {layer}: {listing(lacking)}."
    fix = "Give every LSOA a team of this layer, or name another in options.teams_stay."
    return (Problem("warning", f"teams.{layer}", None, "", "options.teams_stay", said, fix),)


def moves_of(place: Place, options: Iterable[Option]) -> pd.DataFrame:
    """Return the change list of every option, option by option (columns as in `Run.moves`)."""
    every_option = tuple(options)
    lists = [
        list_moves(
            place, option.plan, option.measures, today=_today_for(option, every_option)
        ).assign(option_id=option.option_id)
        for option in every_option
    ]
    every = pd.concat([part for part in lists if len(part)] or lists[:1], ignore_index=True)
    return every[["option_id", *(name for name in every.columns if name != "option_id")]]


def _today_for(option: Option, options: tuple[Option, ...]) -> Today | None:
    """Return today's areas, put together into as many as an option has where that was done."""
    count = option.measures.summary["neighbourhoods"]
    grouped = [
        one
        for one in options
        if one.family == "as-is-grouped" and one.measures.summary["neighbourhoods"] == count
    ]
    for one in [*grouped, *(one for one in options if one.family == "as-is")]:
        into = f" put together into {count:.0f}" if one in grouped else ""
        return Today(one.plan, one.measures, f"today’s areas{into}")
    return None


def _title(solved: Solved) -> str:
    words = {0: "No practice moves", 1: "At most 1 practice moves"}
    moves = solved.allowed_moves
    rung = words.get(moves or 0, f"At most {moves} practices move")
    title = {
        "ladder": rung,
        "best-fit": "Best fit found for alignment alone (not proposed)",
        "closest": f"{rung}, bonds left out (not proposed)",
        "teams-stay": "Teams stay, practices and PCNs move",
        "footprint": "The given footprints",
    }[solved.family]
    if "-k" in solved.option_id:
        title += f", {solved.neighbourhoods} neighbourhoods"
    return title


def measure_named(  # noqa: PLR0913 - an option is measured by these things
    place: Place,
    study: Study,
    plan: Plan,
    *,
    family: str,
    names: dict[str, str],
    allowed_moves: int | None = None,
    left_out: frozenset[str] = frozenset(),
) -> Measures:
    """Measure a plan under the rules of its family, its neighbourhoods called by their names."""
    return measure_plan(
        place,
        plan,
        study=study,
        allowed_moves=allowed_moves,
        waived=WAIVED.get(family, frozenset()),
        left_out=left_out,
        names=names,
    )


def _own_names(place: Place, plan: Plan) -> dict[str, str]:
    """Names that the labels themselves carry (footprints, teams, PCNs), else names of wards."""
    labels = plan.neighbourhoods
    if all(label.isdigit() for label in labels):
        return name_neighbourhoods(place, plan)
    known, with_lsoas = place.pcns["pcn_name"], set(plan.lsoas)
    return {
        label: str(known.get(label, label)) + ("" if label in with_lsoas else _NO_AREA)
        for label in labels
    }


def _as_the_study_says(study: Study, option_id: str, names: dict[str, str]) -> dict[str, str]:
    """Put the study's names for an option's neighbourhoods in place; no name stands twice."""
    given = {label: name for label, name in _given(study, option_id).items() if label in names}
    taken = set(given.values())
    rest = {label: f"{name} ({label})" if name in taken else name for label, name in names.items()}
    return {label: given.get(label, rest[label]) for label in names}


def _given(study: Study, option_id: str) -> dict[str, str]:
    return {label: name.strip() for label, name in study.names.get(option_id, {}).items()}


def names_left_out(study: Study, options: Iterable[Option]) -> tuple[Problem, ...]:
    """Say which of the study's names are of no option or neighbourhood, or stand twice."""
    known = {one.option_id: set(one.plan.neighbourhoods) for one in options}
    found = []
    for option_id in study.names:
        given = _given(study, option_id)
        for label, name in given.items():
            said, fix = "", f"Options of this run: {listing(sorted(known))}."
            if option_id not in known:
                said = f"There is no option {option_id!r} to call a neighbourhood {name!r} in."
            elif label not in known[option_id]:
                said = f"{option_id} has no neighbourhood {label!r} to call {name!r}."
                fix = f"Its neighbourhoods: {listing(sorted(known[option_id]))}."
            elif not name or list(given.values()).count(name) > 1:
                said = f"Neighbourhood {label} of {option_id} has no name of its own: {name!r}."
                fix = "Give each neighbourhood a name that no other has."
            if said:
                key = f"names.{option_id}.{label}"
                found.append(Problem("warning", "study", None, label, key, said, fix))
    return tuple(found)


def _shared_labels(
    place: Place, plan: Plan, own: dict[str, str], labels: Labels | None
) -> tuple[Plan, dict[str, str]]:
    if labels is None:
        return plan, own
    aligned = align_labels(
        plan, labels.reference, residents=place.lsoas["residents"], least_share=_SAME
    )
    if all(label.isdigit() for label in plan.neighbourhoods):
        return aligned, name_neighbourhoods(place, aligned)  # a name's number is the new label
    renamed = {
        **dict(zip(plan.practices, aligned.practices, strict=True)),
        **dict(zip(plan.lsoas, aligned.lsoas, strict=True)),
    }
    return aligned, {renamed[label]: name for label, name in own.items() if label in renamed}
