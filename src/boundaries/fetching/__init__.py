"""Fetch the published files that a study needs, whole or not at all.

Goes in: the name of a place and a folder. Comes out: the files, and ``manifest.json`` that says of
each where it came from. The way through::

    sources    every address in one table, with the page to go to by hand
    wire       asks politely: retries, proxies, certificates of the operating system
    shelf      the folder: manifest, answers kept, parts of files that go on where they stopped
    download   one file: resumed, checked, put in its place when it is whole
    arcgis     the Open Geography Portal's way of answering
    areas, people, links
               the sources, by how they are asked
    errand     one after another; what fails says what to do by hand, and the rest goes on

Next: ``boundaries init PLACE --data FOLDER``.
"""

from boundaries.fetching.errand import Fetched, fetch
from boundaries.fetching.listing import list_sources
from boundaries.fetching.sources import SOURCES
from boundaries.fetching.wire import Manners

__all__ = ["SOURCES", "Fetched", "Manners", "fetch", "list_sources"]
