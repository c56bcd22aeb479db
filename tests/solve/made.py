"""Small made-up places with everything that can make trouble, each from a seed.

A grid of 7 to 12 LSOAs with borders missing here and there (so the graph may be in pieces), 3 to 6
practices, 2 to 4 PCNs, 1 to 3 neighbourhoods. By chance: spans above one, floors, practices without
a PCN or without patients, LSOAs nobody lives in, two boroughs, team layers with weights, and every
kind of lock. Many places have no plan at all.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.affinity import scale
from shapely.geometry import Point, box

from boundaries.place import Place, TeamLayer
from boundaries.solve.graph import make_graph
from boundaries.solve.instance import Instance, Links
from boundaries.study import Study


def made_instance(seed: int, *, lsoas: tuple[int, int] = (7, 12)) -> Instance:
    """The place of a seed, with so many LSOAs, least and most."""
    draw = np.random.default_rng(seed)
    size, practices = int(draw.integers(lsoas[0], lsoas[1] + 1)), int(draw.integers(3, 7))
    pcns = int(draw.integers(2, min(4, practices) + 1))
    count = int(draw.choice([1, 2, 3], p=[0.02, 0.5, 0.48]))
    wide = int(draw.integers(3, 5))
    spots = np.array([(n % wide, n // wide) for n in range(size)])
    steps = np.abs(spots[:, None] - spots[None, :]).sum(axis=2)
    missing = draw.choice([0.05, 0.25])
    edges = [
        (a, b) for a, b in np.argwhere(np.triu(steps == 1)).tolist() if draw.random() > missing
    ]
    residents = draw.integers(800, 2200, size)
    residents[draw.random(size) < 0.03] = 0
    pcn_of = np.concatenate([np.arange(pcns), draw.integers(-1, pcns, practices - pcns)])
    people = _patients(draw, spots, pcn_of)
    list_size = (people.sum(axis=1) + draw.integers(0, 60, practices)).astype(np.int64)
    outside = np.where(draw.random(pcns) < 0.3, draw.integers(0, 900, pcns), 0)
    today = np.array([list_size[pcn_of == c].sum() for c in range(pcns)]) + outside
    names, teams = _teams(draw, residents, spots)
    band, mean = float(draw.choice([0.1, 0.25, 0.4])), residents.sum() / count
    return Instance(
        lsoas=tuple(f"E010{n:05d}" for n in range(size)),
        practices=tuple(f"A{n:05d}" for n in range(practices)),
        pcns=tuple(f"U{n:05d}" for n in range(pcns)),
        teams=names,
        residents=residents.astype(np.int64),
        people=np.vstack([people, teams]),
        list_size=list_size,
        pcn_of=pcn_of.astype(np.int64),
        span=np.minimum(count, draw.choice([1, 2, 3], pcns, p=[0.7, 0.2, 0.1])).astype(np.int64),
        floor=np.where(draw.random(pcns) < 0.5, np.minimum(today, 600), 0).astype(np.int64),
        outside=outside.astype(np.int64),
        graph=make_graph(size, edges, _bonds(seed, edges)),
        neighbourhoods=count,
        least=int(np.ceil(mean * (1 - band))),
        most=int(mean * (1 + band)),
        nest=(spots[:, 1] >= 2).astype(np.int64) if draw.random() < 0.15 else None,
        links=_links(draw, size, pcn_of),
        anchored=bool(draw.random() > 0.1),
    )


def _bonds(seed: int, edges: list[tuple[int, int]]) -> list[float]:
    """In two places of three parting neighbours costs something; barriers and communities too."""
    draw = np.random.default_rng([seed, 1])
    bond = float(draw.choice([0.0, 20.0, 60.0], p=[0.34, 0.33, 0.33]))
    factors = draw.choice([1.0, 0.25, 2.0, 0.0], len(edges), p=[0.6, 0.2, 0.15, 0.05])
    return (bond * factors).tolist()


def _patients(draw: np.random.Generator, spots: np.ndarray, pcn_of: np.ndarray) -> np.ndarray:
    """Practices of a PCN stand near each other, as a rule; patients live near their practice."""
    practices, middle = len(pcn_of), spots[draw.integers(0, len(spots), int(pcn_of.max()) + 1)]
    stray = draw.choice([0.7, 3.0], p=[0.75, 0.25])
    sites = middle[pcn_of] + draw.normal(0, stray, (practices, 2))
    far = np.hypot(*(sites[:, None] - spots[None, :]).transpose(2, 0, 1))
    most = draw.integers(60, 400, (practices, 1))
    people = np.floor(most * np.exp(-far * draw.choice([0.4, 1.0, 1.6])))
    people[draw.random(people.shape) < 0.15] = 0
    people[draw.random(practices) < 0.03] = 0
    return people


def _teams(
    draw: np.random.Generator, residents: np.ndarray, spots: np.ndarray
) -> tuple[tuple[tuple[str, str], ...], np.ndarray]:
    """No layer, one or two; some LSOAs are shared by two teams or have none."""
    names: list[tuple[str, str]] = []
    rows: list[np.ndarray] = []
    for layer in range(int(draw.choice([0, 1, 2], p=[0.55, 0.3, 0.15]))):
        side, weight = spots[:, layer], float(draw.choice([0.1, 0.3, 1.0]))
        share = (side < draw.integers(1, 3)).astype(float)
        share = np.where(draw.random(len(side)) < 0.1, 0.5, share)
        served = draw.random(len(side)) > 0.05
        rows += [residents * served * part * weight for part in (share, 1 - share)]
        names += [(f"layer {layer}", f"Team {number}") for number in (1, 2)]
    return tuple(names), np.array(rows).reshape(len(rows), len(residents))


def _links(draw: np.random.Generator, lsoas: int, pcn_of: np.ndarray) -> Links:
    points, anchored, both = [], [], []
    pcns, everything = int(pcn_of.max()) + 1, lsoas + len(pcn_of)
    for _ in range(int(draw.choice([0, 1, 2], p=[0.65, 0.25, 0.1]))):
        one, other = draw.choice(everything, 2, replace=False).tolist()
        points.append((one, other, bool(draw.random() < 0.6)))
    for _ in range(int(draw.choice([0, 1, 2], p=[0.65, 0.25, 0.1]))):
        point = int(draw.integers(lsoas if draw.random() < 0.5 else 0, everything))
        anchored.append((point, int(draw.integers(0, pcns)), bool(draw.random() < 0.6)))
    if draw.random() < 0.1:  # a practice stays
        practice = int(np.flatnonzero(pcn_of >= 0)[0])
        anchored.append((lsoas + practice, int(pcn_of[practice]), True))
    if draw.random() < 0.2:
        one, other = draw.choice(pcns, 2, replace=False).tolist()
        both.append((one, other, bool(draw.random() < 0.5)))
    return Links(tuple(points), tuple(anchored), tuple(both))


def made_place(instance: Instance) -> tuple[Place, Study]:
    """The same place and rules as files would give them: squares of 1 km, teams as shares."""
    size, wide = len(instance.lsoas), 4
    cells = [box(n % wide, n // wide, n % wide + 1, n // wide + 1) for n in range(size)]
    cells = [scale(cell, 1000, 1000, origin=(0, 0)) for cell in cells]
    nest = np.zeros(size, dtype=np.int64) if instance.nest is None else instance.nest
    lsoas = gpd.GeoDataFrame(
        {
            "lsoa_name": instance.lsoas,
            "borough_code": [f"E0900000{n}" for n in nest],
            "borough_name": [f"Borough {n}" for n in nest],
            "residents": instance.residents,
            "residents_65_plus": pd.array([pd.NA] * size, dtype="Int64"),
            "imd_decile": pd.array([5] * size, dtype="Int64"),
            "imd_quintile": pd.array([3] * size, dtype="Int64"),
            "ward_code": "",
            "ward_name": "",
            "centre_e": [cell.centroid.x for cell in cells],
            "centre_n": [cell.centroid.y for cell in cells],
        },
        index=pd.Index(instance.lsoas, name="lsoa_code"),
        geometry=cells,
        crs=27700,
    )
    practices = _practices(instance)
    graph, codes = instance.graph, np.array(instance.lsoas)
    once = graph.heads < graph.tails
    neighbours = pd.DataFrame(
        {
            "lsoa_code_a": codes[graph.heads[once]],
            "lsoa_code_b": codes[graph.tails[once]],
            "bond": graph.bond[once],
        }
    ).sort_values(["lsoa_code_a", "lsoa_code_b"], ignore_index=True)
    place = Place(
        name="Made up",
        lsoa_year=2021,
        lsoas=lsoas,
        practices=practices,
        pcns=_pcns(instance),
        registrations=_registrations(instance),
        elsewhere=pd.DataFrame({"lsoa_code": [], "pcn_code": [], "patients": []}),
        neighbours=neighbours.assign(border_m=1000.0, why=""),
        cut_pairs=pd.DataFrame({"lsoa_code_a": [], "lsoa_code_b": [], "border_m": []}),
        teams=_layers(instance, lsoas),
        boroughs=lsoas.dissolve("borough_code")[["borough_name", "geometry"]],
    )
    rules = {
        "neighbourhoods": instance.neighbourhoods,
        "residents": (instance.least, instance.most),
        "nest_in": None if instance.nest is None else "borough",
    }
    data = {"registrations": "r.csv", "lsoas": "l.gpkg"}
    options = {"max_moves": 3, "effort": "quick", "best_fit": True}
    return place, Study.model_validate(
        {
            "place": {"boroughs": ["Made up"]},
            "data": data,
            "rules": rules,
            "locks": _locks(instance),
            "options": options,
        }
    )


def _practices(instance: Instance) -> gpd.GeoDataFrame:
    count = len(instance.practices)
    inside = instance.people[:count].sum(axis=1).astype(np.int64)
    return gpd.GeoDataFrame(
        {
            "practice_name": instance.practices,
            "postcode": "SQ1 1AA",
            "list_size": instance.list_size,
            "patients_inside": inside,
            "patients_outside": instance.list_size - inside,
            "pcn_code": pd.Series(
                [instance.pcns[c] if c >= 0 else None for c in instance.pcn_of],
                index=list(instance.practices),
                dtype=object,
            ),
            "borough_code": "E09000000",
        },
        index=pd.Index(instance.practices, name="practice_code"),
        geometry=[Point(500, 500)] * count,
        crs=27700,
    )


def _pcns(instance: Instance) -> pd.DataFrame:
    own = [instance.pcn_of == c for c in range(len(instance.pcns))]
    return pd.DataFrame(
        {
            "pcn_name": instance.pcns,
            "list_size": [instance.list_size[of].sum() for of in own] + instance.outside,
            "list_outside": instance.outside,
            "practices": [of.sum() for of in own],
            "practices_outside": (instance.outside > 0).astype(int),
            "span": instance.span,
            "floor": instance.floor,
            "waiver": np.where(instance.floor > 0, "", "made up"),
        },
        index=pd.Index(instance.pcns, name="pcn_code"),
    )


def _registrations(instance: Instance) -> pd.DataFrame:
    people = instance.people[: len(instance.practices)]
    rows, columns = np.nonzero(people)
    return pd.DataFrame(
        {
            "practice_code": np.array(instance.practices)[rows],
            "lsoa_code": np.array(instance.lsoas)[columns],
            "patients": people[rows, columns].astype(np.int64),
        }
    )


def _layers(instance: Instance, lsoas: gpd.GeoDataFrame) -> dict[str, TeamLayer]:
    """Weights are part of the shares, so that a layer's own weight is one."""
    layers = {}
    for key in dict.fromkeys(layer for layer, _ in instance.teams):
        rows = []
        for (layer, team), people in zip(
            instance.teams, instance.people[len(instance.practices) :], strict=True
        ):
            share = people / np.maximum(1, instance.residents)
            rows += [
                (code, team, part)
                for code, part in zip(instance.lsoas, share, strict=True)
                if layer == key and part > 0
            ]
        shares = pd.DataFrame(rows, columns=["lsoa_code", "team", "share"])
        shares = shares.sort_values(["lsoa_code", "team"], ignore_index=True)
        patches = lsoas[["geometry"]].iloc[:1].assign(team="Team 1").set_index("team")
        layers[key] = TeamLayer(key, key, 1.0, shares, patches)
    return layers


def _locks(instance: Instance) -> list[dict[str, tuple[str, str]]]:
    codes, pcns, links = (*instance.lsoas, *instance.practices), instance.pcns, instance.links
    pairs = [(codes[a], codes[b], together) for a, b, together in links.points]
    pairs += [(codes[a], pcns[c], together) for a, c, together in links.anchored]
    pairs += [(pcns[a], pcns[b], together) for a, b, together in links.pcns]
    return [{"together" if together else "apart": (one, other)} for one, other, together in pairs]
