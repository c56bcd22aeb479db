"""The command line: a thin skin over `boundaries.pipeline`.

Exit codes: 0 fine, 1 problems in the data, 2 wrong use, 3 no plan can satisfy the rules; of a
batch also 4 for a place that crashed, and 130 where places were not run to their end.
Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boundaries.encodings import readable
from boundaries.errors import BoundariesError, InfeasibleError, InputError
from boundaries.example import example_study
from boundaries.screen import (
    Bar,
    Screen,
    show_facts,
    show_files,
    show_options,
    show_problems,
    unforeseen,
    what_was_done,
)

if TYPE_CHECKING:
    from boundaries.run import Run

__all__ = ["app", "main"]

app = typer.Typer(
    name="boundaries",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Match GP practices' Primary Care Networks to neighbourhoods, with the least disruption.",
)

StudyFile = Annotated[
    Path, typer.Argument(help="The study, a TOML file.", exists=True, dir_okay=False)
]
Folder = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")]


@app.command()
def demo(output: Folder = Path("boundaries-demo")) -> None:
    """Run everything on the made-up example place, as a quick look, to a map and a report."""
    _propose(example_study(), output, quick=True)


@app.command()
def fetch(
    place: Annotated[
        list[str] | None, typer.Argument(help="Names or codes of districts, as many as needed.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the files.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="One source or study key; may be repeated.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask every publisher, but bring nothing.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="Print every source: address, page, how often, changes.")
    ] = False,
    mirror: Annotated[
        str | None,
        typer.Option(help="Address under which every publisher's host is a folder.",
                     envvar="BOUNDARIES_MIRROR"),
    ] = None,
) -> None:  # fmt: skip
    """Fetch the published files that a study of a place needs; a second time only what changed."""
    from boundaries import fetching

    if list_:
        typer.echo(fetching.list_sources(), nl=False)
        return
    if not place or (output is None and not dry_run):
        raise typer.BadParameter("Say which place, and with -o into which folder (or --list).")
    bar = Bar()
    folder = output or Path("downloads")
    try:
        with bar:
            done = fetching.fetch(
                place, folder, only=only or (), dry_run=dry_run,
                manners=fetching.Manners(mirror=mirror or ""), listen=bar.hear,
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo("Stopped. What came is kept: the same command goes on from here.", err=True)
        raise typer.Exit(1) from None
    if done.problems:
        show_problems(done.problems)
        raise typer.Exit(1)
    if not dry_run:
        named = ", ".join(place)
        typer.echo(f'Next: boundaries init "{named}" --data {folder} -o study.toml')


@app.command()
def init(
    place: Annotated[
        str, typer.Argument(help="Names or codes of boroughs or districts, commas between.")
    ],
    data: Annotated[list[Path], typer.Option(help="A file or folder to search; may be repeated.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The study to write.")],
    neighbourhoods: Annotated[
        int | None, typer.Option(min=1, help="How many; default: one for every 60,000 residents.")
    ] = None,
    band: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Residents within this share of the mean.")
    ] = 0.25,
    max_moves: Annotated[
        int,
        typer.Option(min=0, max=50, help="At most so many practices move."),
    ] = 3,
    residents: Annotated[
        str | None, typer.Option(help="Column of the residents, when there are several.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What people call the place; default: its boroughs.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a study that is there.")] = False,
) -> None:
    """Find the files that a place needs and write a commented study for it."""
    from boundaries.draft import Wishes, draft_study

    if output.exists() and not force:
        raise typer.BadParameter(f"{output} is already there; --force replaces it.")
    wishes = Wishes((place,), tuple(data), neighbourhoods, band, max_moves, residents, name)
    screen = Screen()
    draft = draft_study(wishes, output, listen=screen.stage)
    screen.done()
    show_files(draft.choice.account)
    for role, reason in draft.choice.reasons.items():
        if role not in draft.choice.files:
            typer.echo(f"No file for {role}: {reason}")
    for note in draft.choice.problems:
        typer.echo(str(note))
    typer.echo(f"\n{draft.text}")
    typer.echo(f"Wrote {output}. Next: boundaries check {output}")


@app.command()
def find(
    data: Annotated[list[Path], typer.Argument(help="Files and folders to look into.")],
) -> None:
    """Say what every file in a folder is, told by its content."""
    from boundaries.read import describe, find_files

    show_files(describe(find_files(data)))


@app.command()
def check(
    study: StudyFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for problems.csv.")
    ] = None,
) -> None:
    """Read and check everything that a study names; list every problem found."""
    from boundaries import pipeline

    if output is not None:
        pipeline.require_target(output, names=["problems.csv"])
    screen = Screen()
    screen.stage("check")
    problems = pipeline.check(study)
    screen.done()
    show_problems(problems)
    if output is not None:
        pipeline.save_problems(problems, output)
    if any(problem.level == "error" for problem in problems):
        raise typer.Exit(1)


@app.command()
def assess(study: StudyFile, output: Folder) -> None:
    """Show how well today's PCNs fit; proposes nothing."""
    from boundaries import pipeline

    loaded = pipeline.study_for(study, output)
    screen = Screen()
    run = pipeline.assess(loaded, listen=screen.stage)
    _write(run, output, screen)
    show_facts(run)


