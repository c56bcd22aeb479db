from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from tests.fetching.conftest import PLACE, manifest, visible
from typer.testing import CliRunner

import boundaries
from boundaries.cli import app
from boundaries.errors import InputError
from boundaries.fetching import SOURCES, fetch, list_sources
from boundaries.read import find_files
from boundaries.study.model import DataTable

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

DOCS = Path(__file__).resolve().parents[2] / "docs"
USUAL = [one.name for one in SOURCES if not one.asked]


def test_everything_a_study_needs_comes_and_is_recognised(bring, tmp_path):
    done = bring()
    assert not done.problems
    assert [one.source for one in done.outcomes] == USUAL
    assert {one.state for one in done.outcomes} == {"fetched"}
    folder = tmp_path / "downloads"
    rows = manifest(folder)
    assert visible(folder) == sorted([*(row["file"] for row in rows.values()), "manifest.json"])
    for one in SOURCES:
        if one.asked:
            continue
        row, path = rows[one.name], folder / rows[one.name]["file"]
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row["bytes"] == path.stat().st_size
        assert row["address"].startswith("https://")
        assert row["study_key"] == one.key
        assert row["licence"] == "Open Government Licence v3.0"
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", row["fetched"])
        assert {item.kind for item in find_files([path])} & set(one.kinds)
    assert {item.path.name for item in find_files([folder])} == set(visible(folder)) - {
        "manifest.json"
    }


def test_a_second_fetch_moves_no_bytes_but_headers(bring, publishers, tmp_path):
    bring()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "downloads").iterdir()}
    publishers.asked.clear()
    done = bring()
    assert {one.state for one in done.outcomes} == {"unchanged"}
    assert {one.status for one in publishers.asked} == {304, 404}  # the newest month is not out yet
    assert not [one for one in publishers.asked if one.status == 304 and one.sent]
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "downloads").iterdir()}
    assert {path.name for path in before} == {path.name for path in after}
    assert all(after[path] == before[path] for path in before if path.is_file())


def test_only_what_changed_is_fetched_again(bring, published, publishers, tmp_path):
    bring("practices", "residents", "wards")
    path = next(path for path in published.files if path.endswith("report=epraccur"))
    old = published.files[path]
    published.files[path] = old.replace(b"LAMPLIGHTERS", b"LAMPLIGHTER")
    try:
        done = bring("practices", "residents", "wards")
    finally:
        published.files[path] = old
    assert {one.source: one.state for one in done.outcomes} == {
        "practices": "fetched", "residents": "unchanged", "wards": "unchanged",
    }  # fmt: skip
    assert b"LAMPLIGHTER " in (tmp_path / "downloads" / "epraccur.csv").read_bytes()


def test_a_layer_that_changed_is_asked_again(bring, published, tmp_path):
    bring("centroids")
    layer = "LSOA_PopCentroids_EW_2021_V4"
    before = published.layers[layer]
    published.layers["LSOA_PopCentroids_EW_2021_V5"] = before.iloc[::-1].reset_index(drop=True)
    try:
        done = bring("centroids")
    finally:
        del published.layers["LSOA_PopCentroids_EW_2021_V5"]
    assert done.outcomes[0].state == "fetched"
    assert "V5" in manifest(tmp_path / "downloads")["centroids"]["address"]


def test_a_dry_run_asks_everybody_and_writes_nothing(bring, publishers, tmp_path):
    said = []
    done = bring(dry_run=True, listen=lambda news: said.append(news.said))
    assert {one.state for one in done.outcomes} == {"would fetch"}
    assert not (tmp_path / "downloads").exists()
    text = "\n".join(said)
    for one in USUAL:
        assert f"{one}: would fetch " in text
    assert "https://files.digital.nhs.uk/" in text
    assert "(150 rows)" in text
    big = max(one.sent for one in publishers.asked)
    assert big < 50_000  # no file, only lists


def test_fetch_init_check_assess_with_one_command_each(publishers, tmp_path, monkeypatch):
    monkeypatch.setenv("BOUNDARIES_MIRROR", publishers.address)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for words in (
        ["fetch", PLACE, "-o", "downloads"],
        ["init", PLACE, "--data", "downloads", "-o", "place.toml"],
        ["check", "place.toml"],
    ):
        answer = runner.invoke(app, words)
        assert answer.exit_code == 0, answer.output
    run = boundaries.assess("place.toml")
    assert (len(run.place.lsoas), len(run.place.practices), len(run.place.pcns)) == (150, 30, 6)
    study = (tmp_path / "place.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^(\w+) = .*downloads/", study, re.MULTILINE))
    assert keys >= {"registrations", "lsoas", "memberships", "practices", "postcodes", "residents",
                    "centroids", "deprivation", "boroughs"}  # fmt: skip


