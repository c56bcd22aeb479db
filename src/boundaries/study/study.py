"""The study: its tables together, how it is changed, and what it is recorded with.

Goes in: a file (`boundaries.study.load`), or tables in Python. Comes out: `Study`. Next:
`boundaries.read`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ValidationError, model_validator

from boundaries.problems import raise_on_errors
from boundaries.study.faults import explain
from boundaries.study.model import (
    TABLES,
    Barrier,
    Community,
    DataTable,
    Footprints,
    Layer,
    Lock,
    NeighbourEdits,
    Options,
    Part,
    PlaceTable,
    Rates,
    Reply,
    Report,
    Rules,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Study"]


class Study(Part):
    """Everything a run needs: the place, its files, the rules, what to propose.

    Parameters
    ----------
    place, data, rules
        The tables that every study has.
    teams, footprints, neighbours, shape, barriers, communities, names, locks, options, rates,
    report
        The other tables of the file (docs/study.md says every key), as dictionaries. Where the
        file has a path, a frame may stand: it is read and checked as a file of it would be.
    text, sha256
        The study as written, and its SHA-256: both go into the run record. A study that was made
        or changed in Python has the text that says the same.
    folder
        What relative paths in ``text`` are relative to.

    Raises
    ------
    InputError
        With every fault: unknown keys, wrong types.

    Examples
    --------
    >>> boundaries.Study(
    ...     place={"boroughs": "Brent"},
    ...     data={"registrations": "registrations.csv", "lsoas": "lsoas.gpkg"},
    ...     rules={"neighbourhoods": 5},
    ... )
    Study('Brent', 5 neighbourhoods, 1a4a6e5e)
    """

    place: PlaceTable
    data: DataTable
    rules: Rules
    teams: dict[str, Layer] = Field(default_factory=dict)
    footprints: Footprints = Footprints()
    neighbours: NeighbourEdits = NeighbourEdits()
    shape: Shape = Shape()
    barriers: dict[str, Barrier] = Field(default_factory=dict)
    communities: dict[str, Community] = Field(default_factory=dict)
    names: dict[str, dict[str, str]] = Field(default_factory=dict)
    locks: tuple[Lock, ...] = ()
    options: Options = Options()
    rates: Rates = Rates()
    report: Report = Report()
    reply: Reply = Reply()
    text: str = Field(default="", exclude=True)
    sha256: str = Field(default="", exclude=True)
    folder: Path = Field(default=Path(), exclude=True)

    def __init__(self, **tables: Any) -> None:
        try:
            super().__init__(**tables)
        except ValidationError as error:
            raise_on_errors([explain(dict(fault), "study", TABLES) for fault in error.errors()])
            raise  # pragma: no cover - the line above always raises

    @model_validator(mode="after")
    def _with_text(self) -> Study:
        return self if self.text else self._written()

    def _written(self) -> Study:
        """Write the study's content as its text; only ever done before anybody has seen it."""
        from boundaries.study.write import text_of  # noqa: PLC0415 - it writes a `Study`

        text = text_of(self, folder=self.folder)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "sha256", hashlib.sha256(text.encode()).hexdigest())
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy without validation; the copy's text says what it holds. `with_` is the way."""
        copied = super().model_copy(update=update, deep=deep)
        if update and "text" not in update:
            copied._written()  # noqa: SLF001 - a copy of its own
        return copied

    def with_(self, **changes: object) -> Study:
        """Return this study with some keys changed, checked as a file would be.

        Parameters
        ----------
        **changes
            Any key that stands in one table only, by its name (``max_moves=1``,
            ``neighbourhoods=4``; ``residents`` means that of ``[rules]``); a whole table by its
            name (``rules={"pcn_floor": 0}``: the keys not given stay). ``locks=[…]`` replaces all
            locks; ``weights={"layer": 0.5}`` sets the weights of layers of teams. None takes a key
            back to its default.

        Returns
        -------
        Study
            With a text and a SHA-256 of its own.

        Raises
        ------
        InputError
            With every fault: unknown keys and layers, wrong types, files that do not exist.

        Examples
        --------
        >>> study.with_(max_moves=1, neighbourhoods=4).rules.counts
        (4, 4)
        >>> study.with_(max_mvoes=1)
        Traceback (most recent call last):
        boundaries.errors.InputError: 1 problem in the data:
          error: with_: Unknown key max_mvoes. Did you mean max_moves?
        """
        from boundaries.study.change import changed  # noqa: PLC0415 - it makes a `Study`

        return changed(self, changes)

    def to_toml(self, path: str | Path, *, replace: bool = False) -> Path:
        """Write the study as a file that `load_study` and the command line read.

        Paths in it are relative to it; frames in memory are written into a folder beside it. A
        study as it was read keeps its comments when it is written to the folder it came from.

        Parameters
        ----------
        path
            The file.
        replace
            Whether a file that is there already is replaced.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        InputError
            When there is such a file and ``replace`` is not said, or it cannot be written.

        Examples
        --------
        >>> study.with_(max_moves=1).to_toml("one-move.toml")
        PosixPath('one-move.toml')
        """
        from boundaries.study.write import write_study  # noqa: PLC0415 - it writes a `Study`

        return write_study(self, Path(path), replace=replace)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the study names."""
        named = [value for _, value in self.data if isinstance(value, tuple)]
        layers = [*self.teams.values(), self.footprints.today, self.footprints.given]
        kept = [path for layer in layers if layer for path in (layer.file, layer.points)]
        edits = (self.neighbours.cut, self.neighbours.add, self.reply.engagement)
        every = [path for files in named for path in files] + kept + list(edits)
        return tuple(path for path in every if isinstance(path, Path))

    def __repr__(self) -> str:
        least, most = self.rules.counts
        count = f"{least}" if least == most else f"{least} to {most}"
        name = self.place.name or ", ".join(self.place.boroughs)
        return f"Study({name!r}, {count} neighbourhoods, {self.sha256[:8]})"

    __str__ = __repr__
