"""The twelve tasks run, are five lines at most, and are typed."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from tests.pages.test_assets import Outside  # noqa: F401
from tests.python import tasks
from tests.python.mini import frames, mini_study

import boundaries
from boundaries.pages.assets import require_self_contained

TASKS = Path(tasks.__file__)