@app.command()
def propose(
    study: StudyFile,
    output: Folder,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A quick look by the clock, not the same everywhere."),
    ] = False,
    sensitivity: Annotated[
        bool | None,
        typer.Option(
            "--sensitivity/--no-sensitivity",
            help="Solve again with other weights, bands and counts; default: as the study says.",
        ),
    ] = None,
) -> None:
    """Propose options with the least disruption, each with its proven optimum or true gap."""
    _propose(study, output, quick=quick, sensitivity=sensitivity)


@app.command()
def batch(
    places: Annotated[
        list[str] | None,
        typer.Argument(help="Boroughs as for init, studies, or a CSV (name, boroughs, any keys)."),
    ] = None,
    data: Annotated[
        list[Path] | None, typer.Option(help="A file or folder to search; may be repeated.")
    ] = None,
    output: Folder = Path("batch"),
    all_boroughs: Annotated[
        bool, typer.Option("--all-boroughs", help="Every borough of the data, each by itself.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Places at a time.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Send the places to a dask scheduler, tcp://HOST:PORT.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="i/n: every n-th place only, from the i-th.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A quick look by the clock, not the same everywhere.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up what is missing or changed, nothing else.")
    ] = False,
    memory_gb: Annotated[
        float | None, typer.Option(min=0.5, help="Memory of each place; default: an equal part.")
    ] = None,
) -> None:
    """Propose options for every place of a region, and draw them together on one page."""
    if not places and not all_boroughs:
        raise typer.BadParameter("Name places, studies or a CSV, or say --all-boroughs.")
    from boundaries.many import batch as run_batch
    from boundaries.many.watch import Watch

    with Screen().interruptible() as stop, Watch(output) as watch:
        done = run_batch(
            places or (), data or (), output, all_boroughs=all_boroughs,
            listen=watch.tell, stop=stop, jobs=jobs, scheduler=scheduler, shard=shard,
            quick=quick, resume=resume, memory_gb=memory_gb,
        )  # fmt: skip
    for name, what in (
        ("batch.csv", "Places"),
        ("region.html", "Region"),
        ("region.xlsx", "Workbook"),
    ):
        if (output / name).is_file():
            typer.echo(f"{what + ':':10}{output / name}")
    if done.exit_code:
        raise typer.Exit(done.exit_code)


@app.command()
def score(
    study: StudyFile,
    lsoas: Annotated[
        Path, typer.Option(help="The plan: lsoa_code, neighbourhood; or polygons.", exists=True)
    ],
    output: Folder,
    practices: Annotated[
        Path | None, typer.Option(help="The plan: practice_code, neighbourhood.", exists=True)
    ] = None,
    option: Annotated[
        str | None, typer.Option(help="Which option, where the files hold several (a run's own).")
    ] = None,
) -> None:
    """Score anybody's plan with the same measures and the same report."""
    from boundaries import pipeline

    loaded = pipeline.study_for(study, output, lsoas, practices)
    screen = Screen()
    run = pipeline.score(loaded, lsoas, practices, option=option, listen=screen.stage)
    _write(run, output, screen)
    show_options(run)


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(help="A run's folder.", exists=True, file_okay=False)],
) -> None:
    """Draw the map, report, workbook and pictures of a run again, from its folder alone."""
    from boundaries import pipeline

    pipeline.render(folder)
    _where(folder)


