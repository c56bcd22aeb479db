"""Measuring shares nothing with solving or drawing."""

from __future__ import annotations

import subprocess
import sys

NEVER = ("ortools", "folium", "matplotlib", "boundaries.solve", "boundaries.pages")


def test_measuring_loads_no_solver_and_no_drawing():
    code = f"import sys, boundaries.measure; print([m for m in {NEVER} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