def test_what_fails_names_the_page_and_the_rest_goes_on(publishers, tmp_path, monkeypatch):
    monkeypatch.setenv("BOUNDARIES_MIRROR", publishers.address)
    publishers.fail("report=epraccur", lambda _: publishers.refuse(403))
    only = ["--only", "practices", "--only", "deprivation"]
    answer = CliRunner().invoke(app, ["fetch", PLACE, "-o", str(tmp_path / "d"), *only])
    assert answer.exit_code == 1
    assert "NHS England refuses to give it (403)." in answer.output
    assert (
        "By hand: open https://digital.nhs.uk/services/organisation-data-service/" in answer.output
    )
    assert visible(tmp_path / "d") == ["deprivation-2025.csv", "manifest.json"]


def test_the_list_is_what_the_docs_say():
    answer = CliRunner().invoke(app, ["fetch", "--list"])
    assert answer.exit_code == 0
    text = (DOCS / "input-files.md").read_text(encoding="utf-8")
    begin, end = "<!-- boundaries fetch --list -->\n", "<!-- end of the list -->"
    assert text.split(begin)[1].split(end)[0] == answer.output == list_sources()


def test_every_source_has_what_a_person_needs():
    keys = set(DataTable.model_fields)
    for one in SOURCES:
        assert one.key in keys or (not one.key and one.asked), one.name
        assert one.address.startswith("https://")
        assert one.page.startswith("https://")
        assert one.often
        assert one.kinds or not one.key
    assert len({one.name for one in SOURCES}) == len(SOURCES)


def test_wrong_use_is_said_before_anything_is_written(bring, tmp_path):
    with pytest.raises(InputError, match="Did you mean practices"):
        bring("practises")
    with pytest.raises(InputError, match="Wrenbourne"):
        bring(place="Wrenborne")
    with pytest.raises(InputError, match="Say which place"):
        fetch(" ", tmp_path / "downloads")
    assert not visible(tmp_path / "downloads")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        bring(folder=tmp_path / "file")
    assert CliRunner().invoke(app, ["fetch"]).exit_code == 2
    assert CliRunner().invoke(app, ["fetch", PLACE, "--mirror", "ftp://x", "-o", "x"]).exception


def test_a_users_own_file_is_never_replaced(bring, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "epraccur.csv").write_text("mine\n")
    done = bring("practices")
    assert "was not put there by fetch: move it away" in done.problems[0].said
    assert (folder / "epraccur.csv").read_text() == "mine\n"
    (folder / "epraccur.csv").unlink()
    assert not bring("practices").problems
    (folder / "epraccur.csv").write_text("changed by hand\n")
    done = bring("practices")
    assert "has been changed since it was fetched" in done.problems[0].said
    assert (folder / "epraccur.csv").read_text() == "changed by hand\n"


def test_a_manifest_of_somebody_else_is_refused_and_leads_nowhere(bring, tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "manifest.json").write_text("[1, 2]")
    with pytest.raises(InputError, match="no manifest that fetch wrote"):
        bring("practices")
    outside = tmp_path / "outside.csv"
    outside.write_text("stays\n")
    entry = dict.fromkeys(
        (
            "source",
            "address",
            "fetched",
            "sha256",
            "etag",
            "changed",
            "study_key",
            "publisher",
            "licence",
        ),
        "",
    )
    entry |= {"file": "../outside.csv", "bytes": 6}
    (folder / "manifest.json").write_text(json.dumps({"files": [entry]}))
    assert not bring("practices").problems
    assert outside.read_text() == "stays\n"


@pytest.mark.parametrize("where", [".fetch", ".fetch/epraccur.csv.part"])
def test_a_folder_that_leads_elsewhere_is_refused(where, bring, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.csv").write_text("stays\n")
    link = tmp_path / "downloads" / where
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "mine.csv" if where.endswith("part") else outside)
    with pytest.raises(InputError, match="leads elsewhere"):
        bring("practices")
    assert [path.name for path in outside.iterdir()] == ["mine.csv"]
    assert (outside / "mine.csv").read_text() == "stays\n"