@app.command()
def compare(
    run_a: Annotated[
        Path, typer.Argument(help="Folder of the first run.", exists=True, file_okay=False)
    ],
    run_b: Annotated[
        Path, typer.Argument(help="Folder of the second.", exists=True, file_okay=False)
    ],
    output: Folder,
) -> None:
    """Say what changed between two runs of one place: a page, a workbook, a paragraph."""
    from boundaries.comparison import write_comparison

    typer.echo(write_comparison(run_a, run_b, output))
    typer.echo(f"Page:     {output / 'compare.html'}")
    typer.echo(f"Workbook: {output / 'compare.xlsx'}")


@app.command()
def replies(
    folder: Annotated[
        Path, typer.Argument(help="Replies as they came.", exists=True, file_okay=False)
    ],
    study: StudyFile,
    output: Folder = Path("replies"),
) -> None:
    """Collate replies to a draft: a table, a map layer, and the locks that they ask for."""
    from boundaries.replying import REPLIED, write_replies

    done = write_replies(folder, study, output)
    typer.echo(f"{len(done.replies)} replies read.")
    for name in REPLIED[:3]:
        typer.echo(f"  {output / name}")
    if done.problems:
        show_problems(done.problems)
    if any(problem.level == "error" for problem in done.problems):
        raise typer.Exit(1)


def _propose(study: Path, output: Path, *, quick: bool, sensitivity: bool | None = None) -> None:
    from boundaries import pipeline

    loaded = pipeline.study_for(study, output)
    screen = Screen()
    with screen.interruptible() as stop:
        run = pipeline.propose(
            loaded, quick=quick, sensitivity=sensitivity,
            listen=screen.stage, progress=screen.progress, stop=stop,
        )  # fmt: skip
    _write(run, output, screen)
    show_options(run)
    _where(output)


def _write(run: Run, output: Path, screen: Screen) -> None:
    from boundaries import pipeline

    screen.stage("render")
    pipeline.save(run, output)
    screen.done()


def _where(folder: Path) -> None:
    for name, what in (
        ("map.html", "Map"),
        ("report.html", "Report"),
        ("workbook.xlsx", "Workbook"),
    ):
        if (folder / name).is_file():
            typer.echo(f"{what + ':':10}{folder / name}")


def main() -> None:
    """Run the command line; turn every error raised on purpose into words and an exit code."""
    try:
        app()
    except InfeasibleError as error:
        typer.echo(readable(str(error)), err=True)
        for reason in error.reasons:
            typer.echo(readable(f"  - {reason}"), err=True)
        sys.exit(3)
    except InputError as error:
        typer.echo(readable(str(error)), err=True)
        sys.exit(1)
    except BoundariesError as error:
        typer.echo(readable(f"{type(error).__name__}: {error}"), err=True)
        sys.exit(1)
    except BrokenPipeError:  # whoever read the output has gone, as `head` does
        sys.stderr.close()
        sys.exit(1)
    except MemoryError:
        said = f"There was not enough memory while {what_was_done()}. Close other programs, or use"
        typer.echo(f"{said} a machine with more.", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback
        typer.echo(readable(unforeseen(error)), err=True)
        sys.exit(1)
