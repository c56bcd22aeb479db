"""One small made-up place that can be drawn by hand, for every test.

Six columns and five rows of square LSOAs, 1 km wide, numbered row by row from the south-west::

    row 4   24 25 26 27 28 29
    row 3   18 19 20 21 22 23
    row 2   12 13 14 15 16 17
    row 1   06 07 08 09 10 11
    row 0   00 01 02 03 04 05

Practices P1–P6 stand in LSOAs 06, 13, 09, 22, 04 and 26; their PCNs are A (P1, P2), B (P3, P4)
and C (P5); P6 has none. P4 lies far from the rest of B's patients on purpose.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from boundaries.place import Place, TeamLayer
from boundaries.read.tables import LayerTable, Tables
from boundaries.study import Study

pytest_plugins = ("tests.runs",)

LONDON = Path(__file__).resolve().parents[1].parent / "shared" / "data"

PRACTICES = {  # code: (column, row, pcn, patients at distance 0, 1, 2, … km)
    "A00001": (0, 1, "U00001", (400, 300, 120, 40, 10, 0)),
    "A00002": (1, 2, "U00001", (300, 250, 100, 30, 0, 0)),
    "A00003": (3, 1, "U00002", (350, 200, 100, 40, 10, 0)),
    "A00004": (4, 3, "U00002", (300, 200, 80, 30, 0, 0)),
    "A00005": (4, 0, "U00003", (500, 300, 100, 20, 0, 0)),
    "A00006": (2, 4, None, (200, 100, 50, 0, 0, 0)),
}


def lsoa(number: int) -> str:
    return f"E010000{number:02d}"


FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium():
    """Chromium, or a failure that says how to get it: browser tests are never skipped.

    One for the whole session: Playwright cannot be started twice at a time.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only browser tests need it

    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    path = next(filter(None, map(shutil.which, (*names, mac))), None)
    if path is None:
        pytest.fail(
            "The browser tests need Chromium. On Debian or Ubuntu: apt-get install chromium. "
            "Elsewhere put a `chromium` on the PATH. Leave them out with: pytest -m 'not browser'."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def london() -> Path:
    """Folder of the real open data, or skip."""
    if not (LONDON / "SOURCES.md").is_file():
        pytest.skip("the real London data is not beside this checkout (shared/data)")
    return LONDON


@pytest.fixture(scope="session")
def small_place() -> Place:
    return make_small_place()


def make_small_place() -> Place:
    lsoas = _lsoas()
    registrations = _registrations()
    practices = _practices(registrations)
    return Place(
        name="Squareborough (made up)",
        lsoa_year=2021,
        lsoas=lsoas,
        practices=practices,
        pcns=_pcns(practices),
        registrations=registrations,
        elsewhere=pd.DataFrame({"lsoa_code": [lsoa(29)], "pcn_code": ["U00009"], "patients": [25]}),
        neighbours=_neighbours(),
        cut_pairs=pd.DataFrame({"lsoa_code_a": [], "lsoa_code_b": [], "border_m": []}),
        teams={
            "nursing": _halves(lsoas, "nursing", "Community nursing", lambda c, _: c < 4),
            "social_care": _halves(lsoas, "social_care", "Adult social care", lambda _, r: r < 2),
        },
        boroughs=gpd.GeoDataFrame(
            {"borough_name": ["Squareborough"]},
            index=pd.Index(["E09000099"], name="borough_code"),
            geometry=[box(0, 0, 6000, 5000)],
            crs=27700,
        ),
    )


@pytest.fixture
def small_tables() -> Tables:
    """The small place as its files would be read: `build_place` makes `small_place` of it."""
    return make_small_tables()


@pytest.fixture
def small_study() -> Study:
    return make_small_study()


def make_small_study(**tables) -> Study:
    """A study of the small place; keyword arguments replace or add whole tables of it."""
    waivers = [{"pcn": f"U0000{n}", "reason": "made-up place: lists are small"} for n in (1, 2, 3)]
    return Study.model_validate(
        {
            "place": {"boroughs": ["Squareborough"], "name": "Squareborough (made up)"},
            "data": {"registrations": "registrations.csv", "lsoas": "lsoas.gpkg"},
            "rules": {"neighbourhoods": 3, "waivers": waivers},
            "shape": {"bond": 0},
            "teams": {
                "nursing": {"file": "nursing.gpkg", "label": "Community nursing"},
                "social_care": {"file": "social_care.csv", "label": "Adult social care"},
            },
            **tables,
        }
    )


def make_small_tables(**changes) -> Tables:
    """Tables of the small place; keyword arguments replace whole tables."""
    place = make_small_place()
    teams = {
        "nursing": LayerTable(polygons=place.teams["nursing"].patches.rename_axis("name")),
        "social_care": LayerTable(
            lookup=place.teams["social_care"]
            .shares[["lsoa_code", "team"]]
            .rename(columns={"lsoa_code": "area_code", "team": "name"})
        ),
    }
    return Tables(
        **{
            "registrations": _numbered(_all_registrations(place), "registrations.csv"),
            "practices": _numbered(_practice_file(place), "practices.csv"),
            "memberships": _memberships(),
            "memberships_on": "2025-10-01",
            "lsoas": place.lsoas.reset_index().drop(columns="imd_quintile").assign(msoa_code=""),
            "lsoa_year": 2021,
            "boroughs": place.boroughs.reset_index(),
            "teams": teams,
            **changes,
        }
    )


def _all_registrations(place: Place) -> pd.DataFrame:
    """Patients inside, 40 of each practice outside, and some residents registered elsewhere."""
    away = pd.DataFrame(
        {
            "practice_code": [*PRACTICES, *PRACTICES],
            "lsoa_code": ["E01009999"] * len(PRACTICES) + ["NO2021"] * len(PRACTICES),
            "patients": [37] * len(PRACTICES) + [3] * len(PRACTICES),
        }
    )
    theirs = pd.DataFrame(
        {
            "practice_code": ["B00009", "B00009"],
            "lsoa_code": [lsoa(29), "E01009999"],
            "patients": [25, 900],
        }
    )
    rows = pd.concat([place.registrations, away, theirs], ignore_index=True)
    return rows.assign(practice_name="", patients=rows["patients"].astype("int64"))


def _practice_file(place: Place) -> pd.DataFrame:
    ours = place.practices
    frame = pd.DataFrame(
        {
            "practice_code": ours.index,
            "practice_name": ours["practice_name"].to_numpy(),
            "postcode": ours["postcode"].to_numpy(),
            "easting": ours.geometry.x.to_numpy(),
            "northing": ours.geometry.y.to_numpy(),
        }
    )
    other = pd.DataFrame(
        {
            "practice_code": ["B00009"],
            "practice_name": ["Practice far away"],
            "postcode": ["FA1 1AA"],
            "easting": [90_000.0],
            "northing": [90_000.0],
        }
    )
    frame = pd.concat([frame, other], ignore_index=True)
    return frame.assign(
        status="A",
        prescribing_setting="4",
        pcn_code="",
        pcn_name="",
    )


def _memberships() -> pd.DataFrame:
    names = {"U00001": "Alder PCN", "U00002": "Birch PCN", "U00003": "Cedar PCN"}
    pairs = [(code, pcn) for code, (_, _, pcn, _) in PRACTICES.items() if pcn] + [
        ("B00009", "U00009")
    ]
    frame = pd.DataFrame(pairs, columns=["practice_code", "pcn_code"])
    frame["pcn_name"] = frame["pcn_code"].map(names).fillna("Far away PCN")
    frame["start"] = pd.Timestamp("2019-07-01")
    frame["end"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    return _numbered(frame, "epcn.xlsx")


def _numbered(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    return frame.assign(row=range(2, len(frame) + 2), file=file)


def _lsoas() -> gpd.GeoDataFrame:
    cells = [(n % 6, n // 6) for n in range(30)]
    deciles = [1 + (c + 2 * r) % 10 for c, r in cells]
    return gpd.GeoDataFrame(
        {
            "lsoa_name": [f"Squareborough {n:03d}" for n in range(30)],
            "borough_code": "E09000099",
            "borough_name": "Squareborough",
            "residents": [1500 + 50 * (n % 7) for n in range(30)],
            "residents_65_plus": pd.array([150 + 5 * (n % 7) for n in range(30)], dtype="Int64"),
            "imd_decile": pd.array(deciles, dtype="Int64"),
            "imd_quintile": pd.array([(d + 1) // 2 for d in deciles], dtype="Int64"),
            "ward_code": [f"E0500000{(c // 2) + 3 * (r // 3)}" for c, r in cells],
            "ward_name": [f"Ward {(c // 2) + 3 * (r // 3)}" for c, r in cells],
            "centre_e": [c * 1000 + 500.0 for c, _ in cells],
            "centre_n": [r * 1000 + 500.0 for _, r in cells],
        },
        index=pd.Index([lsoa(n) for n in range(30)], name="lsoa_code"),
        geometry=[box(c * 1000, r * 1000, (c + 1) * 1000, (r + 1) * 1000) for c, r in cells],
        crs=27700,
    )


def _registrations() -> pd.DataFrame:
    rows = []
    for code, (column, row, _, decay) in PRACTICES.items():
        for n in range(30):
            distance = max(abs(n % 6 - column), abs(n // 6 - row))
            patients = decay[min(distance, 5)] - 3 * ((n * 7 + int(code[-1])) % 5)
            if patients > 0:
                rows.append((code, lsoa(n), patients))
    return pd.DataFrame(rows, columns=["practice_code", "lsoa_code", "patients"])


def _practices(registrations: pd.DataFrame) -> gpd.GeoDataFrame:
    inside = registrations.groupby("practice_code")["patients"].sum()
    return gpd.GeoDataFrame(
        {
            "practice_name": [f"Practice {code[-1]}" for code in PRACTICES],
            "postcode": [f"SQ1 {code[-1]}AA" for code in PRACTICES],
            "list_size": [int(inside[code]) + 40 for code in PRACTICES],
            "patients_inside": [int(inside[code]) for code in PRACTICES],
            "patients_outside": 40,
            "pcn_code": [pcn for _, _, pcn, _ in PRACTICES.values()],
            "borough_code": "E09000099",
        },
        index=pd.Index(list(PRACTICES), name="practice_code"),
        geometry=[Point(c * 1000 + 400, r * 1000 + 600) for c, r, _, _ in PRACTICES.values()],
        crs=27700,
    )


def _pcns(practices: gpd.GeoDataFrame) -> pd.DataFrame:
    lists = practices.groupby("pcn_code")["list_size"].sum()
    counts = practices.groupby("pcn_code").size()
    return pd.DataFrame(
        {
            "pcn_name": ["Alder PCN", "Birch PCN", "Cedar PCN"],
            "list_size": lists,
            "list_outside": 0,
            "practices": counts,
            "practices_outside": 0,
            "span": 1,
            "floor": 0,
            "waiver": "made-up place: lists are small",
        },
        index=pd.Index(["U00001", "U00002", "U00003"], name="pcn_code"),
    )


def _neighbours() -> pd.DataFrame:
    pairs = []
    for n in range(30):
        if n % 6 < 5:
            pairs.append((lsoa(n), lsoa(n + 1)))
        if n < 24:
            pairs.append((lsoa(n), lsoa(n + 6)))
    frame = pd.DataFrame(sorted(pairs), columns=["lsoa_code_a", "lsoa_code_b"])
    return frame.assign(border_m=1000.0, bond=0.0, why="")


def _halves(lsoas, name, label, first) -> TeamLayer:
    teams = ["Team 1" if first(n % 6, n // 6) else "Team 2" for n in range(30)]
    shares = pd.DataFrame({"lsoa_code": lsoas.index, "team": teams, "share": 1.0})
    patches = lsoas[["geometry"]].assign(team=teams).dissolve("team")
    return TeamLayer(name, label, 1.0, shares, patches)
