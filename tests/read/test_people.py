from __future__ import annotations

import pandas as pd
import pytest

from boundaries.read.people import read_centroids, read_deprivation, read_residents, wrong_census


def good(reader, paths, **more):
    problems = []
    table, sources = reader(paths, problems, **more)
    assert [str(p) for p in problems] == []
    return table, sources


def test_mid_year_estimates(files):
    path = files.text(
        "p.csv", "LSOA11CD,LSOA11NM,Persons_All-Ages,Persons_0-15,Persons_65+",
        "E01000001,Elmford 001A,1749,296,455", 'E01000002,Elmford 001B,"1,678",264,394',
    )  # fmt: skip
    table, (source,) = good(read_residents, [path])
    assert table[["lsoa_code", "residents", "residents_65_plus", "row"]].to_numpy().tolist() == [
        ["E01000001", 1749, 455, 2],
        ["E01000002", 1678, 394, 3],
    ]
    assert source.publisher == "Office for National Statistics"


def test_the_census_table_of_nomis(files):
    path = files.text(
        "c.csv", "date,geography,geography code,Ethnic group: Total: All usual residents,"
        '"Ethnic group: Asian, Asian British or Asian Welsh"',
        "2021,City of London 001A,E01000001,1474,158", "2021,England,E92000001,999,9",
    )  # fmt: skip
    table, _ = good(read_residents, [path])
    assert table[["lsoa_code", "residents"]].to_numpy().tolist() == [["E01000001", 1474]]
    assert table["residents_65_plus"].isna().all()
    asian = "Ethnic group: Asian, Asian British or Asian Welsh"
    table, _ = good(read_residents, [path], residents_column=asian)
    assert list(table["residents"]) == [158]


def test_single_years_of_age_are_added_from_65(files):
    ages = [f"{sex}{age}" for sex in "FM" for age in range(91)]
    head = ["LSOA 2021 Code", "LSOA 2021 Name", "Total", *ages]
    rows = [["Mid-2022 population"], [], ["Notes"], head]
    rows.append(["E01000001", "Elmford 001A", 182, *[1] * 182])
    path = files.sheet("sape.xlsx", rows, "Mid-2022 LSOA 2021", [("Contents", [["About"]])])
    table, _ = good(read_residents, [path])
    assert table[["residents", "residents_65_plus", "row"]].to_numpy().tolist() == [[182, 52, 5]]


def test_a_residents_column_that_is_not_there_names_the_nearest(files):
    path = files.text("p.csv", "LSOA11CD,Persons_All-Ages", "E01000001,1749")
    problems = []
    read_residents([path], problems, residents_column="Persons All Age")
    assert problems[0].fix == "Did you mean 'Persons_All-Ages'?"


DECILE = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"


@pytest.mark.parametrize(
    "head",
    [
        ("LSOA code (2011)", "LSOA name (2011)", "Local Authority District code (2019)",
         "Index of Multiple Deprivation (IMD) Rank", DECILE),
        ("LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)",
         "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)", DECILE),
        ("lsoa11cd", "lsoa11nm", "lad11cd", "imd2019_rank", "imd2019_decile"),
    ],
)  # fmt: skip
def test_deprivation_of_either_issue(files, head):
    path = files.text("d.csv", ",".join(head), "E01000001,City of London 001A,E09000001,29199,9")
    table, (source,) = good(read_deprivation, [path])
    assert table.to_numpy().tolist() == [["E01000001", 9]]
    assert source.attribution.startswith("English Indices of Deprivation")


def test_deciles_outside_one_to_ten(files):
    path = files.text("d.csv", "lsoa11cd,imd2019_decile", "E01000001,11", "E01000002,0")
    problems = []
    read_deprivation([path], problems)
    assert [(p.row, p.said) for p in problems] == [
        (2, "The decile is not 1 to 10."),
        (3, "The decile is not 1 to 10."),
    ]


