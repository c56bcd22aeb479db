"""The practices of Wrenbourne and how they came to their PCNs, placed by hand.

Goes in: `Ground`, for practices of the neighbouring boroughs. Comes out: a table of practices.
Next: `people`, which gives each one its patients.

PCNs here grew as they did in many places: by who shared a rota, a building or a federation, not
by a map. Lamplighters, Three Weirs, Northreach and Tanners each hold one practice that stands in
another's streets. Alliance is two groups at opposite ends of the borough. Old Granary reaches over
the borough's edge for a fifth practice and is under 30,000. One practice never joined.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from example_place.ground import CENTRE, SEED, Ground

PCNS = {
    "U99001": "LAMPLIGHTERS PCN",
    "U99002": "THREE WEIRS PCN",
    "U99003": "OLD GRANARY PCN",
    "U99004": "NORTHREACH PCN",
    "U99005": "TANNERS PCN",
    "U99006": "WRENBOURNE ALLIANCE PCN",
}
PRACTICES = (  # name, x, y (metres from the origin), list size, PCN; numbered from Z99001
    ("LAMPLIGHTERS HEALTH CENTRE", 4_900, 3_700, 14_500, "U99001"),
    ("ROPEWALK SURGERY", 4_300, 3_300, 11_000, "U99001"),
    ("FALLOW PARK PRACTICE", 5_450, 2_900, 9_500, "U99001"),
    ("GALLOWS GREEN MEDICAL CENTRE", 4_600, 2_300, 8_000, "U99001"),
    ("CINDER HILL SURGERY", 5_700, 3_900, 7_000, "U99001"),
    ("BEACON ROW PRACTICE", 5_240, 7_660, 8_400, "U99001"),
    ("THREE WEIRS MEDICAL CENTRE", 4_600, 5_000, 13_500, "U99002"),
    ("LOCKMEADOW SURGERY", 3_500, 4_250, 12_000, "U99002"),
    ("BELLFOUNDERS HEALTH CENTRE", 5_150, 4_350, 13_800, "U99002"),
    ("MILL POND SURGERY", 5_600, 5_800, 9_400, "U99002"),
    ("COPPICE LANE SURGERY", 6_750, 2_850, 9_300, "U99002"),
    ("OLD GRANARY SURGERY", 3_000, 2_500, 7_600, "U99003"),
    ("HOPGARDEN PRACTICE", 2_500, 3_300, 5_900, "U99003"),
    ("KILN LANE SURGERY", 3_800, 1_900, 4_700, "U99003"),
    ("SEXTONS FIELD SURGERY", 2_300, 2_400, 3_900, "U99003"),
    ("NORTHREACH HEALTH CENTRE", 5_200, 7_700, 16_200, "U99004"),
    ("DOVECOTE SURGERY", 4_300, 7_000, 11_500, "U99004"),
    ("QUILLMAKERS PRACTICE", 6_600, 7_000, 12_000, "U99004"),
    ("SIGNAL BOX SURGERY", 4_900, 6_300, 9_000, "U99004"),
    ("MARSH LANE MEDICAL CENTRE", 3_450, 3_000, 10_900, "U99004"),
    ("TANNERS YARD HEALTH CENTRE", 7_400, 5_900, 15_500, "U99005"),
    ("EELMARKET SURGERY", 8_400, 6_300, 10_400, "U99005"),
    ("INKERMAN ROAD PRACTICE", 7_800, 4_900, 12_400, "U99005"),
    ("OLDBARGE SURGERY", 6_700, 4_700, 11_500, "U99005"),
    ("POTTERS ROW PRACTICE", 3_150, 5_800, 8_900, "U99005"),
    ("JUNCTION MEDICAL CENTRE", 3_100, 5_700, 13_900, "U99006"),
    ("ABBEYLOCK SURGERY", 2_500, 6_400, 9_400, "U99006"),
    ("HEATHEND SURGERY", 6_500, 2_700, 11_000, "U99006"),
    ("SOUTHGATE ROW SURGERY", 7_500, 3_600, 12_300, "U99006"),
    ("FOUNDRY STREET PRACTICE", 2_600, 4_600, 5_600, "U"),
)
ACROSS = ("WESTERN LODGE SURGERY", 1_550, 2_900, 7_300, "U99003")  # in Ostermoor, numbered Z99101
DORMANT = ("MISSION HALL SURGERY", 6_150, 6_150)  # its list was dispersed; numbered Z99031
EDGE_PRACTICES, FAR_PRACTICES, FAR_PCNS = 12, 76, 26


def make_practices(ground: Ground) -> pd.DataFrame:
    """Return every practice, those of other boroughs too.

    Returns
    -------
    pandas.DataFrame
        Columns code, name, x, y, north, target (list size aimed at), pcn_code, pcn_name, where
        (``own``, ``edge``: in the fringe of a neighbouring borough, or ``far``), status.
    """
    rng = np.random.default_rng(SEED + 2)
    rows = [
        (f"Z99{n:03d}", name, x, y, size, pcn, "own", "A")
        for n, (name, x, y, size, pcn) in enumerate(PRACTICES, start=1)
    ]
    rows.append(("Z99031", *DORMANT, 0, "U", "own", "D"))
    rows.append(("Z99101", *ACROSS, "edge", "A"))
    rows += _edge(ground, rng)
    rows += [
        (
            f"Z99{n + 200}",
            f"FARAWAY PRACTICE {n}",
            *_far(rng),
            0,
            f"U99{n % FAR_PCNS + 200}",
            "far",
            "A",
        )
        for n in range(1, FAR_PRACTICES + 1)
    ]
    names = ["code", "name", "x", "y", "target", "pcn_code", "where", "status"]
    frame = pd.DataFrame(rows, columns=names)
    nearest = [
        int(np.argmin(np.hypot(*(ground.xy - point).T))) for point in frame[["x", "y"]].to_numpy()
    ]
    return frame.assign(
        north=ground.north[nearest], pcn_name=[_pcn_name(code) for code in frame["pcn_code"]]
    )


def _pcn_name(code: str) -> str:
    number = int(code[1:] or 0) - 99_000
    if number < 0:
        return "Unallocated"
    return PCNS.get(code) or (
        f"EDGE {number - 100} PCN" if number < 200 else f"FARAWAY {number - 199} PCN"
    )


def _edge(ground: Ground, rng: np.random.Generator) -> list[tuple[object, ...]]:
    """Return practices in the fringe, well apart, in four PCNs of the neighbouring boroughs."""
    fringe = np.flatnonzero(~ground.inside & (ground.people > 20))
    chosen: list[np.ndarray] = []
    rows: list[tuple[object, ...]] = []
    while len(rows) < EDGE_PRACTICES:
        point = ground.xy[fringe[int(rng.random() * len(fringe))]]
        if any(np.hypot(*(point - other)) < 1_150 for other in chosen):
            continue
        chosen.append(point)
        n = len(chosen)
        side = (2 if point[0] > CENTRE[0] + 300 else 0) + (1 if point[1] < CENTRE[1] else 0)
        size = round(4_300 + 2_800 * float(rng.random()))
        x, y = (float(value) for value in point)
        rows.append(
            (f"Z99{n + 101}", f"EDGE PRACTICE {n}", x, y, size, f"U99{side + 101}", "edge", "A")
        )
    return rows


def _far(rng: np.random.Generator) -> tuple[float, float]:
    """Return a point 8 to 20 km from the borough's centre."""
    angle, reach = 2 * np.pi * float(rng.random()), 8_000 + 12_000 * float(rng.random())
    return (
        round(float(CENTRE[0] + reach * np.cos(angle)), 1),
        round(float(CENTRE[1] + reach * np.sin(angle)), 1),
    )
