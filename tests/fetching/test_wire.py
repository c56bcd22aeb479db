"""Certificates of the operating system, proxies of the environment, redirects, and manners."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import trustme
from tests.fetching.conftest import BRISK

from boundaries.fetching.faults import WireError, in_words
from boundaries.fetching.links import _month
from boundaries.fetching.shelf import Shelf
from boundaries.fetching.trip import Trip
from boundaries.fetching.wire import Manners, Wire, fits

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def wire(folder, **manners):
    return Wire(Shelf(folder), Manners(**{**BRISK, **manners}), tell=lambda _: None)


@pytest.fixture
def secure(monkeypatch, tmp_path):
    """A server with a certificate of an authority that nobody knows yet; and the authority."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            down = self.path == "/down"
            self.send_response(302 if down else 200)
            if down:
                self.send_header("Location", "http://127.0.0.1:9/plain")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    authority = trustme.CA()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    yield f"https://127.0.0.1:{server.server_address[1]}", tmp_path / "authority.pem"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_unknown_authority_is_refused_in_words(secure, tmp_path):
    address, _ = secure
    with pytest.raises(WireError, match="certificate that this computer does not trust"):
        wire(tmp_path / "d").text(address, str)


def test_an_authority_in_the_systems_store_is_trusted(secure, tmp_path, monkeypatch):
    address, authority = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # where OpenSSL looks for the system's
    assert wire(tmp_path / "d").text(address, str) == "ok"


def test_nobody_is_led_from_https_to_http(secure, tmp_path, monkeypatch):
    address, authority = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with pytest.raises(WireError, match=r"sends on to 127\.0\.0\.1:9, which is not trusted"):
        wire(tmp_path / "d").text(f"{address}/down", str)


def test_a_proxy_of_the_environment_is_used(publishers, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", publishers.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(WireError, match="404"):
        wire(tmp_path / "d").text("http://nowhere.invalid/page", str)
    assert publishers.asked[0].path == "/page"  # the proxy was asked for it


def test_what_a_library_says_is_said_in_words():
    kinds = requests.exceptions
    for error, said in (
        (kinds.ProxyError(), "cannot be reached through the proxy"),
        (kinds.ConnectTimeout(), "does not answer in time"),
        (kinds.ReadTimeout(), "stopped sending"),
        (kinds.ConnectionError("Read timed out."), "stopped sending"),
        (kinds.ContentDecodingError(), "cut the connection"),
        (kinds.InvalidURL(), "cannot be asked"),
    ):
        assert said in str(in_words(error))


def test_a_weak_mark_promises_no_bytes():
    assert fits('W/"1"', "", name="If-Range") == {}
    assert fits('W/"1"', "Mon", name="If-Range") == {"If-Range": "Mon"}
    assert fits('W/"1"', "Mon", name="If-None-Match") == {"If-None-Match": 'W/"1"'}
    assert fits("", "Mon", name="If-None-Match") == {"If-Modified-Since": "Mon"}


@pytest.mark.parametrize("seconds", [1, 400])
def test_a_date_to_wait_for_is_understood(seconds, bring, publishers):
    later = datetime.now(UTC) + timedelta(seconds=seconds + 1)
    text = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    publishers.fail("epraccur", lambda _: publishers.refuse(429, {"Retry-After": text}), times=1)
    problems = bring("practices").problems
    assert bool(problems) == (seconds > 120)


def test_hosts_are_asked_one_after_another_with_a_pause(publishers, bring):
    bring("practices", "memberships", pause_s=0.3)
    times = [one.at for one in publishers.asked if "getReport" in one.path]
    assert len(times) == 2
    assert times[1] - times[0] >= 0.3


@pytest.mark.parametrize(
    ("today", "first"),
    [(date(2026, 11, 30), "october-2026"), (date(2027, 1, 2), "january-2027"),
     (date(2027, 3, 31), "january-2027"), (date(2026, 9, 30), "july-2026")],
)  # fmt: skip
def test_months_are_walked_back_from_today(today, first, publishers, tmp_path):
    publishers.world = type(publishers.world)()
    asking = wire(tmp_path / "d", mirror=publishers.address, today=today)
    with pytest.raises(WireError, match="last two years"):
        _month(Trip(asking, asking.shelf, ("x",), dry=False, listen=lambda _: None))
    pages = [one.path.rsplit("/", 1)[-1] for one in publishers.asked]
    assert pages[0] == first
    assert len(set(pages)) == 8
