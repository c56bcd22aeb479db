"""The study: one TOML file in, one frozen `Study` out. Next: `boundaries.read`."""

from boundaries.study.frames import file_of, is_table
from boundaries.study.load import load_study, parse_study
from boundaries.study.model import Barrier, ContextLayer, DataTable, Layer, Lock, Rates, Rules
from boundaries.study.study import Study

__all__ = [
    "Barrier",
    "ContextLayer",
    "DataTable",
    "Layer",
    "Lock",
    "Rates",
    "Rules",
    "Study",
    "file_of",
    "is_table",
    "load_study",
    "parse_study",
]
