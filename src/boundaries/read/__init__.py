"""Files to tidy tables, one module for each publisher's family, told by content.

Goes in: a `Study`, or files and folders. Comes out: `Tables`, with every fault of every file.
Next: `boundaries.checks`.
"""

from boundaries.read.account import FileUse, describe
from boundaries.read.boroughs import list_boroughs, match_boroughs
from boundaries.read.choose import Choice, choose_files
from boundaries.read.find import Found, find_files
from boundaries.read.plans import PlanTables, read_plan
from boundaries.read.study_files import ReadData, read_data, read_tables, unread_roles
from boundaries.read.tables import LayerTable, Source, Tables

__all__ = [
    "Choice",
    "FileUse",
    "Found",
    "LayerTable",
    "PlanTables",
    "ReadData",
    "Source",
    "Tables",
    "choose_files",
    "describe",
    "find_files",
    "list_boroughs",
    "match_boroughs",
    "read_data",
    "read_plan",
    "read_tables",
    "unread_roles",
]
