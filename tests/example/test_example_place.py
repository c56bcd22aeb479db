"""The made-up borough: its files are what the script writes, and it behaves as London does.

The ranges are around what the published files of 1 July 2022 show for single London boroughs
(Lewisham, Hackney, Croydon): 0.61 to 0.74 of registrations with the PCN that most of the LSOA
uses, 25 to 30 PCNs in an LSOA, 40 % of rows one patient, 65 % under five.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest
import shapely

from boundaries.codes import BOROUGH, LSOA, PCN, PRACTICE, SPECIAL_LSOAS
from boundaries.study import load_study

DATA = Path(__file__).resolve().parents[2] / "data"
EXAMPLE = DATA / "example"
PLACE = "Wrenbourne (made up)"


@pytest.fixture(scope="module")
def lsoas():
    frame = gpd.read_file(EXAMPLE / "lsoa21.geojson")
    people = pd.read_csv(EXAMPLE / "lsoa21-mid2024-population.csv").set_index("LSOA21CD")
    frame["residents"] = frame["LSOA21CD"].map(people["Persons_All-Ages"])
    frame["older"] = frame["LSOA21CD"].map(people["Persons_65+"])
    return frame.set_index("LSOA21CD")


@pytest.fixture(scope="module")
def own(lsoas):
    return lsoas[lsoas["LAD22NM"] == PLACE]


@pytest.fixture(scope="module")
def practices():
    frame = pd.read_csv(EXAMPLE / "gp-reg-pat-prac-map.csv", dtype=str).set_index("PRACTICE_CODE")
    return frame.join(_points(), on="PRACTICE_POSTCODE")


def _points():
    names = ["postcode", "pqi", "easting", "northing", "district"]
    with (
        zipfile.ZipFile(EXAMPLE / "codepo_zz.zip") as archive,
        archive.open("Data/CSV/zz.csv") as file,
    ):
        frame = pd.read_csv(file, header=None, usecols=[0, 1, 2, 3, 8])
    return frame.set_axis(names, axis=1).set_index("postcode")


@pytest.fixture(scope="module")
def patients(practices):
    frame = pd.read_csv(EXAMPLE / "gp-reg-pat-prac-lsoa-all.csv")
    frame = frame.rename(columns={"NUMBER_OF_PATIENTS": "patients", "LSOA_CODE": "lsoa"})
    frame["pcn"] = frame["PRACTICE_CODE"].map(practices["PCN_CODE"])
    frame["local"] = frame["PRACTICE_CODE"].map(practices["district"]) == "E09990001"
    return frame


@pytest.fixture(scope="module")
def catchment(patients, own):
    """The PCN with most registered residents of each LSOA, ties by code."""
    inside = patients[patients["lsoa"].isin(own.index) & (patients["pcn"] != "U")]
    held = inside.groupby(["lsoa", "pcn"], as_index=False)["patients"].sum()
    held = held.sort_values(["patients", "pcn"], ascending=[False, True])
    return held.drop_duplicates("lsoa").set_index("lsoa")


def test_the_script_writes_the_committed_files_byte_for_byte(tmp_path):
    script = [sys.executable, str(DATA / "make_example.py"), "--into", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in EXAMPLE.iterdir()}
    committed.pop("study.toml")
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in EXAMPLE.iterdir()) < 1_600_000


def test_the_study_loads_and_says_that_the_place_is_made_up():
    study = load_study(EXAMPLE / "study.toml")
    assert "made up" in study.place.name
    assert "made-up" in study.report.title
    assert list(study.teams) == ["community_nursing", "adult_social_care"]
    assert all(lock.reason for lock in study.locks)


def test_lsoas_are_a_clean_coverage_of_three_boroughs(lsoas, own):
    assert lsoas.crs.to_epsg() == 27700
    assert lsoas.geometry.is_valid.all()
    assert set(lsoas.geom_type) == {"Polygon"}
    assert shapely.coverage_is_valid(lsoas.geometry.to_numpy())
    assert len(own) == 150
    assert lsoas["LAD22NM"].nunique() == 3
    assert own["residents"].between(1_000, 3_000).all()
    assert own["residents"].sum() == pytest.approx(266_000, abs=100)
    assert own.area.max() > 6 * own.area.min()
    assert own["older"].sum() / own["residents"].sum() == pytest.approx(0.13, abs=0.03)


def test_lsoas_look_like_lsoas_not_like_honeycomb(own):
    compact = 4 * 3.14159 * own.area / own.length**2
    assert 0.35 < compact.median() < 0.5  # medians of London boroughs, 2021: 0.32 to 0.40


def test_boroughs_are_the_union_of_their_lsoas(lsoas):
    boroughs = gpd.read_file(EXAMPLE / "lad22.geojson").set_index("LAD22CD")
    for code, shape in boroughs.geometry.items():
        merged = shapely.union_all(lsoas.loc[lsoas["LAD22CD"] == code].geometry.to_numpy())
        assert merged.symmetric_difference(shape).area == pytest.approx(0, abs=1e-3)


def test_codes_have_the_right_shape_and_no_practice_or_pcn_code_is_in_use(
    lsoas, practices, patients
):
    assert all(LSOA.match(code) for code in lsoas.index)
    assert all(BOROUGH.match(code) for code in lsoas["LAD22CD"])
    assert all(PRACTICE.match(code) and code.startswith("Z99") for code in practices.index)
    assert all(PCN.match(code) or code == "U" for code in practices["PCN_CODE"])
    others = set(patients["lsoa"]) - set(lsoas.index)
    assert {"NO2021", "CLOSED"} <= others
    assert all(code in SPECIAL_LSOAS or code.startswith("E01995") for code in others)


@pytest.mark.london
def test_no_real_code_or_name_is_used(london, lsoas, practices):
    real = pd.read_csv(london / "published/nhs/gp-reg-pat-prac-map_2025-10.csv", dtype=str)
    assert not set(practices.index) & set(real["PRACTICE_CODE"])
    assert not (set(practices["PCN_CODE"]) - {"U"}) & set(real["PCN_CODE"])
    lookup = next((london / "published/ons").glob("*Ward*"))
    areas = pd.read_csv(lookup, dtype=str, encoding="utf-8-sig")
    assert not set(lsoas.index) & set(areas["LSOA21CD"])
    assert not set(lsoas["LAD22CD"]) & set(areas["LAD22CD"])
    towns = lsoas["LAD22NM"].str.removesuffix(" (made up)").unique()
    assert not [town for town in towns if areas["LAD22NM"].str.contains(town).any()]


def test_the_river_parts_lsoas_except_at_two_bridges(lsoas, own):
    cuts = pd.read_csv(EXAMPLE / "river-cut-pairs.csv")
    shapes = lsoas.geometry
    shared = [shapes[a].intersection(shapes[b]).length for a, b in cuts.to_numpy()]
    assert min(shared) > 0
    pairs = _neighbours(own)
    assert _pieces(own.index, pairs) == 1
    cut = {tuple(pair) for pair in cuts.to_numpy()}
    assert cut <= pairs
    left = pairs - cut
    assert _pieces(own.index, left) == 1
    bridges = [pair for pair in left if _pieces(own.index, left - {pair}) > 1]
    north = _north_bank(own, cuts)
    crossing = [pair for pair in left if (pair[0] in north) != (pair[1] in north)]
    assert len(crossing) == 2
    assert not bridges  # losing one bridge does not part the borough; losing both does
    assert _pieces(own.index, left - set(crossing)) == 2


def _neighbours(own):
    tree = shapely.STRtree(own.geometry.to_numpy())
    a, b = tree.query(own.geometry.to_numpy(), predicate="touches")
    codes, shapes = own.index, own.geometry.to_numpy()
    return {
        (codes[i], codes[j])
        for i, j in zip(a, b, strict=True)
        if codes[i] < codes[j] and shapes[i].intersection(shapes[j]).length > 0
    }


def _pieces(codes, pairs):
    graph = nx.Graph(sorted(pairs))
    graph.add_nodes_from(codes)
    return nx.number_connected_components(graph)


def _north_bank(own, cuts):
    graph = nx.Graph(cuts.to_numpy().tolist())
    middle = own.geometry.centroid.y
    north = set()
    for piece in nx.connected_components(graph):
        one, two = nx.bipartite.sets(graph.subgraph(piece))
        north |= max((one, two), key=lambda side: middle[sorted(side)].mean())
    return _flood(own, cuts, north)


def _flood(own, cuts, north):
    blocked = {tuple(pair) for pair in cuts.to_numpy()}
    south = set(cuts.to_numpy().ravel()) - north
    pairs = sorted(_neighbours(own) - blocked)
    while True:
        more = {
            two
            for a, b in pairs
            for one, two in ((a, b), (b, a))
            if one in north and two not in north and two not in south
        }
        if not more:
            return north
        north |= more


def test_deprivation_has_a_pattern_in_space(own):
    table = pd.read_csv(EXAMPLE / "imd2025-lsoa21.csv")
    decile = table.set_index("LSOA code (2021)").iloc[:, -1].loc[own.index]
    assert decile.between(1, 10).all()
    assert decile.nunique() >= 9
    pairs = _neighbours(own)
    a, b = zip(*sorted(pairs), strict=True)
    assert pd.Series(decile[list(a)].to_numpy()).corr(pd.Series(decile[list(b)].to_numpy())) > 0.5


def test_wards_and_patches_fit_neither_each_other_nor_the_lsoas(own):
    wards = pd.read_csv(EXAMPLE / "lsoa21-ward24-lad24.csv").set_index("LSOA21CD").loc[own.index]
    localities = pd.read_csv(EXAMPLE / "adult-social-care.csv").set_index("WD24CD")
    nursing = gpd.read_file(EXAMPLE / "community-nursing.geojson").set_index("TEAM")
    assert wards["WD24CD"].nunique() == 18
    assert set(wards["WD24CD"]) == set(localities.index)
    assert localities["LOCALITY"].nunique() == 4
    assert len(nursing) == 5
    assert shapely.coverage_is_valid(nursing.geometry.to_numpy())
    assert nursing.area.sum() == pytest.approx(own.area.sum())
    share = pd.DataFrame(
        {t: own.intersection(s).area / own.area for t, s in nursing.geometry.items()}
    )
    assert 15 <= (share.max(axis=1) < 0.95).sum() <= 60
    locality = wards["WD24CD"].map(localities["LOCALITY"])
    assert pd.crosstab(share.idxmax(axis=1), locality).gt(5).sum().sum() >= 8


def test_points_hold_everyone(own):
    points = pd.read_csv(EXAMPLE / "where-people-live.csv")
    where = gpd.GeoSeries(gpd.points_from_xy(points["easting"], points["northing"]), crs=27700)
    inside = where.within(own.union_all())
    assert points.loc[inside, "residents"].sum() == pytest.approx(own["residents"].sum(), rel=0.01)


def test_practices_and_pcns_are_as_many_and_as_large_as_planned(practices, patients, own):
    local = practices[practices["district"] == "E09990001"]
    assert len(local) == 30
    assert (local["PCN_CODE"] == "U").sum() == 1
    assert local["PCN_CODE"].nunique() == 7
    lists = patients.groupby("pcn")["patients"].sum()[sorted(set(local["PCN_CODE"]) - {"U"})]
    assert lists.between(29_000, 61_000).all()
    assert (lists < 30_000).sum() == 1
    assert lists.sum() / own["residents"].sum() == pytest.approx(1.175, abs=0.03)
    across = practices[practices["PCN_CODE"].isin(lists.index) & ~practices.index.isin(local.index)]
    assert len(across) == 1


def test_epraccur_holds_dormant_closed_and_other_prescribers():
    table = pd.read_csv(EXAMPLE / "epraccur.csv", header=None, dtype=str, encoding="latin-1")
    assert table.shape[1] == 27
    assert set(table[12]) == {"A", "C", "D"}
    assert set(table[25]) == {"4", "1", "2"}


def test_rows_are_mostly_few_patients_as_in_the_published_file(patients, own):
    rows = patients.loc[patients["local"], "patients"]
    assert (rows == 1).mean() == pytest.approx(0.39, abs=0.03)
    assert (rows < 5).mean() == pytest.approx(0.62, abs=0.03)
    residents = patients[patients["lsoa"].isin(own.index)]
    assert 20 <= residents.groupby("lsoa")["pcn"].nunique().mean() <= 30
    assert 45 <= residents.groupby("lsoa").size().mean() <= 65


def test_patients_come_from_outside_and_residents_go_outside(patients, own):
    lists = patients[patients["local"]]
    residents = patients[patients["lsoa"].isin(own.index)]
    both = lists.loc[lists["lsoa"].isin(own.index), "patients"].sum()
    assert 1 - both / lists["patients"].sum() == pytest.approx(0.10, abs=0.02)
    assert 1 - both / residents["patients"].sum() == pytest.approx(0.08, abs=0.02)
    ratio = residents.groupby("lsoa")["patients"].sum() / own["residents"]
    assert ratio.between(1.0, 1.35).all()


def test_catchments_hold_two_thirds_of_their_patients(patients, own, catchment):
    residents = patients[patients["lsoa"].isin(own.index) & (patients["pcn"] != "U")]
    aligned = catchment["patients"].sum() / residents["patients"].sum()
    assert 0.60 <= aligned <= 0.70


def test_one_pcn_is_in_two_parts_and_four_hold_a_practice_out_of_place(
    practices, patients, own, catchment
):
    alliance = own[own.index.isin(catchment.index[catchment["pcn"] == "U99006"])]
    parts = alliance.union_all()
    assert parts.geom_type == "MultiPolygon"
    assert sorted(part.area for part in parts.geoms)[-2] > 1e6
    local = patients[patients["local"] & patients["lsoa"].isin(own.index)]
    of = local["lsoa"].map(catchment["pcn"])
    held = local.assign(of=of).pivot_table(
        index="PRACTICE_CODE", columns="of", values="patients", aggfunc="sum", fill_value=0
    )
    now = practices["PCN_CODE"].reindex(held.index)
    at_home = pd.Series(
        {code: held.loc[code].get(now[code], 0) / held.loc[code].sum() for code in held.index}
    )[now != "U"]
    out_of_place = ["Z99006", "Z99011", "Z99020", "Z99025"]
    assert at_home[out_of_place].max() < 0.4
    assert at_home.drop(out_of_place).min() > 0.45
