from __future__ import annotations

import pytest

from boundaries.errors import InputError
from boundaries.read import read_plan

LSOAS = ("option_id,lsoa_code,neighbourhood", "move-0,E01000001,1", "move-0,E01000002,2",
         "move-1,E01000001,2", "move-1,E01000002,2")  # fmt: skip
PRACTICES = (
    "option_id,practice_code,neighbourhood,pcn_code_now,pcn_code_option,moved",
    "move-0,E84001,1,U00001,U00001,0",
    "move-1,E84001,2,U00001,U00002,1",
)


def test_the_files_of_a_run_and_one_option_of_them(files):
    plan = read_plan(
        files.text("l.csv", *LSOAS), files.text("p.csv", *PRACTICES), option_id="move-1"
    )
    assert plan.lsoas.to_dict() == {"E01000001": "2", "E01000002": "2"}
    assert plan.practices.to_dict() == {"E84001": "2"}
    assert (plan.option_id, plan.layer) == ("move-1", None)
    assert [source.file for source in plan.sources] == ["l.csv", "p.csv"]


def test_without_an_option_column_and_with_names(files):
    path = files.text("l.csv", "lsoa_code,neighbourhood", "E01000002,Hill", "E01000001,Mill")
    plan = read_plan(path)
    assert list(plan.lsoas.items()) == [("E01000001", "Mill"), ("E01000002", "Hill")]
    assert plan.practices is None


def fails(*arguments, **more):
    with pytest.raises(InputError) as caught:
        read_plan(*arguments, **more)
    return "\n".join(map(str, caught.value.problems))


def test_several_options_and_none_asked_for(files):
    path = files.text("l.csv", *LSOAS)
    assert "The file has 2 options. Say which one, with --option" in fails(path)
    assert "move-0, move-1." in fails(path)
    answer = fails(path, option_id="move-2")
    assert "no option 'move-2'. Did you mean 'move-" in answer


def test_every_fault_of_both_files(files):
    lsoas = files.text(
        "l.csv", "lsoa_code,neighbourhood", "E01000001,1", "E01000001,2", "E01000002,"
    )
    practices = files.text("p.csv", "practice_code,neighborhood", "E84001,1")
    answer = fails(lsoas, practices)
    assert "row 3 [E01000001]: E01000001 stands twice in the plan." in answer
    assert "row 4 [E01000002]: The row has no neighbourhood." in answer
    assert "Is it 'neighborhood'?" in answer


def test_polygons_and_other_lookups(files, squares):
    path = files.layer("plan.gpkg", squares({"label": ["North", "South"]}))
    plan = read_plan(path)
    assert plan.lsoas is None
    assert list(plan.layer.polygons.index) == ["North", "South"]
    wards = files.text("w.csv", "WD24CD,area", "E05000001,North")
    assert read_plan(wards).layer.lookup.to_numpy().tolist() == [["E05000001", "North"]]
    lsoas = files.text("x.csv", "LSOA21CD,locality", "E01000001,North")
    assert read_plan(lsoas).lsoas.to_dict() == {"E01000001": "North"}


def test_a_file_that_cannot_be_read(files):
    assert "This is a web page" in fails(files.text("l.csv", "<html></html>"))


def test_a_neighbourhood_of_one_row_may_be_a_slip_of_the_pen(files):
    rows = [f"E0100000{n},{'Part 1' if n < 5 else 'Part 2'}" for n in range(9)]
    plan = read_plan(files.text("l.csv", "lsoa_code,neighbourhood", *rows))
    assert not plan.problems
    rows[2] = "E01000002,Par4 1"
    plan = read_plan(files.text("m.csv", "lsoa_code,neighbourhood", *rows))
    (problem,) = plan.problems
    assert (problem.level, problem.row) == ("warning", 4)
    assert "'Par4 1' stands in one row only. Did you mean 'Part 1'?" in str(problem)
