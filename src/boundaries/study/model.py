"""The study as a frozen model: every table and key that it may have, and what each means.

Goes in: what `boundaries.study.load` read. Comes out: `Study`. Next: `boundaries.read`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping  # noqa: TC003 - pydantic needs it at run time
from datetime import date  # noqa: TC003 - as above
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from boundaries.problems import raise_on_errors
from boundaries.study.faults import explain
from boundaries.study.frames import as_file, as_files

__all__ = ["TABLES", "Layer", "Lock", "Rates", "Rules", "Study"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, Path)) else value


Files = Annotated[tuple[Path, ...], BeforeValidator(as_files)]
File = Annotated[Path, BeforeValidator(as_file)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    """A table of the study: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlaceTable(_Part):
    """``[place]``: which boroughs make the place, and practices listed in or out of it.

    Parameters
    ----------
    made_up
        The data is invented: pages say so, and no publisher is named as its source.
    """

    boroughs: Texts = Field(min_length=1)
    name: str = ""
    include_practices: Texts = ()
    exclude_practices: Texts = ()
    made_up: bool = False


class DataTable(_Part):
    """``[data]``: the files, by what they are used for. Each may be one file or a list.

    In Python a frame may stand where a file does (`boundaries.study.frames`).
    """

    registrations: Files = Field(min_length=1)
    lsoas: Files = Field(min_length=1)
    practices: Files = ()
    memberships: Files = ()
    memberships_on: date | None = None
    postcodes: Files = ()
    list_sizes: Files = ()
    residents: Files = ()
    residents_column: str | None = None
    centroids: Files = ()
    deprivation: Files = ()
    lsoa_lookup: Files = ()
    boroughs: Files = ()
    wards: Files = ()


class Layer(_Part):
    """A layer of polygons with a name column, or a two-column lookup by LSOA, ward or MSOA.

    ``file`` and ``points`` are paths, or frames in memory.
    """

    file: File
    name: str | None = None
    label: str = ""
    weight: float = Field(default=1.0, ge=0)
    points: File | None = None


class Footprints(_Part):
    """``[footprints]``: neighbourhoods as they are drawn today, or given to PCNs to match."""

    today: Layer | None = None
    given: Layer | None = None


class Waiver(_Part):
    """A PCN that may fall under its floor, and why."""

    pcn: str
    reason: str = Field(min_length=3)


