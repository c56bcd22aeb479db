"""A borough from the shapes that are published today tells the same as from the files of 2022."""

from __future__ import annotations

import csv
import io
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import boundaries

pytestmark = pytest.mark.london

STATUS = {"A": "ACTIVE", "C": "INACTIVE", "D": "DORMANT", "P": "PROPOSED"}
ROLES = {  # prescribing setting of 2022 to role of 2026, held against each other by practice code
    "0": "RO72", "1": "RO87", "2": "RO80", "3": "RO80|RO87", "4": "RO76", "8": "RO255",
    "9": "RO247", "10": "RO250", "11": "RO252", "12": "RO259", "13": "RO249", "14": "RO246",
}  # fmt: skip


def quoted(path, rows, *, end="\r\n"):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(rows)


@pytest.fixture(scope="module")
def folders(london, tmp_path_factory):
    """The files of July 2022 cut to London's practices; and the same in today's shapes."""
    nhs, folder = london / "published" / "nhs", tmp_path_factory.mktemp("shapes")
    before, now = folder / "2022", folder / "2026"
    before.mkdir()
    now.mkdir()
    ours = set(pd.read_csv(london / "london" / "practices.csv")["practice_code"])
    registrations(nhs / "gp-reg-pat-prac-lsoa-male-female-July-2022.zip", ours, before, now)
    epraccur(nhs / "epraccur_2022-12.csv", before, now)
    partners(nhs / "ePCN_2023-01.xlsx", before, now)
    residents(london / "published" / "ons" / "london-mid2020-pop.csv", before, now)
    postcodes(london / "published" / "os" / "codepo_london.zip", before, now)
    for each in (before, now):
        shapes = london / "published" / "ons" / "london-2011-lsoa-gen20-shp.zip"
        (each / shapes.name).write_bytes(shapes.read_bytes())
    return before, now


def registrations(path, ours, before, now):
    with zipfile.ZipFile(path) as archive, archive.open("gp-reg-pat-prac-lsoa-all.csv") as stream:
        frame = pd.read_csv(stream, dtype=str, keep_default_na=False)
    frame = frame[frame["PRACTICE_CODE"].isin(ours)]
    frame.to_csv(before / "gp-reg-pat-prac-lsoa-all.csv", index=False, lineterminator="\r\n")
    text = frame.assign(EXTRACT_DATE="2022-07-01").to_csv(index=False, lineterminator="\n")
    with zipfile.ZipFile(now / "gp-reg-pat-prac-lsoa.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gp-reg-pat-prac-lsoa-all.csv", text)


def epraccur(path, before, now):
    (before / path.name).write_bytes(path.read_bytes())
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="latin-1"), newline="")))
    for row in rows:
        row[12], row[17], row[21] = STATUS[row[12]], "", "1"
        row[25] = ROLES.get(row[25], "RO72")
    quoted(now / "getReport_epraccur.csv", rows)


def partners(path, before, now):
    (before / path.name).write_bytes(path.read_bytes())
    book = CalamineWorkbook.from_path(path)
    for sheet, name in enumerate(("epcn", "epcncorepartnerdetails")):
        rows = book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)[1:]
        quoted(now / f"getReport_{name}.csv", rows)


def residents(path, before, now):
    (before / path.name).write_bytes(path.read_bytes())
    frame = pd.read_csv(path, dtype=str)
    code = next(name for name in frame if frame[name].str.match(r"E01\d{6}").all())
    heads = {"All Ages": "Persons_All-Ages", "Aged 65+": "Persons_65+"}
    rows = [
        ["DATE_NAME", "GEOGRAPHY_CODE", "GENDER_NAME", "C_AGE_NAME", "MEASURES_NAME", "OBS_VALUE"]
    ]
    for age, head in heads.items():
        rows += [["2020", lsoa, "Total", age, "Value", value]
                 for lsoa, value in zip(frame[code], frame[head], strict=True)]  # fmt: skip
    quoted(now / "NM_2010_1.csv", rows, end="\n")


def postcodes(path, before, now):
    (before / path.name).write_bytes(path.read_bytes())
    rows = [
        ["pcd7", "pcd8", "pcds", "doterm", "east1m", "north1m", "gridind", "lad25cd", "lsoa21cd"]
    ]
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "/CSV/" in name and name.endswith(".csv"):
                for row in csv.reader(io.TextIOWrapper(archive.open(name), encoding="utf-8")):
                    code = row[0].replace(" ", "")
                    spaced = f"{code[:-3]} {code[-3:]}"
                    place = ["", ""] if row[2] == "0" else row[2:4]
                    rows.append([code, spaced, spaced, "", *place, row[1], row[8], "E01000001"])
    quoted(now / "NSPL_2026.csv", rows, end="\n")


@pytest.fixture(scope="module")
def runs(folders, tmp_path_factory):
    found = []
    for folder in folders:
        study = boundaries.init("London Borough of Brent", folder, folder / "brent.toml")
        problems = boundaries.check(study)
        assert [str(one) for one in problems if one.level == "error"] == []
        found.append((boundaries.assess(study), problems, study.read_text(encoding="utf-8")))
    return found


def test_every_file_of_today_is_used(runs):
    _, _, text = runs[1]
    for name in ("gp-reg-pat-prac-lsoa.zip", "getReport_epraccur.csv", "NM_2010_1.csv",
                 "getReport_epcncorepartnerdetails.csv", "NSPL_2026.csv"):  # fmt: skip
        assert f'"{name}"' in text


def test_the_figures_are_the_same(runs):
    (before, _, _), (now, _, _) = runs
    assert now.options[0].measures.summary == pytest.approx(before.options[0].measures.summary)
    pd.testing.assert_frame_equal(now.facts, before.facts)
    pd.testing.assert_frame_equal(now.flows, before.flows)
    pd.testing.assert_frame_equal(now.place.practices, before.place.practices)
    assert len(now.place.practices) > 40


def test_what_is_said_is_the_same_but_for_the_files(runs):
    said = [
        sorted((one.level, one.code, one.field) for one in problems if one.level != "note")
        for _, problems, _ in runs
    ]
    assert said[0] == said[1]
