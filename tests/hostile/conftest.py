"""What an attacker brings: a server that counts who asks it, and a process with little to spend."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading

import pytest

LEAN = """
import resource, sys
mb, seconds = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (mb << 20, mb << 20))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
sys.argv = sys.argv[2:]
from boundaries.cli import main
main()
"""


class Server:
    """A web server on this machine; `asked` are the paths that anybody asked it for."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

            do_HEAD = do_POST = do_CONNECT = do_GET  # noqa: N815 - the library's names

            def log_message(self, *words):
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="session")
def _server():
    server = Server()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def server(_server, monkeypatch):
    """The server; at the end of the test nobody has asked it anything."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # a proxy of our own must not be what saves us
    _server.asked.clear()
    yield _server
    assert _server.asked == [], "something asked the network"


@pytest.fixture
def lean():
    """Run the command line with so much memory and processor time, and no more."""

    def run(*words, megabytes=3000, seconds=60, folder=None, **more):
        command = [sys.executable, "-c", LEAN, str(megabytes), str(seconds), *map(str, words)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, **more
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    return run
