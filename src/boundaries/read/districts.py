"""Districts of England that changed their code: which of before make which of after.

Goes in: a code or a name of any year since 2009. Comes out: the code of today, or the districts of
before that make one of after. Next: `boundaries.read.boroughs`, `boundaries.checks`.

Source: ONS Code History Database. Polygons of 2011 know Buckinghamshire as four districts, those
of 2022 know Sheffield by another code than those of 2025; a place is the same whatever they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CHANGES", "Change", "code_today", "kind_of_district"]


@dataclass(frozen=True)
class Change:
    """A district that was made of others, or got another code.

    Parameters
    ----------
    code, name
        After.
    year
        In which it began.
    before
        Codes and names of what it was made of.
    """

    code: str
    name: str
    year: int
    before: tuple[tuple[str, str], ...]


def _change(code: str, name: str, year: int, *before: str) -> Change:
    pairs = tuple((text[:9], text[9:].strip() or name) for text in before)
    return Change(code, name, year, pairs)


CHANGES: Final = (
    _change("E06000057", "Northumberland", 2013, "E06000048"),
    _change("E07000240", "St Albans", 2012, "E07000100"),
    _change("E07000241", "Welwyn Hatfield", 2012, "E07000104"),
    _change("E07000242", "East Hertfordshire", 2013, "E07000097"),
    _change("E07000243", "Stevenage", 2013, "E07000101"),
    _change("E08000037", "Gateshead", 2013, "E08000020"),
    _change(
        "E06000058", "Bournemouth, Christchurch and Poole", 2019, "E06000028 Bournemouth",
        "E06000029 Poole", "E07000048 Christchurch",
    ),
    _change(
        "E06000059", "Dorset", 2019, "E07000049 East Dorset", "E07000050 North Dorset",
        "E07000051 Purbeck", "E07000052 West Dorset", "E07000053 Weymouth and Portland",
    ),
    _change(
        "E07000244", "East Suffolk", 2019, "E07000205 Suffolk Coastal", "E07000206 Waveney"
    ),
    _change(
        "E07000245", "West Suffolk", 2019, "E07000201 Forest Heath",
        "E07000204 St Edmundsbury",
    ),
    _change(
        "E07000246", "Somerset West and Taunton", 2019, "E07000190 Taunton Deane",
        "E07000191 West Somerset",
    ),
    _change(
        "E06000060", "Buckinghamshire", 2020, "E07000004 Aylesbury Vale",
        "E07000005 Chiltern", "E07000006 South Bucks", "E07000007 Wycombe",
    ),
    _change(
        "E06000061", "North Northamptonshire", 2021, "E07000150 Corby",
        "E07000152 East Northamptonshire", "E07000153 Kettering", "E07000156 Wellingborough",
    ),
    _change(
        "E06000062", "West Northamptonshire", 2021, "E07000151 Daventry",
        "E07000154 Northampton", "E07000155 South Northamptonshire",
    ),
    _change(
        "E06000063", "Cumberland", 2023, "E07000026 Allerdale", "E07000028 Carlisle",
        "E07000029 Copeland",
    ),
    _change(
        "E06000064", "Westmorland and Furness", 2023, "E07000027 Barrow-in-Furness",
        "E07000030 Eden", "E07000031 South Lakeland",
    ),
    _change(
        "E06000065", "North Yorkshire", 2023, "E07000163 Craven", "E07000164 Hambleton",
        "E07000165 Harrogate", "E07000166 Richmondshire", "E07000167 Ryedale",
        "E07000168 Scarborough", "E07000169 Selby",
    ),
    _change(
        "E06000066", "Somerset", 2023, "E07000187 Mendip", "E07000188 Sedgemoor",
        "E07000189 South Somerset", "E07000246 Somerset West and Taunton",
    ),
    _change(
        "E06000066", "Somerset", 2023, "E07000187 Mendip", "E07000188 Sedgemoor",
        "E07000189 South Somerset", "E07000190 Taunton Deane", "E07000191 West Somerset",
    ),
    _change("E08000038", "Barnsley", 2025, "E08000016"),
    _change("E08000039", "Sheffield", 2025, "E08000019"),
)  # fmt: skip
"""Changes since 2009, oldest first. Somerset stands twice: of 2011 it has five parts."""

_AFTER: Final = {before: change.code for change in CHANGES for before, _ in change.before}
_KINDS: Final = {
    "E06": "a unitary authority", "E07": "a district", "E08": "a metropolitan district",
    "E09": "a London borough", "W06": "in Wales",
}  # fmt: skip


def code_today(code: str) -> str:
    """Return the code of the district that a code belongs to today; any other text as it is."""
    while code in _AFTER:
        code = _AFTER[code]
    return code


def kind_of_district(code: str) -> str:
    """Say what sort of district a code is of, e.g. "a London borough"; empty when unknown."""
    return _KINDS.get(code[:3], "")