def test_centroids_as_a_table_and_as_points(files, squares):
    row = "1,E01000001,ab,532181.7642,181792.2818"
    path = files.text("c.csv", "FID,LSOA21CD,GlobalID,x,y", row, encoding="utf-8-sig")
    table, _ = good(read_centroids, [path])
    assert table.to_numpy().tolist() == [["E01000001", 532181.7642, 181792.2818]]
    frame = squares({"LSOA21CD": ["E01000001"]})
    frame["geometry"] = frame.centroid
    table, _ = good(read_centroids, [files.layer("c.gpkg", frame)])
    assert table.to_numpy().tolist() == [["E01000001", 530_500.0, 180_500.0]]


def test_centroids_in_degrees(files):
    path = files.text("c.csv", "LSOA21CD,x,y", "E01000001,0.1,51.5")
    problems = []
    read_centroids([path], problems)
    assert problems[0].said == "The point is not on the British National Grid."


def test_a_table_of_the_wrong_census():
    polygons = pd.Series(["E01000001", "E01000002"])
    (problem,) = wrong_census("p.csv", pd.Series(["E01000001", "E01033769"]), polygons, 2011)
    assert "of the 2021 census, the polygons of 2011" in problem.said
    assert "E01000002 of the polygons is not in the table" in problem.said
    assert problem.fix == "Get the table for 2011 LSOAs, or polygons of 2021."
    assert wrong_census("p.csv", pd.Series(["E01000001", "E01000002"]), polygons, 2011) == []


def test_one_of_the_years_of_a_workbook_is_taken_and_said(files):
    head = ["LSOA 2021 Code", "LSOA 2021 Name", "Total", "65+"]
    first = [("Mid-2023 LSOA 2021", [head, ["E01000001", "Elmford 001A", 150, 30]])]
    rows = [head, ["E01000001", "Elmford 001A", 160, 33]]
    path = files.sheet("sape.xlsx", rows, "Mid-2024 LSOA 2021", first)
    problems = []
    table, _ = read_residents([path], problems)
    assert table[["residents", "residents_65_plus"]].to_numpy().tolist() == [[160, 33]]
    assert [p.level for p in problems] == ["note"]
    assert "Mid-2023 LSOA 2021" in problems[0].said


def test_two_sheets_that_cannot_be_told_apart(files):
    rows = [["lsoa_code", "residents"], ["E01000001", 150]]
    path = files.sheet("p.xlsx", rows, "Men", [("Women", rows)])
    problems = []
    assert read_residents([path], problems)[0] is None
    assert "Several tables of the file would do: p.xlsx!Women, p.xlsx!Men." in problems[0].said


@pytest.mark.parametrize(
    "heading",
    ["Residence type: Total; measures: Value", "Age: Total", "All usual residents", "Total"],
)
def test_totals_of_census_tables(files, heading):
    path = files.text(
        "t.csv", f'date,geography,geography code,"{heading}"', "2021,E 1,E01000001,1474"
    )
    table, _ = good(read_residents, [path])
    assert list(table["residents"]) == [1474]


NOMIS = (
    '"DATE","DATE_NAME","GEOGRAPHY","GEOGRAPHY_NAME","GEOGRAPHY_CODE","GEOGRAPHY_TYPE","GENDER",'
    '"GENDER_NAME","C_AGE","C_AGE_NAME","MEASURES","MEASURES_NAME","OBS_VALUE","OBS_STATUS_NAME",'
    '"RECORD_OFFSET"'
)


def nomis(code, value, *, year="2024", sex="Total", age="All Ages", measure="Value"):
    return (
        f'{year},"{year}",1,"Elmford 001A","{code}","2021 super output areas",0,"{sex}",200,'
        f'"{age}",20100,"{measure}",{value},"Normal Value",0'
    )


def test_the_api_of_nomis_counts_everybody_once(files):
    path = files.text(
        "NM_2014_1.csv", NOMIS,
        nomis("E01000001", 1500, year="2023"),
        nomis("E01000001", 1600), nomis("E01000001", 800, sex="Male"),
        nomis("E01000001", 800, sex="Female"), nomis("E01000001", 240, age="Aged 65+"),
        nomis("E01000001", 100, measure="Percent"), nomis("E01000002", 1700),
        nomis("E01000002", 210, age="Aged 65+"),
        end="\n",
    )  # fmt: skip
    problems = []
    table, _ = read_residents([path], problems)
    assert table[["lsoa_code", "residents"]].to_numpy().tolist() == [
        ["E01000001", 1600],
        ["E01000002", 1700],
    ]
    assert table["residents_65_plus"].tolist() == [240, 210]
    (note,) = problems
    assert note.said == "The table has several dates (2023, 2024); 2024 was taken."


