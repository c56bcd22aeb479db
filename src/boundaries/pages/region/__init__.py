"""A region on one page and in one workbook: its places beside each other, with links to their own.

Goes in: a `Region` and what became of every place of the batch. Comes out: ``region.html`` and
``region.xlsx``, which open with the network off. `page` puts the page together from `picture` (the
map), `tables` and `said` (the sentences); `book` writes the workbook.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundaries.pages.region.book import write_region_book
    from boundaries.pages.region.page import write_region_page

__all__ = ["write_region_book", "write_region_page"]

_HOMES = {
    "write_region_book": "boundaries.pages.region.book",
    "write_region_page": "boundaries.pages.region.page",
}


def __getattr__(name: str) -> Any:
    """Import a drawing function when it is first used."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'boundaries.pages.region' has no attribute {name!r}")
