"""A made-up region of square boroughs side by side, as files that `boundaries init` finds.

Each borough has six columns and five rows of LSOAs of 1 km, six practices and three PCNs; some
patients of each cross into the next borough. A place is solved in a second or two.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("Ashby", "Birch", "Cole")
STEPS = 6  # columns of LSOAs of a borough
SITES = ((0, 1), (1, 2), (3, 1), (4, 3), (4, 0), (2, 4))
PEOPLE = (400, 250, 100, 40, 15, 5)


def make_region(folder: Path, names: tuple[str, ...] = NAMES, *, lost: str = "") -> Path:
    """Write the files of a region; the borough ``lost`` has patients only in strange LSOAs."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [(b, c, r) for b in range(len(names)) for r in range(5) for c in range(STEPS)]
    code_of = {cell: f"E0101{number:04d}" for number, cell in enumerate(cells)}
    lsoas = gpd.GeoDataFrame(
        {
            "lsoa21cd": [code_of[cell] for cell in cells],
            "lsoa21nm": [f"{names[b]} {r}{c}" for b, c, r in cells],
            "lad22cd": [f"E0900009{b}" for b, _, _ in cells],
            "lad22nm": [names[b] for b, _, _ in cells],
            "pop_mid2020": [1500 + 50 * ((c + 2 * r + b) % 7) for b, c, r in cells],
            "imd2019_decile": [1 + (c + 2 * r) % 10 for _, c, r in cells],
        },
        geometry=[_square(*cell) for cell in cells],
        crs=27700,
    )
    lsoas.to_file(folder / "lsoas.gpkg", layer="lsoas")
    practices, rows = [], []
    for b, name in enumerate(names):
        for number, (column, row) in enumerate(SITES):
            code = f"A{b}00{number:02d}"
            practices.append(
                {
                    "practice_code": code, "practice_name": f"{name} practice {number}",
                    "postcode": "", "easting": 500_400 + 1000 * (b * STEPS + column),
                    "northing": 200_600 + 1000 * row, "pcn_code": f"U{b}000{number // 2}",
                    "pcn_name": f"{name} PCN {number // 2}", "status": "A",
                    "prescribing_setting": 4,
                }
            )  # fmt: skip
            for cell in cells:
                far = max(abs((cell[0] - b) * STEPS + cell[1] - column), abs(cell[2] - row))
                patients = PEOPLE[min(far, 5)] - 3 * ((cell[1] * 7 + cell[2] + number) % 5)
                if patients > 0 and far <= 5:
                    lsoa = f"{code_of[cell][:-1]}?" if name == lost else code_of[cell]
                    rows.append((code, lsoa, patients))
    pd.DataFrame(practices).to_csv(folder / "practices.csv", index=False)
    columns = ["PRACTICE_CODE", "LSOA_CODE", "NUMBER_OF_PATIENTS"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "registrations.csv", index=False)
    return folder


def _square(b: int, c: int, r: int):
    east, north = 500_000 + 1000 * (b * STEPS + c), 200_000 + 1000 * r
    return box(east, north, east + 1000, north + 1000)


def run(*words, **more):
    """Run the command line as a user does; return exit code, output and errors."""
    command = [sys.executable, "-m", "boundaries", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    return done.returncode, done.stdout, done.stderr


def start(*words, **more):
    """Start the command line; it goes on beside the test."""
    command = [sys.executable, "-m", "boundaries", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ, **more
    )


@pytest.fixture(scope="session")
def region_data(tmp_path_factory) -> Path:
    return make_region(tmp_path_factory.mktemp("region") / "data")
