"""Fetch the published files that a study needs, whole or not at all.

Goes in: the name of a place and a folder. Comes out: the files, and ``manifest.json`` that says of
each where it came from. The way through::

    sources    every address in one table, with the page to go to by hand
    wire       asks politely: retries, proxies, certificates of the operating system
    shelf      the folder: manifest, answers kept, parts of files that go on where they stopped
    download   one file, put in its place when it is whole
    fitness    whether it is what was wanted
    links      files that pages link to or lists name: NHS England, Ordnance Survey, MHCLG
    nomis      residents
    arcgis, districts, areas
               the Open Geography Portal: the place, and its areas
    errand     one after another; what fails says what to do by hand, and the rest goes on

Next: ``boundaries init PLACE --data FOLDER``.
"""

from boundaries.fetching.errand import Fetched, fetch
from boundaries.fetching.listing import list_sources
from boundaries.fetching.sources import SOURCES
from boundaries.fetching.trip import News
from boundaries.fetching.wire import Manners

__all__ = ["SOURCES", "Fetched", "Manners", "News", "fetch", "list_sources"]
