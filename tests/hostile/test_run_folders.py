"""A run's folder from somebody else: it writes only inside, and believes nothing that it says."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from boundaries.errors import InputError
from boundaries.pages.suppress import as_shown
from boundaries.pipeline import render, save
from boundaries.run import read_run, write_run, writing


@pytest.fixture(scope="module")
def mailed(small_run, tmp_path_factory):
    text = '[place]\nboroughs = "E09000099"\n[data]\nregistrations = "r.csv"\nlsoas = "l.gpkg"\n'
    text += "[rules]\nneighbourhoods = 3\nresidents_band = 0.6\n"
    record = {**RECORD, "study": {"text": text, "sha256": "12" * 32}}
    record["catchment"] = small_run.catchment.to_dict()
    home = tmp_path_factory.mktemp("mailed") / "run"
    write_run(replace(small_run, record=record), home)
    return home


@pytest.fixture
def folder(mailed, tmp_path):
    """A run's folder as it may be mailed; beside it a picture that is not ours."""
    (tmp_path / "victim.png").write_bytes(b"mine")
    shutil.copytree(mailed, tmp_path / "run")
    return tmp_path / "run"


RECORD = {"schema_version": "1", "tool": "boundaries", "seed": 1}


def changed(folder, **values):
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | values), encoding="utf-8")


def refusal(folder):
    """Draw a folder again; return what is said, which is one message."""
    before = {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as error:
        render(folder)
    assert before == {path: path.read_bytes() for path in before}, "something was written over"
    assert "Run the study again" in str(error.value) or "run the study again" in str(error.value)
    return str(error.value)


def test_it_is_read_when_nothing_was_done_to_it(folder):
    assert read_run(folder).options[0].option_id == "as-is"


@pytest.mark.parametrize(
    "name", ["x/../../../victim", "/x/y", "..", "", "a" * 65, "A", "a b", "a\n", "map\u202e"]
)
def test_an_options_id_is_no_path(folder, small_run, name):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["options"][0]["option_id"] = name
    changed(folder, options=record["options"])
    for table in ("lsoas", "practices"):
        rows = pd.read_csv(folder / f"{table}.csv", dtype=str)
        rows["option_id"] = rows["option_id"].replace("as-is", name)
        rows.to_csv(folder / f"{table}.csv", index=False)
    assert "options.0.option_id: String should match pattern" in refusal(folder)
    with pytest.raises(ValueError, match="is no id of an option"):
        replace(small_run.options[0], option_id=name)


def test_pictures_that_are_a_link_are_refused(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "map-as-is.png").write_bytes(b"mine")
    (folder / "pictures").symlink_to(elsewhere)

    def draw():
        with writing(folder) as draft:
            (draft / "pictures").mkdir()
            (draft / "pictures" / "map-as-is.png").write_bytes(b"ours")

    with pytest.raises(InputError, match="pictures is a link"):
        draw()
    assert [path.read_bytes() for path in elsewhere.iterdir()] == [b"mine"]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"schema_version": "2"}, "schema_version: Input should be '1'"),
        ({"tool": "jogging"}, "tool: Input should be 'boundaries'"),
        ({"options": []}, "options: "),
        ({"options": [{}]}, "options.0.option_id: Field required"),
        ({"study": "x"}, "study: "),
        ({"catchment": {"E01999999": "U00001"}}, "catchment of E01999999"),
        ({"catchment": [1]}, "catchment: "),
        ({"seed": float("inf")}, "Infinity is no number"),
        ({"seed": float("nan")}, "NaN is no number"),
    ],
)
def test_a_run_json_of_another_shape(folder, values, why):
    changed(folder, **values)
    assert why in refusal(folder)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "not JSON"),
        (b"[]", "it: "),
    ],
)
def test_a_run_json_that_is_broken(folder, content, why):
    (folder / "run.json").write_bytes(content)
    assert why in refusal(folder)


def test_a_run_json_of_gigabytes(folder):
    with (folder / "run.json").open("r+b") as stream:
        stream.truncate(3_000_000_000)  # no blocks on the disk
    with pytest.raises(InputError, match="it is over 50 MB"):
        read_run(folder)


@pytest.mark.parametrize("number", ["inf", "-inf", "1e300"])
def test_numbers_that_no_run_has(folder, number):
    flows = pd.read_csv(folder / "flows.csv", dtype=str)
    flows.loc[0, "patients"] = number
    flows.to_csv(folder / "flows.csv", index=False)
    assert "a number of patients is infinite or too large" in refusal(folder)


@pytest.mark.parametrize("table", ["flows", "pcn_facts", "lsoas", "practices", "problems"])
def test_a_table_that_is_not_one(folder, table):
    (folder / f"{table}.csv").write_text("a,b\n1,2,3,4\n\x00", encoding="utf-8")
    refusal(folder)


def caseload(run):
    """The run with a study that asks for suppression."""
    report = run.study.report.model_copy(update={"suppress": "nhs"})
    return replace(run, study=run.study.model_copy(update={"report": report}))


def test_a_suppressed_write_leaves_nothing_of_before(small_run, tmp_path):
    home = tmp_path / "out"
    save(replace(small_run, record=RECORD), home, pages=False)
    (home / "pictures").mkdir()
    (home / "pictures" / "flows-as-is.png").write_bytes(b"exact")
    (home / "map.html").write_text("exact", encoding="utf-8")
    (home / "notes.txt").write_text("mine", encoding="utf-8")
    assert (home / "place.gpkg").exists()
    save(caseload(replace(small_run, record=RECORD)), home, pages=False)
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert not left & {"place.gpkg", "map.html", "pictures/flows-as-is.png"}
    assert "notes.txt" in left
    with pytest.raises(InputError, match="small numbers are suppressed"):
        render(home)


def test_already_suppressed_is_never_believed_of_a_file(folder, small_run):
    changed(folder, suppressed="nhs")
    assert "says that its small numbers are suppressed, yet place.gpkg" in refusal(folder)
    assert as_shown(caseload(replace(small_run, record={"suppressed": "nhs"}))).suppressed


def test_an_exact_place_under_a_study_that_asks_is_suppressed_again(folder):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    text = record["study"]["text"] + '[report]\nsuppress = "nhs"\n'
    changed(folder, study={"text": text, "sha256": "0"})
    run = read_run(folder)
    assert not run.suppressed
    assert as_shown(run).suppressed
