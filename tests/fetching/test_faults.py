"""Every fault of the wire: its message, nothing lost, and no part that could be taken for whole."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace

import pytest
from tests.fetching.conftest import BRISK, PLACE, manifest, visible
from tests.fetching.publishers import Reply

from boundaries.fetching import Manners, fetch
from boundaries.read import find_files

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

LSOA_ZIP = r"files\.digital\.nhs\.uk/.*lsoa-2021"
HTML = b"<!DOCTYPE html>\n<html><body>Please log in to the guest network</body></html>"


def cut(at):
    return lambda reply: replace(reply, cut=min(at, len(reply.body)))


def status(number, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(number, b"<html>no</html>", "text/html", named)


def body(content, kind="application/octet-stream"):
    return lambda _: Reply(200, content, kind)


def spoilt(reply):
    return replace(reply, body=reply.body[:40_000] + b"\0" * 99 + reply.body[40_099:])


FAULTS = {
    "refused": ("registrations", LSOA_ZIP, status(403), "NHS England refuses to give it (403)."),
    "gone": ("registrations", LSOA_ZIP, status(404), "has nothing at this address (404)."),
    "log-in": ("practices", "epraccur", status(407), "is behind a proxy that asks for a log-in"),
    "too often": ("registrations", LSOA_ZIP, status(429), "is asked too often (429), 3 times."),
    "wait an hour": (
        "practices",
        "epraccur",
        status(429, Retry_After="3600"),
        "is asked too often (429) and asks to wait 3,600 s: try again after that.",
    ),
    "down": ("postcodes", "redirect", status(503), "Survey answers with the error 503, 3 times."),
    "cut": ("registrations", LSOA_ZIP, cut(1000), "cut the connection before the end, 3 times."),
    "cut at once": ("practices", "epraccur", cut(0), "cut the connection before the end, 3 times."),
    "silent": (
        "practices",
        "epraccur",
        lambda reply: replace(reply, drip_s=1.0),
        "stopped sending, 3 times.",
    ),
    "web page for a zip": (
        "registrations",
        LSOA_ZIP,
        body(HTML, "text/html"),
        "sends a web page instead of registrations-by-lsoa-",
    ),
    "web page for JSON": (
        "lsoas",
        "services\\?f=json",
        body(HTML, "text/html"),
        "answers with a web page instead of data.",
    ),
    "web page for a table": (
        "practices",
        "epraccur",
        body(HTML),
        "sends a web page instead of epraccur",
    ),
    "too small": (
        "practices",
        "epraccur",
        body(b"\r\n"),
        "sends only 2 bytes as epraccur.csv: too small",
    ),
    "empty": ("practices", "epraccur", body(b""), "sends only 0 bytes as epraccur.csv: too small"),
    "too large": (
        "practices",
        "epraccur",
        lambda _: Reply(200, b"x", headers={"Content-Length": "999000000"}, cut=1),
        "wants to send 999 MB, more than 200 MB.",
    ),
    "another file": (
        "practices",
        "epraccur",
        body(b"a,b\n1,2\n" * 500),
        "sends something that is not recognised as a list of practices",
    ),
    "damaged zip": (
        "registrations",
        LSOA_ZIP,
        spoilt,
        "sends something that is not recognised as patients registered",
    ),
    "zip cut short, no length": (
        "registrations",
        LSOA_ZIP,
        lambda reply: Reply(200, reply.body[:70_000], headers={"Content-Length": "none"}),
        "damaged or cut short.",
    ),
    "another check sum": (
        "postcodes",
        "redirect",
        lambda reply: replace(reply, body=reply.body + b"!"),
        "sends code-point-open.zip with another check sum than it names.",
    ),
    "no check sum": (
        "postcodes",
        "format=CSV$",
        body(b'[{"url": "https://api.os.uk/x", "md5": "?"}]'),
        "gives no check sum for its file.",
    ),
    "leads elsewhere": (
        "postcodes",
        "format=CSV$",
        body(b'[{"url": "https://elsewhere/x", "md5": "0"}]'),
        "lists 1 downloads where one was expected",
    ),
    "error in 200": (
        "lsoas",
        "FeatureServer/0/query",
        body(b'{"error": {"code": 400, "message": "Invalid query"}}'),
        "answers with an error (400: Invalid query).",
    ),
    "busy in 200": (
        "lsoas",
        "BGC_V5/FeatureServer/0/query",
        body(b'{"error": {"code": 503, "message": ""}}'),
        "answers with an error (503: no reason given), 3 times.",
    ),
    "rows left out": (
        "lsoas",
        "BGC_V5.*f=geojson",
        body(b'{"features": []}'),
        "_Boundaries_EW_BGC_V5, but counts 150.",
    ),
    "no count": (
        "lsoas",
        "BGC_V5.*returnCountOnly",
        body(b'{"count": "many"}'),
        "does not say how many rows",
    ),
    "no columns": (
        "lsoas",
        "BGC_V5/FeatureServer/0\\?f=json",
        body(b'{"fields": []}'),
        "does not say which columns",
    ),
    "round in circles": (
        "practices",
        "epraccur",
        status(302, Location="?report=epraccur"),
        "sends on from address to address without end.",
    ),
    "cells left out": (
        "residents",
        "data.csv",
        lambda reply: replace(reply, body=reply.body[:3000] + b"\r\n"),
        "answers with rows that are not whole.",
    ),
    "no month, and no reason": (
        "registrations",
        "digital.nhs.uk/data",
        status(403),
        "NHS England refuses to give it (403).",
    ),
    "no month": (
        "registrations",
        "digital.nhs.uk/data",
        status(404),
        "has no page with registrations by LSOA",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_message_and_loses_nothing(fault, bring, publishers, tmp_path):
    name, where, how, said = FAULTS[fault]
    folder = tmp_path / "downloads"
    publishers.fail(where, how)
    done = bring(name, "deprivation")
    assert [one.state for one in done.outcomes] == ["failed", "fetched"]
    assert said in done.problems[0].said
    assert done.problems[0].fix.startswith("By hand: open https://")
    assert visible(folder) == ["deprivation-2025.csv", "manifest.json"]
    assert [item.path.name for item in find_files([folder])] == ["deprivation-2025.csv"]
    publishers.heal()
    assert not bring(name).problems  # the same command goes on
    file = manifest(folder)[name]["file"]
    whole, entry = (folder / file).read_bytes(), manifest(folder)[name]
    publishers.fail(where, how)
    again = bring(name)
    assert {one.state for one in again.outcomes} <= {"failed", "unchanged"}
    assert (folder / file).read_bytes() == whole  # what was there is not lost
    assert manifest(folder)[name] == entry


def test_a_web_page_is_seen_in_a_dry_run(bring, publishers):
    publishers.fail(LSOA_ZIP, body(HTML))
    done = bring("registrations", "practices", dry_run=True)
    assert [one.state for one in done.outcomes] == ["failed", "would fetch"]
    assert "sends a web page instead" in done.problems[0].said


def test_a_file_that_was_packed_all_the_same_is_unpacked(bring, publishers, tmp_path):
    def packed(reply):
        headers = reply.headers | {"Content-Encoding": "gzip"}
        return replace(reply, body=gzip.compress(reply.body), headers=headers)

    publishers.fail("epraccur", packed)
    assert not bring("practices").problems
    path = next(path for path in publishers.world.files if path.endswith("report=epraccur"))
    assert (tmp_path / "downloads" / "epraccur.csv").read_bytes() == publishers.world.files[path]


def test_a_file_that_lost_half_of_itself_does_not_take_the_old_ones_place(
    bring, publishers, tmp_path
):
    bring("practices")
    old = (tmp_path / "downloads" / "epraccur.csv").read_bytes()
    publishers.fail(
        "epraccur", lambda _: Reply(200, old[:9000], headers={"Content-Length": "none"})
    )
    done = bring("practices")
    assert "Delete that one to take the new." in done.problems[0].said
    assert (tmp_path / "downloads" / "epraccur.csv").read_bytes() == old
    (tmp_path / "downloads" / "epraccur.csv").unlink()
    assert not bring("practices").problems


def test_a_full_disk_is_said(bring, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("boundaries.fetching.shelf.Shelf.put", full)
    done = bring("practices", "deprivation")
    assert "downloads cannot be written (No space left on device)." in done.problems[0].said
    assert len(done.problems) == 2
    assert visible(tmp_path / "downloads") == []


def test_a_cut_download_goes_on_where_it_stopped(bring, publishers, tmp_path):
    publishers.fail(LSOA_ZIP, cut(300_000))
    assert bring("registrations", attempts=1).problems
    part = next((tmp_path / "downloads" / ".fetch").glob("*.zip.part"))
    assert 200_000 < part.stat().st_size <= 300_000
    publishers.heal()
    publishers.asked.clear()
    assert not bring("registrations").problems
    brought = [one for one in publishers.asked if "lsoa-2021" in one.path]
    assert [one.status for one in brought] == [206]
    assert brought[0].headers["Range"].startswith("bytes=")
    whole = next(body for path, body in publishers.world.files.items() if "lsoa-2021" in path)
    assert next((tmp_path / "downloads").glob("*.zip")).read_bytes() == whole
    assert not list((tmp_path / "downloads" / ".fetch").glob("*.part*"))


def test_a_connection_that_is_cut_again_and_again_gets_there(bring, publishers):
    publishers.fail(LSOA_ZIP, cut(400_000), times=2)
    publishers.asked.clear()
    assert not bring("registrations").problems
    assert [one.status for one in publishers.asked if "lsoa-2021" in one.path] == [200, 206, 206]


def test_a_file_that_changed_between_the_parts_is_begun_anew(bring, publishers, tmp_path):
    publishers.fail(LSOA_ZIP, cut(300_000))
    bring("registrations", attempts=1)
    publishers.heal()
    path = next(path for path in publishers.world.files if "lsoa-2021" in path)
    old = publishers.world.files[path]
    publishers.world.files[path] = old + b"\0" * 10  # another ETag
    try:
        assert not bring("registrations").problems
        whole = next((tmp_path / "downloads").glob("*.zip")).read_bytes()
        assert whole == publishers.world.files[path]
    finally:
        publishers.world.files[path] = old


def test_a_part_of_another_address_is_not_gone_on_with(bring, publishers, tmp_path):
    hidden = tmp_path / "downloads" / ".fetch"
    hidden.mkdir(parents=True)
    (hidden / "epraccur.csv.part").write_bytes(b'"Z9')
    (hidden / "epraccur.csv.part.json").write_text(
        '{"address": "https://x", "etag": "\\"1\\"", "changed": ""}'
    )
    assert not bring("practices").problems
    sent = [one for one in publishers.asked if "getReport" in one.path]
    assert "Range" not in sent[0].headers


def test_a_publisher_that_asks_to_wait_is_waited_for(bring, publishers):
    said = []
    publishers.fail("epraccur", status(429, Retry_After="1"), times=1)
    begun = time.monotonic()
    assert not bring("practices", listen=lambda news: said.append(news.said)).problems
    assert time.monotonic() - begun >= 1
    assert "The publisher is asked too often (429); asking again in 1 s" in said


def test_a_publisher_that_sends_hardly_anything_is_left(bring, publishers):
    publishers.fail("epraccur", lambda reply: replace(reply, drip_s=0.05))
    done = bring("practices", attempts=1, slow_s=0.2, slow_bytes=1_000_000)
    assert "sends hardly anything, 1 times." in done.problems[0].said


def test_nobody_there_is_said(tmp_path):
    manners = Manners(mirror="http://127.0.0.1:9", **BRISK)
    done = fetch(PLACE, tmp_path / "d", only=["practices", "lsoas", "wards"], manners=manners)
    assert [one.state for one in done.outcomes] == ["failed"] * 3
    assert all("cannot be reached, 3 times." in one.said for one in done.problems)


def test_ctrl_c_leaves_no_half_file_and_the_next_fetch_goes_on(bring, publishers, tmp_path):
    def stop(news):
        if news.source == "registrations" and news.done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring("deprivation", "registrations", listen=stop)
    assert visible(tmp_path / "downloads") == []
    publishers.asked.clear()
    assert not bring("deprivation", "registrations").problems
    assert 206 in {one.status for one in publishers.asked if "lsoa-2021" in one.path}
