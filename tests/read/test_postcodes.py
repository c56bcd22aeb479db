from __future__ import annotations

import pytest

from boundaries.read import find_files
from boundaries.read.postcodes import read_postcodes

REST = '"E92000001","","","","E09000001","E05000001"'


def code_point(files):
    members = {
        "Data/CSV/ha.csv": f'"HA1 1AA",10,530100,180100,{REST}\r\n"HA11AB",90,0,0,{REST}\r\n',
        "Data/CSV/n.csv": f'"N1  1AA",10,530200,180200,{REST}\r\n',
        "Data/CSV/nw.csv": f'"NW1 1AB",10,1,2,{REST}\r\n"NW1 1AA",10,broken,180200,{REST}\r\n',
        "Doc/Headers.csv": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\r\na,b,c,d,e,f,g,h,i,j\r\n",
        "Doc/licence.txt": "Terms",
    }
    return files.zip("cp.zip", members)


def test_code_point_open_and_only_the_postcodes_wanted(files):
    problems = []
    wanted = ["HA1 1AA", "HA1 1AB", "N1 1AA", "HA9 9ZZ"]
    table, (source,) = read_postcodes([code_point(files)], wanted, problems)
    assert problems == []
    assert table.index.tolist() == ["HA1 1AA", "HA1 1AB", "N1 1AA"]
    assert table["easting"].isna().tolist() == [False, True, False]
    assert table["borough_code"].tolist() == ["E09000001"] * 3
    assert (source.file, source.publisher) == ("cp.zip", "Ordnance Survey")
    assert source.rows == 3, "the members of other areas are not read"


def test_a_wrong_coordinate_is_named(files):
    problems = []
    read_postcodes([code_point(files)], ["NW1 1AA"], problems)
    (problem,) = problems
    assert (problem.file, problem.row) == ("cp.zip!Data/CSV/nw.csv", 2)
    assert problem.said == "'broken' is not a number."


def test_a_table_with_headings(files):
    path = files.text("p.csv", "pcds,oseast1m,osnrth1m,oslaua", "ha1 1aa,530100,180100,E09000001")
    table, _ = read_postcodes([path], ["HA1 1AA"], [])
    assert table.loc["HA1 1AA"].tolist() == [530_100.0, 180_100.0, "E09000001"]


def test_no_files_is_none():
    assert read_postcodes([], ["HA1 1AA"], []) == (None, [])


NSPL = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty{y}cd,ced{y}cd,"
    "lad{y}cd,wd{y}cd,nhser24cd,ctry{y}cd,rgn{y}cd,pcon24cd,ttwa15cd,itl25cd,npark16cd,lsoa21cd,"
    "msoa21cd,wz11cd"
)
ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind"
)


@pytest.mark.parametrize("year", [25, 26])
def test_nspl_whose_headings_change_with_each_issue(files, year):
    row = "HA0 1AB,HA0  1AB,HA0 1AB,198001,,0,517779,183684,1,E00000001,E99999999,E99999999,"
    row += "E09000005,E05013496,E40000003,E92000001,E12000007,E14000001,E30000234,E07000001,"
    row += "E65000001,E01000001,E02000001,E33000001"
    path = files.text("NSPL.csv", NSPL.format(y=year), row, row.replace("HA0 1AB", "HA0 1ZZ"))
    problems = []
    table, (source,) = read_postcodes([path], ["HA0 1AB"], problems)
    assert problems == []
    assert table.reset_index().to_numpy().tolist() == [["HA0 1AB", 517779, 183684, "E09000005"]]
    assert source.rows == 2
    (found,) = find_files([path])
    assert found.kind == "postcodes"


def test_onspd(files):
    row = "HA0 1AB,HA0  1AB,HA0 1AB,198001,,E99999999,E99999999,E09000005,E05013496,E43000001,0,"
    path = files.text("ONSPD.csv", ONSPD, row + "517779,183684,1")
    table, _ = read_postcodes([path], ["HA0 1AB"], [])
    assert table.loc["HA0 1AB"].tolist() == [517779, 183684, "E09000005"]
