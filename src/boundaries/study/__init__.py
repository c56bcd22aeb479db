"""The study: one TOML file in, one frozen `Study` out. Next: `boundaries.read`."""

from boundaries.study.load import load_study, parse_study
from boundaries.study.model import Barrier, DataTable, Layer, Lock, Rates, Rules, Study

__all__ = [
    "Barrier",
    "DataTable",
    "Layer",
    "Lock",
    "Rates",
    "Rules",
    "Study",
    "load_study",
    "parse_study",
]