class Rules(_Part):
    """``[rules]``: the hard rules of a plan.

    Parameters
    ----------
    neighbourhoods
        How many: a count, or a range of counts, each of which is then solved and reported.
    residents_band
        Residents of every neighbourhood within this share of the mean (0.25 is ±25 %).
    residents
        The same in people, least and most; replaces the band.
    pcn_floor
        A PCN's staying list must not fall below this, or below its list today if that is less.
    span_list_size
        A PCN may be anchored in one neighbourhood for every so many patients on its list.
    spans
        The span of a PCN by its code, or one number for all; replaces ``span_list_size``.
    nest_in
        ``borough`` keeps each neighbourhood within one borough.
    waivers
        PCNs that may fall under their floor, each with a reason.
    """

    neighbourhoods: int | tuple[int, int]
    residents_band: Share = 0.25
    residents: tuple[int, int] | None = None
    pcn_floor: int = Field(default=30_000, ge=0)
    span_list_size: int = Field(default=50_000, ge=1)
    spans: int | dict[str, int] | None = None
    nest_in: Literal["borough"] | None = None
    waivers: tuple[Waiver, ...] = ()

    @model_validator(mode="after")
    def _sensible(self) -> Rules:
        least, most = self.counts
        if least < 1 or most < least:
            raise ValueError("neighbourhoods must be 1 or more, the first of a range the smaller")
        if self.residents is not None and self.residents[0] > self.residents[1]:
            raise ValueError("residents must give the least first, then the most")
        return self

    @property
    def counts(self) -> tuple[int, int]:
        """Least and most neighbourhoods."""
        given = self.neighbourhoods
        return (given, given) if isinstance(given, int) else given

    def residents_limits(self, residents: int, neighbourhoods: int) -> tuple[int, int]:
        """Return the least and the most residents a neighbourhood may have.

        Parameters
        ----------
        residents
            Residents of the whole place.
        neighbourhoods
            How many neighbourhoods the plan has.

        Returns
        -------
        tuple[int, int]
            Whole people; a band is rounded inwards.
        """
        if self.residents is not None:
            return self.residents
        mean = residents / neighbourhoods
        low, high = mean * (1 - self.residents_band), mean * (1 + self.residents_band)
        return -int(-low // 1), int(high // 1)

    def span_of(self, pcn_code: str, list_size: int) -> int:
        """Return the most neighbourhoods that a PCN may be anchored in."""
        if isinstance(self.spans, int):
            return max(1, self.spans)
        named = (self.spans or {}).get(pcn_code)
        return max(1, list_size // self.span_list_size) if named is None else max(1, named)


class NeighbourEdits(_Part):
    """``[neighbours]``: pairs cut (river, railway) or added (bridge, ferry), inline or as CSV."""

    cut: Annotated[tuple[tuple[str, str], ...] | Path, BeforeValidator(as_file)] = ()
    add: Annotated[tuple[tuple[str, str], ...] | Path, BeforeValidator(as_file)] = ()


class Lock(_Part):
    """``[[locks]]``: LSOAs, practices or PCNs that must be together, or apart.

    Two LSOAs or practices are together in the same neighbourhood; one of them and a PCN when it
    is in a neighbourhood that the PCN is anchored in; two PCNs when they share an anchor.
    ``stays`` and ``joins`` are short for a practice together with its own PCN, or with another.
    """

    together: Texts = ()
    apart: Texts = ()
    stays: Texts = ()
    practice: str | None = None
    joins: str | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Lock:
        kinds = [bool(self.together), bool(self.apart), bool(self.stays), bool(self.joins)]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of together, apart, stays, or practice with joins")
        if bool(self.joins) != bool(self.practice):
            raise ValueError("practice and joins go together: which practice joins which PCN")
        for group in (self.together, self.apart):
            if len(group) == 1:
                raise ValueError("together and apart need at least two codes")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that the lock names."""
        named = tuple(code for code in (self.practice, self.joins) if code)
        return self.together + self.apart + self.stays + named


class Options(_Part):
    """``[options]``: which options to propose and how hard to look.

    Parameters
    ----------
    max_moves
        Length of the ladder: at most this many practices move.
    teams_stay
        Layer of teams whose patches the option ``teams-stay`` keeps whole.
    best_fit
        Whether to find the ceiling: any number of moves, rules 6 and 7 waived.
    tolerance
        Plans within this share of the best objective count as near-optimal.
    settled
        At most so many near-optimal plans that differ are kept for the first and the last rung of
        the ladder; 0 looks for none.
    sensitivity
        Whether to solve again with other weights, bands and counts of neighbourhoods, and say what
        stays the same.
    seed
        One seed gives byte-identical plans.
    effort
        Work limit of the search, the same on every machine.
    """

    max_moves: int = Field(default=3, ge=0, le=50)
    teams_stay: str | None = None
    best_fit: bool = True
    tolerance: Share = 0.02
    settled: int = Field(default=60, ge=0)
    sensitivity: bool = True
    seed: int = 1
    effort: Literal["quick", "standard", "thorough"] = "standard"


class Rates(_Part):
    """``[rates]``: what follows a registered patient; orders of magnitude, stated in the report.

    The defaults are 2024/25 figures: £36.73 of PCN-level money a registered patient a year (core,
    enhanced access, capacity and access, and the ARRS maximum; Pulse, "PCN funding remains flat
    for 2024/25"). ``arrs_wte_per_10000`` is not published as one rate: it is empty unless set.
    """

    pounds_per_patient_a_year: float = Field(default=36.73, ge=0)
    arrs_wte_per_10000: float | None = Field(default=None, ge=0)
    source: str = "2024/25 rates, registered list; order of magnitude only"


class Report(_Part):
    """``[report]``: words for the report."""

    title: str = ""
    purpose: str = ""
    success_factors: Texts = ()
    organisation: str = ""
    suppress: Literal["nhs"] | None = None


class Study(_Part):
    """Everything a run needs: the place, its files, the rules, what to propose.

    Parameters
    ----------
    place, data, rules, teams, footprints, neighbours, locks, options, rates, report
        The tables of the file (docs/study.md says every key), as dictionaries. Where the file has
        a path, a frame may stand: it is read and checked as a file of it would be.
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
    locks: tuple[Lock, ...] = ()
    options: Options = Options()
    rates: Rates = Rates()
    report: Report = Report()
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
            ``neighbourhoods=4``; ``residents`` means that of ``[rules]``); a whole table by its name (``rules={"pcn_floor": 0}``: the keys
            not given stay); ``locks=[…]`` replaces all locks; ``weights={"layer": 0.5}`` sets
            the weights of layers of teams. None takes a key back to its default.

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

    def to_toml(self, path: str | Path) -> Path:
        """Write the study as a file that `load_study` and the command line read.

        Paths in it are relative to it; frames in memory are written into a folder beside it. A
        study as it was read keeps its comments when it is written to the folder it came from.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        InputError
            When there is a file of that name already, or it cannot be written.

        Examples
        --------
        >>> study.with_(max_moves=1).to_toml("one-move.toml")
        PosixPath('one-move.toml')
        """
        from boundaries.study.write import write_study  # noqa: PLC0415 - it writes a `Study`

        return write_study(self, Path(path))

    def __repr__(self) -> str:
        least, most = self.rules.counts
        count = f"{least}" if least == most else f"{least} to {most}"
        name = self.place.name or ", ".join(self.place.boroughs)
        return f"Study({name!r}, {count} neighbourhoods, {self.sha256[:8]})"

    __str__ = __repr__


TABLES: dict[str, type[BaseModel]] = {
    "place": PlaceTable, "data": DataTable, "rules": Rules, "teams": Layer,
    "footprints": Footprints, "today": Layer, "given": Layer, "neighbours": NeighbourEdits,
    "locks": Lock, "options": Options, "rates": Rates, "report": Report, "waivers": Waiver,
}  # fmt: skip
"""The model of each table of the study by its key."""
