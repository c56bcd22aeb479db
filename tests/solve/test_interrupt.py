"""Ctrl-C belongs to the command line: no solver may take it away, or a run would be lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from conftest import make_small_place
from boundaries.solve import solve_options
from boundaries.study import parse_study
from pathlib import Path
text = "[place]\\nboroughs = 'S'\\n[data]\\nregistrations = 'r'\\nlsoas = 'l'\\n[rules]\\n"
text += "neighbourhoods = 2\\nresidents_band = 0.5\\n"
text += "[options]\\nmax_moves = 1\\neffort = 'quick'\\n"
asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(True))
solve_options(make_small_place(), parse_study(text, folder=Path(), must_exist=False))
os.kill(os.getpid(), signal.SIGINT)
print("asked", len(asked))
"""


def test_ctrl_c_still_reaches_the_command_line_after_solving():
    words = [sys.executable, "-c", SCRIPT, str(Path(__file__).parents[1])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "asked 1"
