"""The tables of a study as frozen models: every key that each may have, and what it means.

Goes in: what `boundaries.study.load` read. Comes out: the parts of a `Study`. Next:
`boundaries.study.study`, which puts them together.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic needs it at run time
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from boundaries.study.frames import as_file, as_files

__all__ = [
    "DEFAULT_BOND",
    "TABLES",
    "Barrier",
    "Community",
    "DataTable",
    "Footprints",
    "Layer",
    "Lock",
    "NeighbourEdits",
    "Options",
    "Part",
    "PlaceTable",
    "Rates",
    "Reply",
    "Report",
    "Rules",
    "Shape",
]

DEFAULT_BOND: Final = 0.15
"""Bond of a pair of neighbouring LSOAs, in mean LSOAs' residents, where the study says none."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, Path)) else value


Files = Annotated[tuple[Path, ...], BeforeValidator(as_files)]
File = Annotated[Path, BeforeValidator(as_file)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
_MOST_NEIGHBOURHOODS = 1_000
_MOST_COUNTS = 20
Share = Annotated[float, Field(gt=0, lt=1)]


class Part(BaseModel):
    """A table of the study: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PlaceTable(Part):
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


class DataTable(Part):
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


class Layer(Part):
    """A layer of polygons with a name column, or a two-column lookup by LSOA, ward or MSOA.

    ``file`` and ``points`` are paths, or frames in memory.
    """

    file: File
    name: str | None = None
    label: str = ""
    weight: float = Field(default=1.0, ge=0)
    points: File | None = None


class Barrier(Part):
    """``[barriers.NAME]``: lines or polygons along which a neighbourhood's edge comes naturally.

    Parameters
    ----------
    where
        By heading, the values of the features that count (``{ class = ["A Road", "Motorway"] }``);
        empty for every feature of the file.
    """

    file: File
    label: str = ""
    where: dict[str, Texts] = Field(default_factory=dict)


class Community(Part):
    """``[communities.NAME]``: areas that people call one place, as polygons or as a lookup.

    Parameters
    ----------
    names
        Neighbourhoods are named after the areas of this layer, and LSOAs too; one layer at most.
    """

    file: File
    name: str | None = None
    label: str = ""
    names: bool = False


class Shape(Part):
    """``[shape]``: what it costs to draw a line between two neighbouring LSOAs.

    Parameters
    ----------
    bond
        In mean residents of an LSOA of the place: 0.15 weighs a parted pair like some 250 people.
        0 draws lines by registrations and teams alone.
    across_barrier
        Factor of a pair whose border runs along a barrier.
    within_community
        Factor of a pair whose residents mostly live in one area of a community layer.
    """

    bond: float = Field(default=DEFAULT_BOND, ge=0, allow_inf_nan=False)
    across_barrier: float = Field(default=0.25, ge=0, allow_inf_nan=False)
    within_community: float = Field(default=2.0, ge=0, allow_inf_nan=False)


class Footprints(Part):
    """``[footprints]``: neighbourhoods as they are drawn today, or given to PCNs to match."""

    today: Layer | None = None
    given: Layer | None = None


class Waiver(Part):
    """A PCN that may fall under its floor, and why."""

    pcn: str
    reason: str = Field(min_length=3)


class Rules(Part):
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
    span_patients
        A PCN may be anchored in one neighbourhood for every so many of its patients who live in
        the place.
    spans
        The span of a PCN by its code, or one number for all; replaces ``span_patients``.
    nest_in
        ``borough`` keeps each neighbourhood within one borough.
    waivers
        PCNs that may fall under their floor, each with a reason.
    """

    neighbourhoods: int | tuple[int, int]
    residents_band: Share = 0.25
    residents: tuple[int, int] | None = None
    pcn_floor: int = Field(default=30_000, ge=0)
    span_patients: int = Field(default=50_000, ge=1)
    spans: int | dict[str, int] | None = None
    nest_in: Literal["borough"] | None = None
    waivers: tuple[Waiver, ...] = ()

    @model_validator(mode="after")
    def _sensible(self) -> Rules:
        least, most = self.counts
        if least < 1 or most < least:
            raise ValueError("neighbourhoods must be 1 or more, the first of a range the smaller")
        if most > _MOST_NEIGHBOURHOODS or most - least >= _MOST_COUNTS:
            raise ValueError(
                f"at most {_MOST_NEIGHBOURHOODS} neighbourhoods, and a range of {_MOST_COUNTS}: "
                "each count of a range is solved"
            )
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


class NeighbourEdits(Part):
    """``[neighbours]``: pairs cut (river, railway) or added (bridge, ferry), inline or as CSV."""

    cut: Annotated[tuple[tuple[str, str], ...] | Path, BeforeValidator(as_file)] = ()
    add: Annotated[tuple[tuple[str, str], ...] | Path, BeforeValidator(as_file)] = ()


class Lock(Part):
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


class Options(Part):
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


class Rates(Part):
    """``[rates]``: what follows a registered patient; orders of magnitude, stated in the report.

    The defaults are 2024/25 figures: £36.73 of PCN-level money a registered patient a year (core,
    enhanced access, capacity and access, and the ARRS maximum; Pulse, "PCN funding remains flat
    for 2024/25"). ``arrs_wte_per_10000`` is not published as one rate: it is empty unless set.
    """

    pounds_per_patient_a_year: float = Field(default=36.73, ge=0)
    arrs_wte_per_10000: float | None = Field(default=None, ge=0)
    source: str = "2024/25 rates, registered list; order of magnitude only"


class Report(Part):
    """``[report]``: words for the report."""

    title: str = ""
    purpose: str = ""
    success_factors: Texts = ()
    organisation: str = ""
    suppress: Literal["nhs"] | None = None


class Reply(Part):
    """``[reply]``: whom to answer, until when, what is asked, and the log of who was asked.

    Parameters
    ----------
    contact
        Who takes the replies, in words for people.
    email
        Where a reply can be sent; only shown, nothing is sent by itself.
    closes
        The last day for replies.
    questions
        A question or two that every reply may answer.
    engagement
        CSV of who was asked: who, for_whom, when, asked, done; it goes into the report.
    """

    contact: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=200, pattern=r"^$|^[^@\s<>\"?&]+@[^@\s<>\"?&]+$")
    closes: date | None = None
    questions: Texts = Field(default=(), max_length=3)
    engagement: File | None = None


TABLES: dict[str, type[BaseModel]] = {
    "place": PlaceTable, "data": DataTable, "rules": Rules, "teams": Layer,
    "footprints": Footprints, "today": Layer, "given": Layer, "neighbours": NeighbourEdits,
    "shape": Shape, "barriers": Barrier, "communities": Community,
    "locks": Lock, "options": Options, "rates": Rates, "report": Report, "reply": Reply,
    "waivers": Waiver,
}  # fmt: skip
"""The model of each table of the study by its key."""
