"""Publishers on 127.0.0.1: each host is a folder of one server, and speaks as the real one does.

A `World` holds what is published; `Publishers` serves it under ``http://127.0.0.1:PORT/HOST/…``
(what ``--mirror`` takes), counts what it sends, and can be told to fail in any way that a wire can.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from shapely.geometry import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

ONS = "ESMARspQHYMw9BZ9/arcgis/rest/services"
PAGES = "data-and-information/publications/statistical/patients-registered-at-a-gp-practice"


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # bytes after which the connection is cut
    drip_s: float = 0.0  # wait before each kilobyte


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: str = ""
    status: int = 0
    sent: int = 0
    at: float = field(default_factory=time.monotonic)


@dataclass
class World:
    """What is published: files by host and path, layers by service, cells by dataset."""

    files: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, pd.DataFrame] = field(default_factory=dict)
    cells: dict[str, pd.DataFrame] = field(default_factory=dict)  # index code, columns by age group
    page_of_layer: int = 1000
    flag: str = "top"  # where exceededTransferLimit stands: top or properties
    ages: dict[str, str] = field(default_factory=lambda: {"200": "All Ages", "209": "Aged 65+"})
    cells_at_once: int = 25_000
    year: str = "2024"  # of the newest estimates


def page(links: list[str]) -> bytes:
    items = "".join(f'<li><a href="{link}">{link.rsplit("/", 1)[-1]}</a></li>' for link in links)
    return f"<!DOCTYPE html><html><body><ul>{items}</ul></body></html>".encode()


class Publishers:
    """The server. Use as a context manager."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[Asked] = []
        self._faults: list[list] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        owner = self

        class Handler(_Handler):
            publishers = owner

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fail(self, where: str, how: Callable[[Reply], Reply], *, times: int = 10**6) -> None:
        """Spoil the answers of addresses that match, so many times."""
        self._faults.append([re.compile(where), how, times])

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> Reply:
        return Reply(status, b"<html><body>No</body></html>", "text/html", headers or {})

    def heal(self) -> None:
        self._faults.clear()

    def sent(self) -> int:
        """Bytes of bodies sent since the last time this was asked."""
        total = sum(one.sent for one in self.asked)
        self.asked.clear()
        return total

    def reply(self, asked: Asked, form: dict[str, str]) -> Reply:
        whole = self._conditional(self._answer(asked, form), asked)
        with self._lock:
            for fault in self._faults:
                words = "&".join(f"{k}={v}" for k, v in {**asked.query, **form}.items())
                target = f"{asked.path}?{words} {asked.raw}"
                if fault[2] > 0 and fault[0].search(target):
                    fault[2] -= 1
                    return fault[1](whole)
        return whole

    def _answer(self, asked: Asked, form: dict[str, str]) -> Reply:
        path = asked.path.lstrip("/")
        if path.startswith(f"services1.arcgis.com/{ONS}"):
            return self._arcgis(path.split(ONS, 1)[1].strip("/"), {**asked.query, **form})
        if path.startswith("www.nomisweb.co.uk/api/v01/dataset/"):
            return self._nomis(path.rsplit("/dataset/", 1)[1], asked.query)
        body = self.world.files.get(f"{path}?{asked.raw}" if asked.raw else path)
        if body is None:
            return Reply(404, b"<html><body>Not found</body></html>", "text/html")
        kind = "text/html" if body[:9] == b"<!DOCTYPE" else "application/octet-stream"
        return _tagged(body, kind)

    def _conditional(self, reply: Reply, asked: Asked) -> Reply:
        etag = reply.headers.get("ETag", "")
        if not etag or asked.method == "POST":
            return reply
        if asked.headers.get("If-None-Match") == etag:
            return Reply(304, headers={"ETag": etag})
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("Range", ""))
        if span and asked.headers.get("If-Range", etag) == etag:
            start, size = int(span[1]), len(reply.body)
            if start >= size:
                return Reply(416, headers={"ETag": etag, "Content-Range": f"bytes */{size}"})
            last = min(int(span[2] or size), size - 1)
            headers = {"ETag": etag, "Content-Range": f"bytes {start}-{last}/{size}"}
            return Reply(206, reply.body[start : last + 1], reply.kind, headers)
        return reply

    def _arcgis(self, path: str, query: dict[str, str]) -> Reply:
        if not path:
            rows = [{"name": name, "type": "FeatureServer"} for name in self.world.layers]
            rows.append({"name": "LSOA_2021_EW_BGC_V9", "type": "MapServer"})
            return _json({"services": rows})
        service, _, rest = path.partition("/")
        layer = self.world.layers.get(service)
        if layer is None:
            return _json({"error": {"code": 400, "message": "Invalid URL", "details": []}})
        if rest == "FeatureServer/0":
            names = [{"name": name} for name in layer.columns if name != "geometry"]
            edited = int(
                pd.util.hash_pandas_object(layer.drop(columns="geometry", errors="ignore")).sum()
            )
            return _json({"fields": names, "maxRecordCount": self.world.page_of_layer,
                          "editingInfo": {"lastEditDate": edited % 10**9}})  # fmt: skip
        return self._query(layer, query)

    def _query(self, layer: pd.DataFrame, query: dict[str, str]) -> Reply:
        where, rows = query["where"], layer
        if where != "1=1":
            match = re.fullmatch(r"(\w+) IN \(('[A-Z]\d{8}'(?:,'[A-Z]\d{8}')*)\)", where)
            codes = match[2].replace("'", "").split(",") if match else []
            if not match or match[1] not in layer or len(codes) > 150:
                error = {"code": 400, "message": "Cannot perform query. Invalid query parameters."}
                return _json({"error": error | {"details": ["'where' clause is invalid."]}})
            rows = layer[layer[match[1]].isin(codes)]
        if query.get("returnCountOnly") == "true":
            return _json({"count": len(rows)})
        fields = query["outFields"].split(",")
        rows = rows.sort_values(query["orderByFields"], kind="stable")
        if query.get("returnDistinctValues") == "true":
            rows = rows[fields].drop_duplicates()
            return _json({"features": [{"attributes": row} for row in rows.to_dict("records")]})
        start = int(query.get("resultOffset", 0))
        part = rows.iloc[start : start + self.world.page_of_layer]
        return _json(self._features(part, fields, query, more=start + len(part) < len(rows)))

    def _features(
        self, part: pd.DataFrame, fields: list[str], query: dict[str, str], *, more: bool
    ) -> dict:
        shapes = [None] * len(part)
        if query.get("returnGeometry") == "true":
            geometry = (
                part.geometry if query.get("outSR") == "27700" else part.geometry.to_crs(4326)
            )
            shapes = [mapping(shape) for shape in geometry]
        table = part[fields].astype(object).where(part[fields].notna(), None)
        features = [
            {"type": "Feature", "properties": row, "geometry": shape}
            for row, shape in zip(table.to_dict("records"), shapes, strict=True)
        ]
        answer = {"type": "FeatureCollection", "features": features}
        if more and self.world.flag == "top":
            answer["exceededTransferLimit"] = True
        elif more:
            answer["properties"] = {"exceededTransferLimit": True}
        return answer

    def _nomis(self, path: str, query: dict[str, str]) -> Reply:
        dataset, _, rest = (
            path.partition(".data.csv") if ".data.csv" in path else path.partition("/")
        )
        if rest == "c_age.def.sdmx.json":
            code = [
                {"value": int(k), "description": {"value": v}} for k, v in self.world.ages.items()
            ]
            return _json({"structure": {"codelists": {"codelist": [{"code": code}]}}})
        table = self.world.cells[dataset]
        ages = query["c_age"].split(",")
        rows = [
            f'"{self.world.year}","{code}","{row["name"]}",{age},{row[age]}'
            for code, row in table.to_dict("index").items()
            for age in ages
        ]
        start, most = (
            int(query["RecordOffset"]),
            min(int(query["RecordLimit"]), self.world.cells_at_once),
        )
        head = '"DATE_NAME","GEOGRAPHY_CODE","GEOGRAPHY_NAME","C_AGE","OBS_VALUE","RECORD_COUNT"'
        lines = [head, *(f"{row},{len(rows)}" for row in rows[start : start + most])]
        return _tagged("\r\n".join(lines).encode() + b"\r\n", "text/csv")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing when somebody hangs up: that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    publishers: Publishers

    def do_GET(self) -> None:
        self._go({})

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._go({name: values[0] for name, values in parse_qs(text).items()})

    def _go(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(self.command, parts.path, query, dict(self.headers.items()), parts.query)
        reply = self.publishers.reply(asked, form)
        silent = self.command == "HEAD" or reply.status == 304
        sent = 0 if silent else len(reply.body[: reply.cut])
        self.publishers.asked.append(
            replace(asked, query={**query, **form}, status=reply.status, sent=sent)
        )
        self.send_response(reply.status)
        headers = {
            "Content-Type": reply.kind,
            "Content-Length": str(len(reply.body)),
        } | reply.headers
        for name, value in headers.items():
            if value != "none":
                self.send_header(name, value)
        if headers["Content-Length"] == "none":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if not silent:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        step = 1024 if reply.drip_s else max(1, len(body))
        try:
            for start in range(0, len(body), step):
                time.sleep(reply.drip_s)
                self.wfile.write(body[start : start + step])
        except OSError:
            self.close_connection = True
        if reply.cut is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def _tagged(body: bytes, kind: str) -> Reply:
    return Reply(200, body, kind, {"ETag": f'"{hashlib.sha256(body).hexdigest()}"'})


def _json(answer: object) -> Reply:
    return _tagged(json.dumps(answer).encode(), "application/json")


@contextmanager
def publishing(world: World):
    with Publishers(world) as publishers:
        yield publishers


def as_frame(frame: gpd.GeoDataFrame, names: dict[str, str]) -> gpd.GeoDataFrame:
    """Give a layer as ONS publishes it: these columns under these names."""
    return frame[[*names, "geometry"]].rename(columns=names)
