"""Small files in the publishers' own formats, made on the spot."""

from __future__ import annotations

import warnings
import zipfile

import geopandas as gpd
import pytest
import xlsxwriter
from shapely.geometry import box

HEAD = "PUBLICATION,EXTRACT_DATE,PRACTICE_CODE,PRACTICE_NAME,LSOA_CODE,SEX,NUMBER_OF_PATIENTS"
ROWS = (
    "GP_PRAC_PAT_LIST,01Jul2022,E84001,ELM ROAD,E01000001,ALL,120",
    "GP_PRAC_PAT_LIST,01Jul2022,E84001,ELM ROAD,E01000002,ALL,80",
    "GP_PRAC_PAT_LIST,01Jul2022,E84001,ELM ROAD,NO2011,ALL,3",
    "GP_PRAC_PAT_LIST,01Jul2022,E84002,OAK LANE,E01000002,ALL,50",
)
EPCN_HEAD = [
    "Partner\nOrganisation\nCode", "Partner\nName", "Practice\nParent\nSub ICB Loc Code",
    "Practice\nParent\nSub ICB Loc Name", "PCN Code", "PCN Name", "PCN Parent\nSub ICB Loc Code",
    "PCN Parent\nSub ICB Loc Name", "Practice to PCN\nRelationship\nStart Date",
    "Practice to PCN\nRelationship\nEnd Date", "Practice Sub ICB Loc and PCN Sub ICB Loc Match ",
]  # fmt: skip


class Files:
    """Writes files into a folder and returns their paths."""

    def __init__(self, folder):
        self.folder = folder

    def text(self, name, *lines, encoding="utf-8", end="\r\n"):
        path = self.folder / name
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return path

    def registrations(self, name="r.csv", rows=ROWS, head=HEAD, **more):
        return self.text(name, head, *rows, **more)

    def zip(self, name, members):
        path = self.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    def sheet(self, name, rows, title="Sheet1", first=None):
        path = self.folder / name
        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
        for sheet_title, sheet_rows in [*(first or []), (title, rows)]:
            sheet = book.add_worksheet(sheet_title)
            for number, row in enumerate(sheet_rows):
                sheet.write_row(number, 0, row)
        book.close()
        return path

    def epcn(self, name="epcn.xlsx", members=(), head=EPCN_HEAD):
        rows = [[c, n, "36L", "X", p, q, "36L", "X", s, e, True] for c, n, p, q, s, e in members]
        first = [("PCNDetails", [["PCN Code", "PCN Name", "Open Date"], ["U00001", "ELM", "2019"]])]
        return self.sheet(name, [head, *rows], "PCN Core Partner Details", first)

    def layer(self, name, frame, **more):
        path = self.folder / name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a layer without a reference system is meant
            frame.to_file(path, **more)
        return path


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


@pytest.fixture
def squares():
    """Make squares of 1 km in a row, with attributes; EPSG:27700 unless told otherwise."""

    def make(columns, crs=27700):
        count = len(next(iter(columns.values())))
        shapes = [
            box(530_000 + 1000 * n, 180_000, 531_000 + 1000 * n, 181_000) for n in range(count)
        ]
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=27700)
        return frame.to_crs(crs)

    return make


@pytest.fixture
def lsoas(squares):
    return squares(
        {
            "LSOA11CD": ["E01000001", "E01000002", "E01000003"],
            "LSOA11NM": ["Elmford 001A", "Elmford 001B", "Oakham 001A"],
            "LAD11CD": ["E09000001", "E09000001", "E09000002"],
            "LAD11NM": ["Elmford", "Elmford", "Oakham"],
        }
    )
