"""THE MAIN PATH: read → check → place → solve → measure → render, one call a stage.

Goes in: a study. Comes out: a `Run`, and its folder. The command line and Jupyter both call these
functions; each is a few lines because every stage has one public door::

    read      boundaries.read.read_tables       files         → tidy tables
    check     boundaries.checks.check_tables     tables        → problems
    place     boundaries.place.build_place      tables        → one checked place
    solve     boundaries.solve.solve_options    place, rules  → plans with proofs
              boundaries.solve.find_near_plans  plans         → others nearly as good
    measure   boundaries.run.options            place, plan   → numbers, refereed
    render    boundaries.pages.render_run      run           → map, report, workbook, pictures
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundaries.checks import check_tables
from boundaries.errors import InfeasibleError, InputError
from boundaries.measure import find_catchments, measure_flows, measure_pcn_facts
from boundaries.pages.suppress import as_shown, problems_shown, told_as_shown
from boundaries.place import build_place
from boundaries.problems import frame_of, raise_on_errors
from boundaries.read import read_tables, unread_roles
from boundaries.run import Option, Run, read_run, require_target, write_run, writing
from boundaries.run.imported import given_plan
from boundaries.run.near import NearPlans, measured_near
from boundaries.run.options import (
    as_is_option,
    grouped_options,
    labels_of,
    maps_left_out,
    measured_option,
    moves_of,
    names_left_out,
    solved_option,
)
from boundaries.run.record import Clock, make_record
from boundaries.run.sensitivity import Sensitivity, solve_variants
from boundaries.run.settled import settled_shares
from boundaries.run.tables import write_table
from boundaries.run.watch import Watch, asked_for, first_interrupt
from boundaries.study import Study, load_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from boundaries.place import Place
    from boundaries.plan import Plan
    from boundaries.problems import Problem
    from boundaries.read import ReadData
    from boundaries.solve.result import Progress, Solved

__all__ = [
    "Ready",
    "assess",
    "check",
    "prepare",
    "propose",
    "propose_for",
    "render",
    "require_target",
    "run_of",
    "save",
    "save_problems",
    "score",
    "study_for",
]


@dataclass(frozen=True)
class Ready:
    """A place that has been read, checked and built, and what was found on the way."""

    study: Study
    place: Place
    problems: tuple[Problem, ...]
    clock: Clock
    engagement: tuple[dict[str, str], ...] = ()


def check(study: Study | str | Path) -> tuple[Problem, ...]:
    """Read and check everything that a study names; return every problem found.

    Raises
    ------
    InputError
        When the study is wrong, or a file that is needed cannot be read at all.
    """
    study = _loaded(study)
    tables, found = read_tables(study)
    found += check_tables(tables, study, unread=unread_roles(study, tables, found))
    if any(problem.level == "error" for problem in found):
        return problems_shown(found, study)
    try:
        _, more = build_place(tables, study)
    except InputError as error:
        more = error.problems
    return problems_shown(found + more, study)


def prepare(
    study: Study | str | Path,
    *,
    listen: Callable[[str], None] | None = None,
    data: ReadData | None = None,
) -> Ready:
    """Read, check and build the place of a study.

    Parameters
    ----------
    study
        A study, or the path of one.
    listen
        Called with the name of each stage as it begins.
    data
        The study's ``[data]``, where it was read already: for other places of the same files.

    Raises
    ------
    InputError
        With every problem, when any of them is an error.
    """
    study, clock = _loaded(study), Clock(listen)
    with clock.stage("read"):
        tables, problems = read_tables(study, data=data)
    with clock.stage("check"):
        problems += check_tables(tables, study, unread=unread_roles(study, tables, problems))
        raise_on_errors(problems_shown(problems, study))
    with clock.stage("place"):
        try:
            place, more = build_place(tables, study)
        except InputError as error:
            raise_on_errors(problems_shown(problems + error.problems, study))
            raise
    return Ready(study, place, problems + more, clock, tables.engagement)


def assess(study: Study | str | Path, *, listen: Callable[[str], None] | None = None) -> Run:
    """Measure today: how well the PCNs fit, before anything is proposed.

    Raises
    ------
    InputError
        With every problem, when any of them is an error.
    """
    ready = prepare(study, listen=listen)
    with ready.clock.stage("measure"):
        options = (as_is_option(ready.place, ready.study),)
    return as_shown(run_of(ready, options))


def propose(
    study: Study | str | Path,
    *,
    quick: bool = False,
    sensitivity: bool | None = None,
    listen: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
    stop: Callable[[], bool] | None = None,
) -> Run:
    """Propose options: the ladder and the other families, each with its optimum or true gap.

    Parameters
    ----------
    study
        A study, or the path of one.
    quick
        A quick look by the clock; not the same on every machine, and marked so.
    sensitivity
        Whether to solve again with other weights, bands and counts of neighbourhoods; None is as
        the study says (``options.sensitivity``). A quick look leaves it out unless it is asked for.
    listen
        Called with the name of each stage as it begins; before the sensitivity also with a
        sentence that says how long it will take.
    progress
        Called as the search gets on; or True for a bar here, False for none. By default a notebook
        has one.
    stop
        Asked often; when it answers yes, the best plans so far are kept with their true gaps. By
        default the stop button of a notebook, and Ctrl-C, do that (`Run.stopped`); a second time
        they end it at once.

    Returns
    -------
    Run
        Today first, then the ladder by moves, then the other families.

    Raises
    ------
    InputError
        With every problem, when any of them is an error.
    InfeasibleError
        When no plan can keep the rules; it says which of them clash.
    RefereeError
        When a solved plan does not survive being measured again.
    """
    from boundaries.screen import showing  # noqa: PLC0415 - only a search is shown

    study = _loaded(study)
    counts = study.report.suppress is None
    shown = showing(asked_for(study), listen=listen, progress=progress, counts=counts)
    with shown as (hear, tell), first_interrupt(only_by_default=True) as now:
        ready = prepare(study, listen=hear)
        return propose_for(
            ready, quick=quick, sensitivity=sensitivity, progress=tell, stop=stop or now
        )


def propose_for(
    ready: Ready,
    *,
    quick: bool = False,
    sensitivity: bool | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Run:
    """Propose options for a place that is ready: what `propose` does once it has read the files.

    Parameters
    ----------
    ready
        What `prepare` returned; its clock goes on, and tells of the stages.
    quick, sensitivity, progress, stop
        As in `propose`.

    Raises
    ------
    InfeasibleError
        When no plan can keep the rules; it says which of them clash.
    RefereeError
        When a solved plan does not survive being measured again.
    """
    how: Any = {"quick": quick, "sensitivity": sensitivity, "progress": progress, "stop": stop}
    with told_as_shown(ready.study):
        return as_shown(_proposed(ready, **how))


def _proposed(
    ready: Ready, *, quick: bool, sensitivity: bool | None, progress: Any, stop: Any
) -> Run:
    """Solve, look around, measure: the run with every figure as it is."""
    from boundaries.solve import (  # noqa: PLC0415 - OR-Tools loads only here
        better_options,
        find_near_plans,
        solve_options,
    )

    place, study, watch = ready.place, ready.study, Watch(progress, stop)
    solved: tuple[Solved, ...] = ()
    with ready.clock.stage("solve"):
        try:
            solved = solve_options(place, study, quick=quick, progress=watch.tell, stop=watch.stop)
        except InfeasibleError:
            if not watch.stopped:  # else nothing was shown: there was no time to look
                raise
    with ready.clock.stage("near"):
        nears = find_near_plans(
            place, study, solved, quick=quick, progress=progress, stop=watch.stop
        )
        solved = better_options(solved, nears)
    with ready.clock.stage("measure"):
        labels = labels_of(place, solved[0].plan) if solved else None
        options = [as_is_option(place, study, labels)]
        near = NearPlans()
        if labels is not None:
            options += grouped_options(place, study, labels, stop=watch.stop)
            options += [solved_option(place, study, one, labels) for one in solved]
            near = measured_near(place, study, nears, options=options, labels=labels)
    said = maps_left_out(place, study, solved) + names_left_out(study, options)
    ready = replace(ready, problems=ready.problems + said)
    varied = Sensitivity()
    if (study.options.sensitivity and not quick) if sensitivity is None else sensitivity:
        varied = solve_variants(
            place, study, options, clock=ready.clock, progress=progress, stop=watch.stop
        )
    run = run_of(ready, tuple(options), quick=quick, near=near)
    searched = watch.record(study, (one.option_id for one in solved))
    return replace(
        run,
        sensitivity=varied.table,
        sensitivity_units=varied.units,
        record=run.record | searched,
    )


def score(
    study: Study | str | Path,
    plan: Plan | pd.Series[str] | pd.DataFrame | str | Path,
    practices: pd.Series[str] | pd.DataFrame | str | Path | None = None,
    *,
    option: str | None = None,
    name: str | None = None,
    listen: Callable[[str], None] | None = None,
) -> Run:
    """Score anybody's plan: the same measures, the same report.

    Parameters
    ----------
    study
        A study, or the path of one.
    plan
        A `Plan`; or where the LSOAs are, as a file or in memory: two columns (lsoa_code,
        neighbourhood), a Series by ``lsoa_code``, or polygons with a column of names.
    practices
        Two columns (practice_code, neighbourhood), as a file or in memory; without it no practice
        moves (`boundaries.run.imported`). A `Plan` has them.
    option
        Which option, where a file has several, as those of a run's folder do.
    name
        Heading of the neighbourhoods' names, where it is not obvious.

    Returns
    -------
    Run
        Today, and the plan as the option ``scored``.

    Raises
    ------
    InputError
        With every problem, when any of them is an error.
    PlanError
        When the plan leaves out an LSOA or practice of the place, or names one it does not have.
    """
    ready = prepare(study, listen=listen)
    place, study = ready.place, ready.study
    with ready.clock.stage("read plan"):
        given, tables = given_plan(place, plan, practices, option=option, name=name)
    with ready.clock.stage("measure"):
        labels = labels_of(place, given)
        scored = measured_option(
            place, study, given, option_id="scored", family="scored",
            title=f"The plan {tables.title}", labels=labels,
        )  # fmt: skip
        options = (as_is_option(place, study, labels), scored)
    place = replace(place, sources=place.sources + tables.sources)
    ready = replace(ready, place=place, problems=ready.problems + tables.problems)
    return as_shown(run_of(ready, options))


def save(run: Run, folder: str | Path, *, pages: bool = True) -> Path:
    """Write a run: its data files and, unless told not to, everything that people look at.

    The folder gets all of it or, when anything fails, nothing. Small numbers are suppressed first
    when the study asks for it.

    Raises
    ------
    InputError
        When the folder cannot be written, or holds files that would be written over and that no
        run of this tool wrote, or that the run was made from.
    """
    run = as_shown(run)
    with writing(folder, whole=True, inputs=run.inputs) as draft:
        write_run(run, draft)
        if pages:
            _draw(run, draft)
    return Path(folder)


def save_problems(problems: Iterable[Problem], folder: str | Path) -> Path:
    """Write ``problems.csv`` into a folder.

    Raises
    ------
    InputError
        When the folder cannot be written, or holds a ``problems.csv`` of somebody else.
    """
    with writing(folder, names=["problems.csv"]) as draft:
        write_table(frame_of(problems), draft / "problems.csv")
    return Path(folder)


def study_for(study: str | Path, folder: str | Path, *more: Path | None) -> Study:
    """Load a study whose results are to go into a folder; refuse the folder before any work.

    Parameters
    ----------
    study
        The path of a study.
    folder
        Where the results will go.
    more
        Files that are read beside the study's own.

    Raises
    ------
    InputError
        When the study is wrong, or the folder may not be written to (as in `save`).
    """
    loaded = load_study(study)
    given = [Path(study), *(path for path in more if path is not None)]
    require_target(folder, inputs=[*given, *loaded.files])
    return loaded


def render(folder: str | Path) -> Path:
    """Draw the map, report, workbook and pictures of a run again, from its folder alone.

    Raises
    ------
    InputError
        When the folder is not a run's.
    """
    _draw(read_run(folder), folder)
    return Path(folder)


def _draw(run: Run, folder: str | Path) -> None:
    from boundaries.pages import render_run  # noqa: PLC0415 - folium and matplotlib load only here

    render_run(run, folder)


def _loaded(study: Study | str | Path) -> Study:
    return study if isinstance(study, Study) else load_study(study)


def run_of(
    ready: Ready,
    options: tuple[Option, ...],
    *,
    quick: bool = False,
    near: NearPlans | None = None,
) -> Run:
    """Put a place and its options together with the facts of today and the record."""
    place, catchment = ready.place, find_catchments(ready.place)
    near = near or NearPlans()
    plans = [option.plan for option in options if not option.family.startswith("as-is")]
    return Run(
        place=place,
        study=ready.study,
        options=options,
        facts=measure_pcn_facts(place, catchment),
        flows=measure_flows(place, catchment),
        catchment=catchment,
        moves=moves_of(place, options),
        settled=settled_shares(plans, near),
        near=near.table,
        near_differences=near.differences,
        problems=ready.problems,
        record=make_record(ready.study, place, catchment, clock=ready.clock, quick=quick)
        | {"looked_at": list(near.looked_at), "near_dropped": near.dropped}
        | ({"engagement": list(ready.engagement)} if ready.engagement else {}),
    )