def test_the_api_of_nomis_without_a_total_is_refused(files):
    path = files.text("n.csv", NOMIS, nomis("E01000001", 800, sex="Male"), end="\n")
    problems = []
    read_residents([path], problems)
    assert problems[0].said == "No row counts everybody: C_AGE_NAME, GENDER_NAME have no total."


def test_the_bulk_table_of_nomis_and_its_download_with_titles(files):
    bulk = files.text(
        "ts001.csv",
        "date,geography,geography code,Residence type: Total; measures: Value",
        "2021,Elmford 001A,E01000001,1474",
    )
    download = files.text(
        "nomis.csv", '"TS001 - Number of usual residents"', '"ONS Crown Copyright Reserved"', "",
        '"Population","All usual residents"', "",
        '"2021 super output area - lower layer","mnemonic","Total: All usual residents"',
        '"E01000001 : Elmford 001A","E01000001",1474', "", '"Some cells are perturbed"',
    )  # fmt: skip
    for path in (bulk, download):
        table, _ = good(read_residents, [path])
        assert table[["lsoa_code", "residents"]].to_numpy().tolist() == [["E01000001", 1474]]


def test_estimates_of_three_years_in_one_workbook_with_headings_in_row_four(files):
    ages = [f"{sex}{age}" for sex in "FM" for age in range(91)]
    head = ["LAD 2023 Code", "LAD 2023 Name", "LSOA 2021 Code", "LSOA 2021 Name", "Total", *ages]

    def sheet(year, total):
        title = f"Estimates by single year of age and sex, mid-{year}"
        row = ["E09000001", "Elmford", "E01033799", "Elmford 001A", total]
        row += [1] * 182
        rest = [""] * len(head)
        return [
            [title, *rest],
            ["This worksheet contains one table.", *rest],
            ["Freeze"],
            head,
            row,
        ]

    first = [("Cover sheet", [["Population Estimates"]]), ("Notes", [["Note", "Text"]])]
    first += [(f"Mid-{year} LSOA 2021", sheet(year, year)) for year in (2022, 2023)]
    path = files.sheet("sape.xlsx", sheet(2024, 2024), "Mid-2024 LSOA 2021", first)
    problems = []
    table, (source,) = read_residents([path], problems)
    assert table[["residents", "residents_65_plus", "row"]].to_numpy().tolist() == [[2024, 52, 5]]
    assert source.file == "sape.xlsx!Mid-2024 LSOA 2021"
    (note,) = problems
    assert note.said.startswith("Of several tables that would do")


AREA = ["LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)"]
RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
SCORE = "Index of Multiple Deprivation (IMD) Score"
INCOME = [
    "Income Rank (where 1 is most deprived)",
    "Income Decile (where 1 is most deprived 10% of",
]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ([*AREA, RANK, DECILE[:80]], [29199, 9]),  # File 1: cut short at 80 characters
        ([*AREA, RANK, DECILE, *INCOME], [29199, 9, 1, 2]),  # File 2
        ([*AREA, SCORE, RANK, DECILE, "Education, Skills and Training Score"], [8.7, 29199, 9, 3]),
    ],
)
def test_files_1_2_and_7_of_2025(files, head, row):
    rows = [head, ["E01033799", "Elmford 001A", "E09000001", *row]]
    path = files.sheet("iod.xlsx", rows, "IMD25", [("Notes", [[]])])
    table, _ = good(read_deprivation, [path])
    assert table.to_numpy().tolist() == [["E01033799", 9]]


def test_a_table_with_both_censuses_is_read_by_that_of_the_place(files):
    rows = ("E01000001,E01033800,1", "E01000002,E01000002,2")
    path = files.text("both.csv", "LSOA11CD,LSOA21CD,imd_decile", *rows)
    for year, codes in ((2011, ["E01000001", "E01000002"]), (2021, ["E01033800", "E01000002"])):
        table, _ = good(read_deprivation, [path], year=year)
        assert list(table["lsoa_code"]) == codes
