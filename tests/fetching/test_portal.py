"""The Open Geography Portal: newest services, any vintage, batches, pages, places."""

from __future__ import annotations

import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from tests.fetching.conftest import BRISK, manifest
from tests.fetching.publishers import Publishers, World
from tests.fetching.worlds import add_layers_2021

from boundaries.errors import InputError
from boundaries.fetching import Manners, fetch
from boundaries.fetching.arcgis import BATCH, find_layer
from boundaries.fetching.areas import _CENTROIDS, _DISTRICTS, _LSOAS, _WARDS
from boundaries.fetching.districts import LSOA_LOOKUP, WARD_LOOKUP

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NAMED = {  # services that ONS is known to have had, and those that have been guessed to come
    "lsoas 2021": (
        _LSOAS[2021],
        "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5",
        [
            "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BSC_V4",
            "LSOA_2021_EW_BGC_V3",
            "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BFC_V10",
        ],
    ),
    "lsoas 2011": (
        _LSOAS[2011],
        "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3_2022",
        [
            "LSOA_Dec_2011_Boundaries_Generalised_Clipped_BGC_EW_V3",
            "LSOA_DEC_2011_EW_BFE",
            "LSOA_Dec_2011_Boundaries_Super_Generalised_Clipped_BSC_EW_V3_2022",
        ],
    ),
    "districts": (
        _DISTRICTS,
        "LAD_MAY_2025_UK_BGC_V2",
        [
            "Local_Authority_Districts_May_2024_Boundaries_UK_BGC",
            "LAD_MAY_2025_UK_BGC",
            "Local_Authority_Districts_May_2023_UK_BGC_V2",
            "LAD_DEC_2025_UK_BSC",
            "Local_Authority_Districts_December_2024_Boundaries_UK_BFC",
        ],
    ),
    "wards": (
        _WARDS,
        "WD_MAY_2026_UK_BGC",
        [
            "WD_MAY_2026_UK_BFC",
            "Wards_December_2024_Boundaries_UK_BGC",
            "WD_DEC_2025_UK_BGC",
            "Wards_December_2022_Boundaries_GB_BGC",
            "WD_DEC_2019_UK_BGC",
        ],
    ),
    "ward lookup": (
        WARD_LOOKUP,
        "LSOA21_WD25_LAD25_EW_LU_v2",
        ["LSOA21_WD24_LAD24_EW_LU", "LSOA21_WD25_LAD25_EW_LU", "LSOA21_WD22_LAD22_EW_LU_v3"],
    ),
    "LSOA lookup": (
        LSOA_LOOKUP,
        "LSOA11_LSOA21_LAD22_EW_LU_v5",
        [
            "LSOA11_LSOA21_LAD22_EW_LU",
            "LSOA11_LSOA21_LAD22_EW_LU_v2",
            "LSOA01_LSOA11_LAD11_EW_LU_ddfe1cd1c2784c9b991cded95bc915a9",
        ],
    ),
    "centroids 2021": (
        _CENTROIDS[2021],
        "LSOA_PopCentroids_EW_2021_V4",
        ["LLSOA_Dec_2021_PWC_for_England_and_Wales_2022", "LSOA_PopCentroids_EW_2021_V3"],
    ),
    "centroids 2011": (_CENTROIDS[2011], "LSOA_Dec_2011_PWC_in_England_and_Wales_2022", []),
}


class Listed:
    """A trip that knows the services, and takes a layer for its name."""

    def __init__(self, names):
        self.names = tuple(names)
        self.wire = None

    def once(self, name, _):
        return self.names if name == "services" else name.removeprefix("layer ")


@pytest.mark.parametrize("what", NAMED)
def test_the_newest_service_is_taken(what):
    service, newest, others = NAMED[what]
    everybody = [name for _, best, rest in NAMED.values() for name in (best, *rest)]
    for names in ([newest, *others], [*others, newest], everybody, everybody[::-1]):
        assert find_layer(Listed(names), service) == newest


def test_polygons_go_with_the_year_of_the_lookup_when_there_are_such():
    names = ["LAD_MAY_2025_UK_BGC", "LAD_MAY_2026_UK_BGC"]
    assert find_layer(Listed(names), _DISTRICTS, like="25") == names[0]
    assert find_layer(Listed(names), _DISTRICTS, like="24") == names[1]


def towns(count=400):
    """Three districts of small squares, two of whose names hold a comma or "and"."""
    rows = []
    names = ["Bristol, City of", "Sandbourne and Melchester", "Casterbridge"]
    for district, name in enumerate(names):
        for n in range(count if district == 1 else 5):
            number = district * 1000 + n
            rows.append({
                "LSOA21CD": f"E0199{number:04d}", "LSOA21NM": f"Old name {number:04d}A",
                "lad": f"E0699000{district}", "lad_name": name,
                "ward": f"E0599{district}{n // 100:03d}",
                "ward_name": f"Ward {district} {n // 100}",
                "geometry": box(400_000 + 100 * n, 100_000 + 100 * district, 400_100 + 100 * n,
                                100_100 + 100 * district),
            })  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=27700)


