"""A place and a plan in, numbers out. Next: `boundaries.run` keeps them.

- `find_catchments`, `measure_pcn_facts`, `measure_lsoa_facts`, `measure_flows`: what is so today
- `as_is_plan`: today as a plan
- `require_cover`: whether a plan is of this place at all
- `measure_plan`: every measure of one plan, and the hard rules it breaks
- `list_moves`: the change list of a plan
- `referee`: whether a solver's claims survive being counted again
- `name_neighbourhoods`, `align_labels`: names and labels that people can follow through options
"""

from boundaries.measure.as_is import as_is_plan
from boundaries.measure.cover import require_cover
from boundaries.measure.facts import (
    find_catchments,
    measure_flows,
    measure_lsoa_facts,
    measure_pcn_facts,
)
from boundaries.measure.measure import measure_plan
from boundaries.measure.measures import BrokenRule, Measures
from boundaries.measure.moves import Today, list_moves
from boundaries.measure.names import align_labels, name_neighbourhoods
from boundaries.measure.referee import referee

__all__ = [
    "BrokenRule",
    "Measures",
    "Today",
    "align_labels",
    "as_is_plan",
    "find_catchments",
    "list_moves",
    "measure_flows",
    "measure_lsoa_facts",
    "measure_pcn_facts",
    "measure_plan",
    "name_neighbourhoods",
    "referee",
    "require_cover",
]
