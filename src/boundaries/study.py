"""The one TOML file that says everything a run needs, as a frozen model.

Goes in: the path of a study. Comes out: `Study`, whose file paths are absolute.
Every fault is found at once: unknown keys (with the nearest known one), wrong types, missing
files. Next: `boundaries.read`.
"""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date  # noqa: TC003 - pydantic needs it at run time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from boundaries.codes import nearest_name
from boundaries.problems import Problem, raise_on_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Lock", "Rules", "Study", "load_study", "parse_study"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, Path)) else value


Files = Annotated[tuple[Path, ...], BeforeValidator(_as_list)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    """A table of the study: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlaceTable(_Part):
    """``[place]``: which boroughs make the place, and practices listed in or out of it."""

    boroughs: Texts = Field(min_length=1)
    name: str = ""
    include_practices: Texts = ()
    exclude_practices: Texts = ()


class DataTable(_Part):
    """``[data]``: the files, by what they are used for. Each may be one file or a list."""

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
    """A layer of polygons with a name column, or a two-column lookup by LSOA, ward or MSOA."""

    file: Path
    name: str | None = None
    label: str = ""
    weight: float = Field(default=1.0, ge=0)
    points: Path | None = None


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

    cut: tuple[tuple[str, str], ...] | Path = ()
    add: tuple[tuple[str, str], ...] | Path = ()


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
        Plans within this share of the objective count as near-optimal.
    settled
        How many near-optimal plans that differ to look for at each rung (0: none).
    seed
        One seed gives byte-identical plans.
    effort
        Work limit of the search, the same on every machine.
    """

    max_moves: int = Field(default=3, ge=0, le=50)
    teams_stay: str | None = None
    best_fit: bool = True
    tolerance: Share = 0.02
    settled: int = Field(default=0, ge=0)
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
    """Everything a run needs. Paths are absolute once loaded.

    Parameters
    ----------
    text, sha256
        The study as written, and its SHA-256: both go into the run record.
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


def load_study(path: str | Path) -> Study:
    """Read a study file; paths in it are relative to the file.

    Raises
    ------
    InputError
        With every fault: not TOML, unknown keys, wrong types, missing files.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        said = f"The study cannot be read: {error.strerror or error}."
        raise_on_errors(
            [_fault(str(path), "", said, "Give the path of a study; `boundaries init` makes one.")]
        )
        raise  # pragma: no cover - the line above always raises
    return parse_study(text, folder=file.resolve().parent, name=file.name)


def parse_study(text: str, *, folder: Path, name: str = "study", must_exist: bool = True) -> Study:
    """Turn the text of a study into a `Study`.

    Parameters
    ----------
    text
        TOML.
    folder
        What relative paths in it are relative to.
    name
        File name for messages.
    must_exist
        Whether files that are not there are faults; a finished run is read without its inputs.

    Raises
    ------
    InputError
        With every fault: not TOML, unknown keys, wrong types, missing files.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise_on_errors([_fault(name, "", f"Not valid TOML: {error}.", "Mend that line.")])
        raise  # pragma: no cover - the line above always raises
    problems: list[Problem] = []
    study: Study | None = None
    raw.pop("text", None)
    raw.pop("sha256", None)
    try:
        study = Study.model_validate(_with_absolute_paths(raw, folder))
    except ValidationError as error:
        problems += [_explain(dict(fault), name) for fault in error.errors()]
    if must_exist:
        problems += _missing_files(raw, folder, name)
    if study is not None:
        problems += _cross_checks(study, name)
    raise_on_errors(problems)
    assert study is not None  # noqa: S101 - every validation error is a problem above
    digest = hashlib.sha256(text.encode()).hexdigest()
    return study.model_copy(update={"text": text, "sha256": digest})


_PATHS = {
    "data": {
        "registrations", "lsoas", "practices", "memberships", "postcodes", "list_sizes",
        "residents", "centroids", "deprivation", "lsoa_lookup", "boroughs", "wards",
    },
    "neighbours": {"cut", "add"},
    "layer": {"file", "points"},
}  # fmt: skip


def _path_values(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield key path, table and key of everything in the study that names files."""

    def table(parent: object, key: str) -> dict[str, Any]:
        value = parent.get(key) if isinstance(parent, dict) else None
        return value if isinstance(value, dict) else {}

    for part in ("data", "neighbours"):
        for key in sorted(_PATHS[part] & table(raw, part).keys()):
            yield f"{part}.{key}", raw[part], key
    for part in ("teams", "footprints"):
        for layer in table(raw, part):
            for key in sorted(_PATHS["layer"] & table(raw[part], layer).keys()):
                yield f"{part}.{layer}.{key}", raw[part][layer], key


def _with_absolute_paths(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    for _, table, key in _path_values(raw):
        value = table[key]
        if isinstance(value, str):
            table[key] = str(folder / value)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            table[key] = [str(folder / item) for item in value]
    return raw


def _missing_files(raw: dict[str, Any], folder: Path, name: str) -> list[Problem]:
    problems = []
    for key, table, last in _path_values(raw):
        given = table[last] if isinstance(table[last], list) else [table[last]]
        for item in given:
            if isinstance(item, str) and not Path(item).exists():
                shown = (
                    Path(item).relative_to(folder) if Path(item).is_relative_to(folder) else item
                )
                problems.append(
                    _fault(name, key, f"{key}: there is no file {shown}.", _similar(Path(item)))
                )
    return problems


def _similar(path: Path) -> str:
    if path.parent.is_dir():
        near = nearest_name(path.name, (entry.name for entry in path.parent.iterdir()))
        return (
            f"Did you mean {near}?" if near else f"The folder {path.parent.name} has no such file."
        )
    return "Paths are relative to the study file."


def _cross_checks(study: Study, name: str) -> list[Problem]:
    problems = []
    stay = study.options.teams_stay
    if stay is not None and stay not in study.teams:
        near = nearest_name(stay, study.teams)
        said = f"options.teams_stay names the layer {stay!r}, which [teams] does not have."
        fix = f"Did you mean {near!r}?" if near else "Add the layer under [teams]."
        problems.append(_fault(name, "options.teams_stay", said, fix))
    return problems


def _explain(fault: dict[str, Any], name: str) -> Problem:
    """Turn one pydantic fault into a problem with the key's path and the nearest known key."""
    location = [str(part) for part in fault["loc"] if "[" not in str(part)]
    key = ".".join(location)
    if fault["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        near = nearest_name(location[-1], known)
        fix = f"Did you mean {near}?" if near else f"Known keys here: {', '.join(sorted(known))}."
        return _fault(name, key, f"Unknown key {key}.", fix)
    if fault["type"] == "missing":
        return _fault(name, key, f"{key} is missing.", "Add it; docs/study.md shows how.")
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    shown = f" (given: {given!r})" if isinstance(given, (str, int, float, bool)) else ""
    return _fault(name, key, f"{key}: {message}{shown}.", "Correct the value.")


def _known_keys(location: list[str]) -> set[str]:
    """Return the keys that the table at a path may have."""
    model: Any = Study
    for part in location:
        if part.isdigit():
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is not None:
            model = _TABLES.get(part, model)
        elif part not in ("today", "given"):
            model = Layer
    return set(model.model_fields) - {"text", "sha256"}


_TABLES: dict[str, Any] = {
    "place": PlaceTable, "data": DataTable, "rules": Rules, "teams": Layer,
    "footprints": Footprints, "today": Layer, "given": Layer, "neighbours": NeighbourEdits,
    "locks": Lock, "options": Options, "rates": Rates, "report": Report, "waivers": Waiver,
}  # fmt: skip


def _fault(file: str, key: str, said: str, fix: str) -> Problem:
    return Problem("error", file, None, "", key, said, fix)