@pytest.fixture
def server():
    world = World(page_of_layer=120)
    lsoa = towns()
    add_layers_2021(world, lsoa, lsoa.dissolve("lad", as_index=False))
    with Publishers(world) as publishers:
        yield publishers


@pytest.fixture
def ask(server, tmp_path):
    def go(place, *only, folder="d"):
        manners = Manners(mirror=server.address, **BRISK)
        return fetch(place, tmp_path / folder, only=only, manners=manners)

    return go


@pytest.mark.parametrize("flag", ["top", "properties", "none"])
def test_many_areas_come_in_batches_and_pages_and_are_counted(flag, server, ask, tmp_path):
    server.world.flag = flag
    done = ask("Sandbourne & Melchester", "lsoas")
    assert not done.problems
    whole = gpd.read_file(tmp_path / "d" / done.outcomes[0].file)
    assert len(whole) == 400
    assert whole.crs.to_epsg() == 27700
    assert set(whole["LAD26NM"]) == {"Sandbourne and Melchester"}
    assert set(whole["WD26CD"]) == {f"E05991{n:03d}" for n in range(4)}
    asked = [one for one in server.asked if one.method == "POST" and "IN (" in one.query["where"]]
    assert max(one.query["where"].count("E0199") for one in asked) == BATCH == 150
    assert len({one.query["where"] for one in asked if "BGC_V5" in one.path}) == 3


def test_more_than_150_codes_would_be_refused(server):
    """The server refuses them as the portal does, so the test above can fail."""
    where = "LSOA21CD IN (" + ",".join(f"'E0199{n:04d}'" for n in range(151)) + ")"
    layer = server.world.layers["Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"]
    assert (
        b"Invalid query" in server._query(layer, {"where": where, "returnCountOnly": "true"}).body
    )


def test_a_flag_that_never_ends_is_left(server, ask):
    def more(reply):
        return replace(reply, body=re.sub(rb"}$", b', "exceededTransferLimit": true}', reply.body))

    server.fail("BGC_V5.*resultOffset", more)
    done = ask("Casterbridge", "lsoas")
    assert not done.problems  # an empty page ends it, and what came is what was counted


def test_names_with_commas_codes_and_several_places(ask, tmp_path):
    done = ask("Bristol, City of", "boroughs")
    assert done.outcomes[0].file == "districts-e06990000.geojson"
    done = ask("Casterbridge, Sandbourne and Melchester", "boroughs")
    assert done.outcomes[0].file == "districts-e06990001+e06990002.geojson"
    done = ask(["E06990002", "bristol, city of"], "boroughs")
    assert done.outcomes[0].file == "districts-e06990000+e06990002.geojson"
    assert len(gpd.read_file(tmp_path / "d" / done.outcomes[0].file)) == 2
    with pytest.raises(InputError, match="Did you mean Casterbridge"):
        ask("Castorbridge", "boroughs")


def test_areas_that_are_missing_or_come_twice_are_refused(server, ask):
    name = "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"
    whole = server.world.layers[name]
    server.world.layers[name] = whole[whole["LSOA21CD"] != "E01992003"]
    assert "has no 1 of 5 areas" in ask("Casterbridge", "lsoas").problems[0].said
    twice = whole[whole["LSOA21CD"] == "E01992003"]
    server.world.layers[name] = pd.concat([whole, twice], ignore_index=True)
    assert "twice, or others" in ask("Casterbridge", "lsoas").problems[0].said


def test_a_code_that_is_none_goes_into_no_question(server, ask):
    lookup = server.world.layers["LSOA21_WD26_LAD26_EW_LU_v2"]
    bad = lookup["LSOA21CD"].replace("E01992003", "x') OR 1=1 --")
    server.world.layers["LSOA21_WD26_LAD26_EW_LU_v2"] = lookup.assign(LSOA21CD=bad)
    assert "gives a code that is none" in ask("Casterbridge", "lsoas").problems[0].said
    assert not any("OR 1=1" in one.query.get("where", "") for one in server.asked)


def test_degrees_are_taken_as_degrees(server, ask, tmp_path):
    name = "LAD_MAY_2026_UK_BGC"
    server.world.layers[name] = (
        server.world.layers[name].to_crs(4326).set_crs(27700, allow_override=True)
    )
    done = ask("Casterbridge", "boroughs")
    assert gpd.read_file(tmp_path / "d" / done.outcomes[0].file).crs.to_epsg() == 4326


def test_many_districts_have_a_short_file_name(server, ask, tmp_path):
    lsoa = towns(5)
    lsoa["lad"] = [f"E069900{n:02d}" for n in range(len(lsoa))]
    lsoa["lad_name"] = [f"Town {chr(65 + n)}" for n in range(len(lsoa))]
    server.world.layers.clear()
    add_layers_2021(server.world, lsoa, lsoa[["lad", "lad_name", "geometry"]])
    done = ask(list(lsoa["lad"][:6]), "boroughs", folder="many")
    assert re.fullmatch(r"districts-e06990000\+5-more-[0-9a-f]{8}\.geojson", done.outcomes[0].file)
    assert manifest(tmp_path / "many")["boroughs"]["file"] == done.outcomes[0].file
